//! The wire types of the Marketing API, named as Mailchimp names them.

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// `GET /oauth2/metadata`.
#[derive(Deserialize)]
pub(super) struct Metadata {
    /// The data centre.
    pub(super) dc: String,
    /// Where its API is.
    pub(super) api_endpoint: Option<String>,
}

/// An audience, as far as [`LIST_FIELDS`] go.
#[derive(Deserialize)]
pub(super) struct List {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) campaign_defaults: Sender,
}

/// Whom mail to an audience is from.
#[derive(Default, Deserialize)]
pub(super) struct Sender {
    #[serde(default)]
    pub(super) from_name: String,
    #[serde(default)]
    pub(super) from_email: String,
}

impl Sender {
    /// Whether mail can be from them.
    pub(super) fn is_whole(&self) -> bool {
        !self.from_name.trim().is_empty() && !self.from_email.trim().is_empty()
    }
}

/// The fields of a [`List`].
pub(super) const LIST_FIELDS: &str = "id,name,campaign_defaults";

/// `GET /lists`.
#[derive(Deserialize)]
pub(super) struct Lists {
    pub(super) lists: Vec<List>,
    pub(super) total_items: usize,
}

/// A campaign as it is made or changed.
#[derive(Serialize)]
pub(super) struct NewCampaign<'a> {
    /// `regular`; a change says nothing.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    pub(super) recipients: Recipients<'a>,
    pub(super) settings: NewSettings<'a>,
}

/// Whom it goes to.
#[derive(Serialize)]
pub(super) struct Recipients<'a> {
    pub(super) list_id: &'a str,
}

/// What it is called.
#[derive(Serialize)]
pub(super) struct NewSettings<'a> {
    pub(super) subject_line: &'a str,
    pub(super) preview_text: &'a str,
    /// Its name among campaigns, which recipients do not see.
    pub(super) title: &'a str,
    pub(super) from_name: &'a str,
    pub(super) reply_to: &'a str,
    /// Mailchimp's own footer: who sends, where they are, and how to unsubscribe.
    pub(super) auto_footer: bool,
}

/// `PUT /campaigns/{id}/content`. Mailchimp makes the plain text of it.
#[derive(Serialize)]
pub(super) struct NewContent {
    pub(super) html: String,
}

/// A campaign, as far as [`FIELDS`] go.
#[derive(Deserialize)]
pub(super) struct Campaign {
    pub(super) id: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) long_archive_url: String,
    /// How many received it so far.
    pub(super) emails_sent: Option<i64>,
    /// When it was sent, or is to be.
    pub(super) send_time: Option<String>,
    #[serde(default)]
    pub(super) recipients: Goes,
    #[serde(default)]
    pub(super) settings: Settings,
}

impl Campaign {
    /// Whether it was sent, or is being sent. That it was put away into the archive says nothing of it.
    pub(super) fn is_sent(&self, now: Timestamp) -> bool {
        let sent_at = || self.send_time.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
        match self.status.as_str() {
            "sending" | "sent" => true,
            "archived" => self.emails_sent.is_some_and(|count| count > 0) || sent_at().is_some_and(|at| at <= now),
            _ => false,
        }
    }
}

/// Whom it goes to.
#[derive(Default, Deserialize)]
pub(super) struct Goes {
    pub(super) list_id: Option<String>,
    segment_opts: Option<Segment>,
}

/// What of an audience it goes to: a segment that is kept there, or conditions of its own.
#[derive(Deserialize)]
struct Segment {
    saved_segment_id: Option<i64>,
    prebuilt_segment_id: Option<String>,
    conditions: Option<Vec<IgnoredAny>>,
}

impl Goes {
    /// Whether it goes to a part of its audience only.
    pub(super) fn is_segment(&self) -> bool {
        self.segment_opts.as_ref().is_some_and(|segment| {
            segment.saved_segment_id.is_some_and(|id| id != 0)
                || segment.prebuilt_segment_id.as_ref().is_some_and(|id| !id.is_empty())
                || segment.conditions.as_ref().is_some_and(|conditions| !conditions.is_empty())
        })
    }
}

/// What it is called, and whom it is from.
#[derive(Default, Deserialize)]
pub(super) struct Settings {
    pub(super) title: Option<String>,
    pub(super) subject_line: Option<String>,
    pub(super) preview_text: Option<String>,
    pub(super) from_name: Option<String>,
    pub(super) reply_to: Option<String>,
}

/// The fields of a [`Campaign`].
pub(super) const FIELDS: &str = "id,status,long_archive_url,emails_sent,send_time,recipients,settings";
/// The same in a list.
pub(super) const LISTED: &str =
    "total_items,campaigns.id,campaigns.status,campaigns.long_archive_url,campaigns.settings.title";

/// `GET /campaigns`.
#[derive(Deserialize)]
pub(super) struct Campaigns {
    pub(super) campaigns: Vec<Campaign>,
    pub(super) total_items: usize,
}

/// `GET /campaigns/{id}/send-checklist`.
#[derive(Deserialize)]
pub(super) struct Checklist {
    pub(super) is_ready: bool,
    #[serde(default)]
    pub(super) items: Vec<Item>,
}

/// One thing that it looks at.
#[derive(Deserialize)]
pub(super) struct Item {
    /// `success`, `warning` or `error`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) heading: String,
    #[serde(default)]
    pub(super) details: String,
}

/// A refusal (RFC 9457).
#[derive(Deserialize)]
pub(super) struct Refused {
    pub(super) title: String,
    #[serde(default)]
    pub(super) detail: String,
}
