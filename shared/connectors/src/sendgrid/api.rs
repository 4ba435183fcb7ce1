//! The wire types of API v3, named as SendGrid names them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

/// The states of a single send: one that was not sent, one whose time was set, which may be now, and one that goes out.
pub(super) const DRAFT: &str = "draft";
pub(super) const SCHEDULED: &str = "scheduled";
pub(super) const TRIGGERED: &str = "triggered";
/// How far clocks may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// A page of a listing.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) result: Vec<T>,
    #[serde(rename = "_metadata", default)]
    pub(super) metadata: Metadata,
}

/// Whether there is more.
#[derive(Default, Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    next: Option<String>,
}

impl Metadata {
    /// What the next page is asked for with: nothing after the last one, and an empty word where it does not say.
    pub(super) fn token(&self) -> Option<String> {
        let next = self.next.as_deref().filter(|next| !next.is_empty())?;
        let url = Url::parse(next).ok();
        let token = url.and_then(|url| {
            url.query_pairs().find(|(name, _)| name == "page_token").map(|(_, token)| token.into_owned())
        });
        Some(token.unwrap_or_default())
    }
}

/// A contact list, of `GET /marketing/lists`.
#[derive(Deserialize)]
pub(super) struct List {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
}

/// `GET /verified_senders`.
#[derive(Deserialize)]
pub(super) struct Senders {
    pub(super) results: Vec<Sender>,
}

/// Whom mail may be from.
#[derive(Deserialize)]
pub(super) struct Sender {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) nickname: String,
    #[serde(default)]
    pub(super) from_email: String,
    #[serde(default)]
    pub(super) verified: bool,
}

/// What recipients can unsubscribe from, of `GET /asm/groups`.
#[derive(Deserialize)]
pub(super) struct Group {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) name: String,
}

/// A single send as it is made or changed.
#[derive(Serialize)]
pub(super) struct NewSend<'a> {
    /// Which recipients do not see.
    pub(super) name: &'a str,
    pub(super) send_to: SendTo<'a>,
    pub(super) email_config: EmailConfig<'a>,
}

/// Whom it goes to.
#[derive(Serialize)]
pub(super) struct SendTo<'a> {
    pub(super) list_ids: [&'a str; 1],
}

/// What they get.
#[derive(Serialize)]
pub(super) struct EmailConfig<'a> {
    pub(super) subject: &'a str,
    pub(super) html_content: String,
    pub(super) generate_plain_content: bool,
    pub(super) editor: &'static str,
    pub(super) suppression_group_id: u64,
    pub(super) sender_id: u64,
}

/// A single send. A search tells neither whom it goes to nor what they get.
#[derive(Deserialize)]
pub(super) struct SingleSend {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    /// [`DRAFT`], [`SCHEDULED`] or [`TRIGGERED`].
    pub(super) status: String,
    /// For when it is scheduled; of a draft it says nothing.
    pub(super) send_at: Option<String>,
    /// When it was last changed. Scheduling it, and calling that off, are changes.
    pub(super) updated_at: Option<String>,
    #[serde(default)]
    pub(super) send_to: GoesTo,
    #[serde(default)]
    pub(super) email_config: Mail,
}

impl SingleSend {
    /// When it was last changed, where SendGrid tells.
    pub(super) fn changed_at(&self) -> Option<Timestamp> {
        self.updated_at.as_deref()?.parse().ok()
    }

    /// Whether it goes out, or went. One whose time is set for later was set so by somebody there.
    pub(super) fn is_sent(&self, now: Timestamp) -> bool {
        let at = || self.send_at.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
        match self.status.as_str() {
            TRIGGERED => true,
            SCHEDULED => at().is_some_and(|at| at <= now + SKEW),
            _ => false,
        }
    }
}

/// Whom it goes to.
#[derive(Default, Deserialize)]
pub(super) struct GoesTo {
    pub(super) list_ids: Option<Vec<String>>,
    pub(super) segment_ids: Option<Vec<String>>,
    pub(super) all: Option<bool>,
}

/// What they get, but for its text.
#[derive(Default, Deserialize)]
pub(super) struct Mail {
    pub(super) subject: Option<String>,
    pub(super) design_id: Option<String>,
    pub(super) suppression_group_id: Option<u64>,
    pub(super) custom_unsubscribe_url: Option<String>,
    pub(super) sender_id: Option<u64>,
}

/// `POST /marketing/singlesends/search`.
#[derive(Serialize)]
pub(super) struct Search<'a> {
    pub(super) name: &'a str,
}

/// `PUT /marketing/singlesends/{id}/schedule`.
#[derive(Serialize)]
pub(super) struct Schedule {
    pub(super) send_at: &'static str,
}

/// Its answer.
#[derive(Deserialize)]
pub(super) struct Scheduled {
    pub(super) status: String,
}

/// A refusal.
#[derive(Deserialize)]
pub(super) struct Refused {
    pub(super) errors: Vec<Error>,
}

/// What it says.
#[derive(Deserialize)]
pub(super) struct Error {
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) field: Option<String>,
}
