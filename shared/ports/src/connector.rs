//! What a platform's connector must do. Roles are small; a connector offers those its platform has.

use crate::{MediaReader, PlatformApp};
use async_trait::async_trait;
use domain::PlatformId;
use domain::accounts::{Account, Profile};
use domain::inbound::Heard;
use domain::platform::{DedupeClass, Descriptor, KeyForm, Level, OAuth};
use domain::publishing::{Failure, Finding, Media, Receipt, Variant};
use jiff::Timestamp;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A platform, as every function knows it. What asks the platform is a role of its own, so that a function links no more of the
/// connectors than it uses, and nothing can be asked of one that was not given the role.
pub trait Connector: Wording {
    /// What it is.
    fn descriptor(&self) -> &Descriptor;
    /// Hosts at which it is asked, whoever's account it is, in small letters; what lies below one belongs to it. None where each account
    /// names a server of its own.
    fn hosts(&self) -> &'static [&'static str];
}

/// How posts are worded there: what can be told of them without asking anybody.
pub trait Wording: Send + Sync {
    /// The post that a person names by its id or its address, as the receipt of one of `account`'s posts; none when it
    /// names no post of theirs. It is what a person typed: nothing of it may be trusted.
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt>;
    /// The text of each part exactly as it will be sent.
    fn render(&self, variant: &Variant) -> Vec<String> {
        (0..variant.steps()).map(|part| variant.full_text(part, false)).collect()
    }
}

/// The role that connects accounts, keeps their access alive and gives it back. A platform with both ways lets people choose. An
/// account may come by one and be renewed by the other, so that what calls are made with must itself tell the connector which it is.
pub trait Connect: Connector {
    /// How its accounts are connected by consent.
    fn auth(&self) -> Option<&dyn Auth> {
        None
    }
    /// How its accounts are connected by something a person enters.
    fn keys(&self) -> Option<&dyn Keys> {
        None
    }
}

/// Every role at once: for tests, and for what holds a connector to its contract. No function has it.
pub trait AllRoles: Connect + Publish + Find + Manage {}

impl<C: Connect + Publish + Find + Manage> AllRoles for C {}

/// The platforms this build knows, in one role.
pub struct Connectors<R: ?Sized = dyn Connector> {
    all: Vec<Arc<R>>,
    absent: &'static [(&'static str, &'static str)],
}

impl<R: Connector + ?Sized> Connectors<R> {
    /// These.
    pub fn new(all: Vec<Arc<R>>) -> Self {
        Self { all, absent: &[] }
    }
    /// The same, and beside them names that people look for among platforms, each with the reason why it is none.
    #[must_use]
    pub fn without(self, absent: &'static [(&'static str, &'static str)]) -> Self {
        Self { absent, ..self }
    }
    /// By slug.
    pub fn get(&self, platform: &PlatformId) -> Option<Arc<R>> {
        self.all.iter().find(|connector| connector.descriptor().id == *platform).cloned()
    }
    /// By slug or alias, from a request.
    pub fn named(&self, name: &str) -> Option<Arc<R>> {
        self.all.iter().find(|connector| connector.descriptor().answers_to(name)).cloned()
    }
    /// All of them.
    pub fn all(&self) -> &[Arc<R>] {
        &self.all
    }
    /// Why there is no platform of this name, where the reason is worth telling.
    pub fn absent(&self, name: &str) -> Option<&'static str> {
        self.absent.iter().find(|(absent, _)| absent.eq_ignore_ascii_case(name)).map(|(_, why)| *why)
    }
}

/// A token pair as a platform hands it out.
#[derive(Debug, Clone)]
pub struct TokenPair {
    /// Access token.
    pub access: SecretString,
    /// Refresh token.
    pub refresh: Option<SecretString>,
    /// Seconds the access token lives.
    pub expires_in_s: Option<u32>,
    /// Seconds the refresh token lives, if the platform says.
    pub refresh_expires_in_s: Option<u32>,
    /// Seconds after which it is renewed before it is used, though it lives longer; none for only when it is about to end.
    pub renew_in_s: Option<u32>,
    /// What was granted.
    pub scopes: Vec<String>,
}

impl TokenPair {
    /// A token alone, which is good until somebody takes it back.
    pub fn lasting(access: SecretString) -> Self {
        Self {
            access,
            refresh: None,
            expires_in_s: None,
            refresh_expires_in_s: None,
            renew_in_s: None,
            scopes: Vec::new(),
        }
    }
}

/// Why a token call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthFailure {
    /// The platform refuses the code or the refresh token for good (`invalid_grant`).
    #[error("the platform refused the grant")]
    Refused,
    /// It did not answer, or not sensibly: the token may or may not have been rotated.
    #[error("the platform did not answer the token call")]
    Transient,
    /// Our registration is wrong (`invalid_client`, `unauthorized_client`).
    #[error("our registration with the platform is wrong: {0}")]
    Misconfigured(String),
}

/// What to send the browser off with.
#[derive(Debug, Clone)]
pub struct AuthorizeRequest {
    /// The `state`.
    pub state: String,
    /// The S256 challenge, for platforms that take PKCE.
    pub challenge: Option<String>,
    /// Where the browser comes back.
    pub redirect_uri: String,
}

/// Connecting accounts.
#[async_trait]
pub trait Auth: Send + Sync {
    /// Addresses, scopes and habits.
    fn oauth(&self) -> &OAuth;
    /// The consent address.
    fn authorize_url(&self, app: &PlatformApp, request: &AuthorizeRequest) -> String;
    /// Exchanges a code, once.
    async fn exchange(
        &self,
        app: &PlatformApp,
        code: &str,
        verifier: Option<&SecretString>,
        redirect_uri: &str,
    ) -> Result<TokenPair, AuthFailure>;
    /// Refreshes, once.
    async fn refresh(&self, app: &PlatformApp, refresh: &SecretString) -> Result<TokenPair, AuthFailure>;
    /// Takes the access back; asked only where there is [`OAuth::revoke`]. Where there are [`Connect::keys`] as well, it is asked
    /// of what a person entered, too, and does nothing about that.
    async fn revoke(&self, app: &PlatformApp, pair: &TokenPair) -> Result<(), AuthFailure>;
    /// Whom the token speaks for: the person, then pages and organisations.
    async fn profiles(&self, app: &PlatformApp, access: &SecretString) -> Result<Vec<Profile>, Failure>;
    /// The tokens that these profiles have of their own, by their ids, on platforms that give each page one. Calls of such a
    /// profile are made with its own token; every profile without one shares the consent's. Asks, and changes nothing.
    async fn own_tokens(
        &self,
        _app: &PlatformApp,
        _access: &SecretString,
        _profiles: &[Profile],
    ) -> Result<BTreeMap<String, TokenPair>, Failure> {
        Ok(BTreeMap::new())
    }
}

/// What a person entered, by the names of the descriptor's form: each entry is there, and none is empty.
pub type Entries = BTreeMap<String, SecretString>;

/// Why entries are of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFailure {
    /// This entry is wrong, and why: for the person who typed it, so it may repeat what is no secret.
    #[error("{detail}")]
    Refused {
        /// The entry's name in the form.
        field: &'static str,
        /// What is wrong with it, and how to mend it.
        detail: String,
    },
    /// The platform did not answer, or not sensibly.
    #[error("the platform did not answer")]
    Unavailable,
}

/// What good entries give.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// What calls are made with from now on, in the connector's own form. With a refresh token it is renewed by
    /// [`Keys::refresh`]; without an end it is good until somebody takes it back.
    pub pair: TokenPair,
    /// Whom it speaks for.
    pub profile: Profile,
}

impl Keyed {
    /// Entries that are themselves what calls are made with: nothing renews them.
    pub fn lasting(secret: SecretString, profile: Profile) -> Self {
        Self { pair: TokenPair::lasting(secret), profile }
    }
}

/// Connecting accounts by something a person enters.
#[async_trait]
pub trait Keys: Send + Sync {
    /// What to ask for.
    fn form(&self) -> &KeyForm;
    /// Asks the platform whether the entries are good, and whom they speak for. Nothing is kept before.
    async fn check(&self, app: &PlatformApp, entries: &Entries) -> Result<Keyed, KeyFailure>;
    /// Renews a pair that has a refresh token, once; `whose` is the account that it speaks for. Not asked of a connector
    /// that also has [`Connect::auth`]: refresh tokens are then those of consents.
    async fn refresh(
        &self,
        _app: &PlatformApp,
        _whose: &Profile,
        _refresh: &SecretString,
    ) -> Result<TokenPair, AuthFailure> {
        Err(AuthFailure::Refused)
    }
    /// Takes the access back, where a machine can: what a person entered, usually only they can take back.
    async fn revoke(&self, _app: &PlatformApp, _whose: &Profile, _pair: &TokenPair) -> Result<(), AuthFailure> {
        Ok(())
    }
}

/// One part of one delivery, as a connector sees it.
pub struct PublishCall<'a> {
    /// Our registration and base addresses.
    pub app: &'a PlatformApp,
    /// The account.
    pub account: &'a Account,
    /// A fresh access token.
    pub token: &'a SecretString,
    /// The content.
    pub variant: &'a Variant,
    /// Which part.
    pub part: usize,
    /// Names this part of this delivery, the same at every try: for platforms that take a key against doubles.
    pub key: String,
    /// When the post was made, the same at every try: for platforms whose keys hold a time.
    pub made_at: Timestamp,
    /// The receipts of the parts before it.
    pub before: &'a [Receipt],
    /// Ids of posts on the platform that other deliveries of the account hold, as far as a reading needs them.
    pub elsewhere: &'a [String],
    /// What the connector kept at an earlier wake-up.
    pub progress: Option<&'a serde_json::Value>,
    /// The probed media of the variant.
    pub media: &'a [Media],
    /// Their bytes.
    pub bytes: &'a dyn MediaReader,
    /// Now.
    pub now: Timestamp,
    /// When preparing, reading, or the request with everything that must be done for it, must be over, whatever came of it.
    pub until: Timestamp,
    /// Where [`PublishCall::tells`] keeps what it is told; none where nobody asks.
    pub levels: Option<&'a Levels>,
}

impl PublishCall<'_> {
    /// Says how the quotas of the descriptor stand, as far as the platform's answer tells, whatever else it says.
    pub fn tells(&self, told: impl IntoIterator<Item = Level>) {
        if let Some(Levels(levels)) = self.levels {
            levels.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
        }
    }
}

/// How quotas stand, as the answers of a platform told.
#[derive(Debug, Default)]
pub struct Levels(Mutex<Vec<Level>>);

impl Levels {
    /// What was told since this was last asked.
    pub fn take(&self) -> Vec<Level> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An account whose posts are read, how they did.
pub struct EngagementCall<'a> {
    /// Our registration and base addresses.
    pub app: &'a PlatformApp,
    /// The account.
    pub account: &'a Account,
    /// A fresh access token.
    pub token: &'a SecretString,
    /// Now.
    pub now: Timestamp,
}

/// An account that is asked what was said to it.
pub struct ListenCall<'a> {
    /// Our registration and base addresses.
    pub app: &'a PlatformApp,
    /// The account.
    pub account: &'a Account,
    /// A fresh access token.
    pub token: &'a SecretString,
    /// Nothing that was said before is heard.
    pub since: Timestamp,
    /// How far the account was heard, as [`HeardPage::cursor`] said; none at the beginning.
    pub cursor: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}

/// What one request heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardPage {
    /// What was said. The same may be heard again: its name ([`Heard::id`]) tells.
    pub heard: Vec<Heard>,
    /// How far the account is heard once all of that is kept, in the connector's own form.
    pub cursor: String,
    /// Whether there is more to hear now.
    pub more: bool,
}

/// What preparing came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Prepared {
    /// The part can be published; keep this between wake-ups.
    Ready(Option<serde_json::Value>),
    /// One step is done, and more are to come: keep this before the next one, so that it is not done again.
    More(serde_json::Value),
    /// The platform needs time; come back at `until` with this.
    Wait {
        /// What to keep.
        progress: serde_json::Value,
        /// When to come back.
        until: Timestamp,
    },
}

/// A published part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The proof.
    pub receipt: Receipt,
    /// Until when the platform's headers say no more may be sent for this account.
    pub quiet_until: Option<Timestamp>,
}

/// The role that publishes.
#[async_trait]
pub trait Publish: Connector {
    /// Whether this part needs [`Publish::prepare`]: a text does not.
    fn needs_preparing(&self, _call: &PublishCall<'_>) -> bool {
        false
    }
    /// Everything that may be repeated without harm: uploading pictures, asking whether they are ready. One picture at a
    /// time, and over at [`PublishCall::until`]. [`Failure::Duplicate`] says that what was prepared was published already, and
    /// [`Failure::Taken`] that it is about to be. What is kept under [`domain::publishing::FORMER`] or
    /// [`domain::publishing::DRAFT`] is still there when people have it sent again.
    async fn prepare(&self, _call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        Ok(Prepared::Ready(None))
    }
    /// The one request that publishes the part. Called only after DISPATCHING is durable; never retried inside. Where the platform
    /// publishes what it took in its own time, that is [`Failure::Taken`], and reading tells what became of it.
    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure>;
    /// Where people see what was just published, on platforms that tell it only when they are asked: one read, over at
    /// [`PublishCall::until`]. Nothing depends on it.
    async fn locate(&self, _call: &PublishCall<'_>, _receipt: &Receipt) -> Option<String> {
        None
    }
}

/// The role that reads back what may have been published. It has no way to publish.
#[async_trait]
pub trait Find: Connector {
    /// What can be known about a lost outcome on this account.
    fn dedupe(&self, account: &Account) -> DedupeClass;
    /// Reads the platform for the part, among what was posted since `since`, leaving out what is held `elsewhere`.
    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure>;
    /// What people did with these posts of the account: how often they reacted, answered and passed it on, by the ids of receipts. What
    /// is not there any more is left out. One request; asked only where the descriptor has
    /// [`domain::platform::Limits::engagement_of`], and never of more posts than that says.
    ///
    /// # Errors
    /// As of [`Find::find`].
    async fn engagement(&self, _call: &EngagementCall<'_>, _posts: &[&str]) -> Result<BTreeMap<String, u64>, Failure> {
        let detail = format!("{} is not asked how posts did", self.descriptor().name);
        Err(Failure::Unsupported { detail })
    }
    /// What was said to the account, beginning where the cursor says. One request, which only reads; asked only where the descriptor
    /// has [`domain::platform::Limits::asked`]. Whatever was said is in this page, was in an earlier one, or is in a later one: a
    /// page that cannot be read in full is a failure.
    ///
    /// # Errors
    /// As of [`Find::find`].
    async fn listen(&self, _call: &ListenCall<'_>) -> Result<HeardPage, Failure> {
        let detail = format!("{} is not asked what was said", self.descriptor().name);
        Err(Failure::Unsupported { detail })
    }
}

/// The role that deletes what was published.
#[async_trait]
pub trait Delete: Connector {
    /// Deletes a published part: that of [`PublishCall::part`], which this receipt proves.
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure>;
}

/// The role that changes the words of what was published.
#[async_trait]
pub trait Amend: Connector {
    /// Lets a published part, that of [`PublishCall::part`], which this receipt proves, say what the variant says: its text, and with
    /// the first part its title and summary. One request that changes, and may be repeated; asked only where the descriptor has
    /// [`domain::platform::AmendRule`]. `says` is what it says now, where that is known. Where a platform replaces more than the words, a
    /// reading comes before it.
    ///
    /// # Errors
    /// As of [`Publish::publish`]: [`Failure::Unconfirmed`] where nobody knows whether it took effect, else a refusal.
    async fn amend(&self, _call: &PublishCall<'_>, _says: Option<&Variant>, _receipt: &Receipt) -> Result<(), Failure> {
        let detail = format!("{} does not change what is live", self.descriptor().name);
        Err(Failure::Unsupported { detail })
    }
}

/// The roles that concern what is live.
pub trait Manage: Amend + Delete {}

impl<C: Amend + Delete> Manage for C {}
