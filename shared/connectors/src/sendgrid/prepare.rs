//! Everything before the one request that sends: the single send as a draft, which nobody receives yet.

use super::api::SingleSend;
use super::{Mailing, SendGrid, is_uuid, single};
use connector_kit::{Allowance, progress};
use domain::publishing::{Failure, Variant};
use ports::{Prepared, PublishCall};
use serde::{Deserialize, Serialize};

/// What begins something that SendGrid fills in: its tags now, those of unsubscribe groups, and those of before 2020.
pub(super) const TAGS: [&str; 3] = ["{{", "<%", "[%"];

/// What is kept between wake-ups.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The single send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    send: Option<String>,
    /// When it was last changed, as SendGrid tells it after it was put in order: whether anything was done with it since is known
    /// by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<String>,
    /// Another one is made, since the first was gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    anew: bool,
}

impl Progress {
    fn of(call: &PublishCall<'_>) -> Self {
        progress::kept(call).unwrap_or_default()
    }

    /// The single send that was prepared.
    pub(super) fn send(call: &PublishCall<'_>) -> Option<String> {
        Self::of(call).send.filter(|id| is_uuid(id))
    }

    /// Whether this single send is untouched since it was prepared: nobody scheduled it, not even to call that off again.
    pub(super) fn is_untouched(call: &PublishCall<'_>, found: &SingleSend) -> bool {
        found.updated_at.is_some() && Self::of(call).changed == found.updated_at
    }

    fn value(&self) -> serde_json::Value {
        progress::value(self)
    }

    /// The single send is gone: somebody deleted it, and another one is made. Once: where the second is gone as well, later
    /// tries look for it, as long as there are any, for a step costs none.
    fn begins_anew(&self) -> Result<Prepared, Failure> {
        let fresh = Self { anew: true, ..Self::default() };
        if self.anew { Err(Failure::Unavailable) } else { Ok(Prepared::More(fresh.value())) }
    }
}

/// Refuses mail without a subject, and what SendGrid would fill in: people approve texts as they read them.
fn is_plain(variant: &Variant) -> Result<(), Failure> {
    let refused = |code: &str, detail: &str| Err(Failure::Rejected { code: code.into(), detail: detail.into() });
    let link = variant.link.iter().flat_map(|link| [Some(&link.url), link.title.as_ref()]).flatten();
    let mut texts = variant.parts.iter().map(|part| &part.text).chain(&variant.title).chain(link);
    if texts.any(|text| TAGS.iter().any(|tag| text.contains(tag))) {
        return refused("merge_tag", "SendGrid fills in what begins with {{, <% or [%: write the text without that");
    }
    if variant.title.as_deref().is_none_or(|title| title.trim().is_empty()) {
        return refused("campaign_not_ready", "mail needs a subject: give the post a title");
    }
    Ok(())
}

/// The next step: the single send, and then, before every request that sends it, all that it is.
pub(super) async fn prepare(sendgrid: &SendGrid, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    is_plain(call.variant)?;
    let (mailing, time) = (Mailing::of(call.account)?, Allowance::of(call));
    let mut kept = Progress::of(call);
    let Some(id) = Progress::send(call) else {
        // First of all its id is kept: by that it is found whatever becomes of its name.
        kept.send = Some(time.run(single::made(sendgrid, &mailing, call)).await?.id);
        return Ok(Prepared::More(kept.value()));
    };
    // Hours may lie between two tries, and people there may open a draft: nothing is sent that nobody approved.
    match time.run(single::as_meant(sendgrid, &mailing, call, &id)).await? {
        Some(found) => {
            kept.changed = found.updated_at;
            Ok(Prepared::Ready(Some(kept.value())))
        }
        None => kept.begins_anew(),
    }
}
