//! Sources and what came in as the API shows them.

use app::inbound::{NewSource, SourceMade};
use domain::inbound::{Incoming, Source};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A source to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSourceBody {
    /// Who will call: a platform's slug, or `standard` for a system that signs as Standard Webhooks ask.
    #[schema(max_length = 32, example = "standard")]
    pub platform: String,
    /// What you call it; the platform's name when left out.
    #[schema(max_length = 100)]
    pub name: Option<String>,
    /// What its callers prove themselves with, by name. What Herald can make is made when it is left out.
    #[schema(value_type = Option<BTreeMap<String, String>>, write_only)]
    pub secrets: Option<BTreeMap<String, SecretString>>,
}

impl From<NewSourceBody> for NewSource {
    fn from(body: NewSourceBody) -> Self {
        let (name, secrets) = (body.name.unwrap_or_default(), body.secrets.unwrap_or_default());
        Self { platform: body.platform, name, secrets }
    }
}

/// A source.
#[derive(Clone, Serialize, ToSchema)]
pub struct SourceBody {
    /// Id.
    pub source_id: String,
    /// Who calls it.
    pub platform: String,
    /// What you call it.
    pub name: String,
    /// The names of its secrets.
    pub secret_names: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Its address: in the answer to making it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub url: Option<String>,
    /// The secrets that Herald made: in the answer to making it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub secrets: Option<BTreeMap<String, String>>,
    /// What to do with them at the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub help: Option<&'static str>,
}

impl SourceBody {
    /// A source without its secrets.
    pub fn of(source: &Source) -> Self {
        Self {
            source_id: source.id.to_string(),
            platform: source.platform.to_string(),
            name: source.name.clone(),
            secret_names: source.secrets.keys().cloned().collect(),
            created_at: source.created_at,
            url: None,
            secrets: None,
            help: None,
        }
    }

    /// A source that was just made, with what is shown once.
    pub fn made(made: &SourceMade) -> Self {
        let secrets = made.made.iter().map(|(name, secret)| (name.clone(), secret.expose_secret().to_owned()));
        let (url, help) = (Some(made.url.clone()), Some(made.help));
        Self { url, secrets: Some(secrets.collect()), help, ..Self::of(&made.source) }
    }
}

/// A list of sources.
#[derive(Serialize, ToSchema)]
pub struct SourcesBody {
    /// The sources, oldest first.
    pub items: Vec<SourceBody>,
}

/// An event that came in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IncomingBody {
    /// Id.
    pub incoming_id: String,
    /// `comment`, `mention`, `message`, `reaction`, `status`, `opt_out`, `opt_in`, `bounce`, `complaint` or `unknown`.
    #[schema(example = "comment")]
    pub what: &'static str,
    /// The account that it concerns, where one of yours has the id that it names.
    pub account_id: Option<String>,
    /// When it happened; when it came in, if it does not say.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When it came in.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// What it says, by its kind: who said what about which post, or where a message stands.
    #[schema(value_type = Object)]
    pub data: Value,
}

impl From<&Incoming> for IncomingBody {
    fn from(incoming: &Incoming) -> Self {
        let mut data = serde_json::to_value(&incoming.what).unwrap_or_default();
        if let Some(fields) = data.as_object_mut() {
            fields.remove("what");
        }
        Self {
            incoming_id: incoming.id.to_string(),
            what: incoming.what.name(),
            account_id: incoming.account.map(|id| id.to_string()),
            at: incoming.at,
            received_at: incoming.received_at,
            data,
        }
    }
}

/// A page of what came in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IncomingPageBody {
    /// The events, the newest first.
    pub items: Vec<IncomingBody>,
    /// Where the next page starts; none at the end.
    pub next_cursor: Option<String>,
}
