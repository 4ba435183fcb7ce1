//! Those who call us: how each of them proves itself, and what it tells.

use async_trait::async_trait;
use domain::PlatformId;
use domain::inbound::Heard;
use jiff::Timestamp;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One thing that a person enters to make a source, or Herald makes for them.
#[derive(Debug, Clone, Copy)]
pub struct SourceField {
    /// Its name in requests.
    pub name: &'static str,
    /// What it is, and where to find it.
    pub what: &'static str,
    /// What Herald makes when it is left out.
    pub made: Made,
    /// Whether this can be one.
    pub check: fn(&str) -> bool,
}

/// What Herald makes when a secret is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Nothing: only the caller has it.
    Nothing,
    /// 256 random bits in base64url.
    Token,
    /// `whsec_` and 256 random bits in base64.
    WebhookSecret,
}

/// Someone who calls us, as people choose it.
#[derive(Debug, Clone, Copy)]
pub struct SourceForm {
    /// Slug.
    pub slug: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What to do with the address at the platform.
    pub help: &'static str,
    /// What to enter.
    pub fields: &'static [SourceField],
}

/// A call as it came.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Method, in capitals.
    pub method: &'a str,
    /// The full address as the caller knows it, with the query.
    pub url: &'a str,
    /// The query, as it stands in the address.
    pub query: &'a str,
    /// The headers, names in small letters; one that was sent twice stands here twice.
    pub headers: &'a [(String, String)],
    /// The bytes of the body.
    pub body: &'a [u8],
}

impl<'a> Ask<'a> {
    /// The header of this name, if it was sent once. Of two, nobody can say which was signed.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value.as_str())
    }
}

/// What its callers prove themselves with, by the names of the form.
pub struct Proofs {
    secrets: BTreeMap<String, SecretString>,
    none: SecretString,
    document: Vec<u8>,
}

impl Proofs {
    /// These.
    pub fn new(secrets: BTreeMap<String, SecretString>) -> Self {
        Self { secrets, none: SecretString::from("none"), document: Vec::new() }
    }
    /// The same with the document that [`Inbound::relies_on`] named, as it lies there.
    #[must_use]
    pub fn with(self, document: Vec<u8>) -> Self {
        Self { document, ..self }
    }
    /// That document; empty where there is none.
    pub fn document(&self) -> &[u8] {
        &self.document
    }
    /// Those of a source that does not exist: checking with them takes the same time, and nothing passes.
    pub fn none() -> Self {
        Self::new(BTreeMap::new())
    }
    /// Whether each field of a form has one.
    pub fn fit(&self, form: &SourceForm) -> bool {
        form.fields.iter().all(|field| self.secrets.contains_key(field.name))
    }
    /// One of them; a stand-in where there is none.
    pub fn of(&self, name: &str) -> &SecretString {
        self.secrets.get(name).unwrap_or(&self.none)
    }
}

/// Why a call is not believed. For the log: the caller is told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// What should prove it is not there, or stands there twice.
    #[error("there is no proof")]
    Unproved,
    /// It was signed too long ago, or too far ahead.
    #[error("it is not of now")]
    Stale,
    /// The proof does not hold.
    #[error("the proof does not hold")]
    Wrong,
}

/// A call that is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proved {
    /// What names this call at its repetitions, where something that is proved does; else its body names it.
    pub call: Option<String>,
}

/// A call that was kept.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Names the call: for events that have no name of their own.
    pub name: &'a str,
    /// The type of its body, as the caller named it.
    pub content_type: &'a str,
    /// Its body.
    pub body: &'a [u8],
}

/// What to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// Status.
    pub status: u16,
    /// Type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// Headers beside its type, names in small letters.
    pub headers: Vec<(&'static str, String)>,
    /// An address that is read before this is answered: reading it says yes to what the call asks. Only of a call that is proved, and
    /// only such as its platform says yes at.
    pub visit: Option<String>,
}

impl Greeting {
    /// 200 with a body of this type.
    pub fn of(content_type: &'static str, body: impl Into<String>) -> Self {
        Self { status: 200, content_type, body: body.into(), headers: Vec::new(), visit: None }
    }
    /// 200 with this text.
    pub fn text(body: impl Into<String>) -> Self {
        Self::of("text/plain; charset=utf-8", body)
    }
    /// 200 with this JSON.
    pub fn json(body: &serde_json::Value) -> Self {
        Self::of("application/json", body.to_string())
    }
    /// A status without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::text("") }
    }
}

/// The role of one who calls us. It has no way out: it reads what came, and names what somebody else reads for it.
pub trait Inbound: Send + Sync {
    /// What people choose and enter.
    fn form(&self) -> &'static SourceForm;
    /// The address of a document without which this call cannot be proved: a certificate, where it is of its platform's own and nobody
    /// else could have put it there. None where nothing is needed, and where no such address is named.
    fn relies_on(&self, _ask: &Ask<'_>, _proofs: &Proofs) -> Option<String> {
        None
    }
    /// The answer to a call that only asks whether we are there; none when it is no such call.
    ///
    /// # Errors
    /// It asks, and does not prove itself.
    fn greet(&self, _ask: &Ask<'_>, _proofs: &Proofs, _now: Timestamp) -> Result<Option<Greeting>, Refused> {
        Ok(None)
    }
    /// Whether the call comes from who it says. Compares in constant time.
    ///
    /// # Errors
    /// Why not.
    fn prove(&self, ask: &Ask<'_>, proofs: &Proofs, now: Timestamp) -> Result<Proved, Refused>;
    /// The answer to a call that was kept.
    fn thanks(&self) -> Greeting {
        Greeting::empty(200)
    }
    /// What a call tells. What it does not know is told as such: nothing is left out, and nothing fails.
    fn read(&self, call: &Call<'_>) -> Vec<Heard>;
    /// Whether an event of this name, which Herald has no word for, says that the accounts it concerns were taken back by their
    /// platform or its people: then why, as a stable code.
    fn ends_access(&self, _kind: &str) -> Option<&'static str> {
        None
    }
}

/// Why a document of a platform could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDocument {
    /// There is none at this address, or none that is taken.
    #[error("there is no such document")]
    Absent,
    /// It could not be read now.
    #[error("a document of the platform could not be read")]
    Unavailable,
}

/// Reads documents of platforms that prove a call, or say yes to one. The addresses come from a connector that looked at them.
#[async_trait]
pub trait Documents: Send + Sync {
    /// The document at this address. One is kept for a while: its platform puts another one elsewhere.
    async fn read(&self, url: &str) -> Result<Vec<u8>, NoDocument>;
    /// Reads this address once, whatever it says: that it is read counts.
    async fn visit(&self, url: &str) -> Result<(), NoDocument>;
}

/// Those who call this build.
#[derive(Clone)]
pub struct Inlets(Arc<[Arc<dyn Inbound>]>);

impl Inlets {
    /// These.
    pub fn new(all: Vec<Arc<dyn Inbound>>) -> Self {
        Self(all.into())
    }
    /// By slug.
    pub fn get(&self, platform: &PlatformId) -> Option<&dyn Inbound> {
        self.0.iter().find(|inlet| inlet.form().slug == platform.as_str()).map(AsRef::as_ref)
    }
    /// All of them.
    pub fn all(&self) -> &[Arc<dyn Inbound>] {
        &self.0
    }
}
