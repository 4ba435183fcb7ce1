//! Sources and what came in as the API shows them.

use app::Error;
use app::inbound::{Listed, NewAsked, NewSource, SourceMade};
use domain::AccountId;
use domain::inbound::{Asking, Incoming, Source};
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
    /// Who will call, or is asked: a platform's slug, or `standard` for a system that signs as Standard Webhooks ask.
    #[schema(max_length = 32, example = "standard")]
    pub platform: String,
    /// What you call it; the platform's name, or the account's, when left out.
    #[schema(max_length = 100)]
    pub name: Option<String>,
    /// What its callers prove themselves with, by name. What Herald can make is made when it is left out. None where an account is asked.
    #[schema(value_type = Option<BTreeMap<String, String>>, write_only)]
    pub secrets: Option<BTreeMap<String, SecretString>>,
    /// The account that is asked what was said to it, where its platform calls nobody.
    #[schema(value_type = Option<String>, pattern = "^acc_[0-9a-f]{32}$")]
    pub account_id: Option<AccountId>,
    /// Minutes between two askings; 15 when left out, or the fewest that the platform allows (YouTube: 60). Only with `account_id`.
    #[schema(minimum = 5, maximum = 1440)]
    pub every_minutes: Option<u16>,
}

/// What is to be made of it.
pub enum New {
    /// An address.
    Called(NewSource),
    /// An account that is asked.
    Asked(NewAsked),
}

impl TryFrom<NewSourceBody> for New {
    type Error = Error;

    fn try_from(body: NewSourceBody) -> Result<Self, Error> {
        let (platform, name, secrets) =
            (body.platform, body.name.unwrap_or_default(), body.secrets.unwrap_or_default());
        let Some(account) = body.account_id else {
            if body.every_minutes.is_some() {
                let detail =
                    "whoever calls is not asked: leave this out, or name the account that is asked in account_id";
                return Err(Error::invalid("interval_without_account", "/every_minutes", detail));
            }
            return Ok(Self::Called(NewSource { platform, name, secrets }));
        };
        if !secrets.is_empty() {
            return Err(Error::invalid("unknown_secret", "/secrets", "an account that is asked takes none"));
        }
        Ok(Self::Asked(NewAsked { platform, name, account, every_min: body.every_minutes }))
    }
}

/// How an account is asked.
#[derive(Clone, Serialize, ToSchema)]
pub struct AskedBody {
    /// The account.
    pub account_id: String,
    /// Minutes between two askings.
    pub every_minutes: u16,
    /// When its platform last answered; null before it did.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_heard_at: Option<Timestamp>,
    /// When it is asked next.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// Why it could not be asked the last time, as a code; null where it could.
    #[schema(example = "needs_reconnect")]
    pub failing: Option<String>,
    /// Since when it cannot be asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub failing_since: Option<Timestamp>,
}

impl From<&Asking> for AskedBody {
    fn from(asking: &Asking) -> Self {
        let failing = asking.failing.as_ref();
        Self {
            account_id: asking.account.to_string(),
            every_minutes: asking.every_min,
            last_heard_at: asking.heard_at,
            next_at: asking.wake_at,
            failing: failing.map(|failing| failing.code.clone()),
            failing_since: failing.map(|failing| failing.since),
        }
    }
}

/// A source.
#[derive(Clone, Serialize, ToSchema)]
pub struct SourceBody {
    /// Id.
    pub source_id: String,
    /// Who calls it, or is asked.
    pub platform: String,
    /// What you call it.
    pub name: String,
    /// The names of its secrets.
    pub secret_names: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// How its account is asked; left out of a source that is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub asked: Option<AskedBody>,
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
            asked: None,
            url: None,
            secrets: None,
            help: None,
        }
    }

    /// A source, with how its account is asked.
    pub fn listed(listed: &Listed) -> Self {
        Self { asked: listed.asking.as_ref().map(Into::into), ..Self::of(&listed.source) }
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
