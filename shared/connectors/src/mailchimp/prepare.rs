//! Everything before the one request that sends: the campaign with its content, which nobody receives yet.

use super::api::{Checklist, NewContent};
use super::campaign::{self, read_of};
use super::{Audience, MAX_ID, Mailchimp};
use connector_kit::{Allowance, Call, html, is_word, progress};
use domain::publishing::{Failure, Variant};
use ports::{Prepared, PublishCall};
use serde::{Deserialize, Serialize};

/// What is kept between wake-ups.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) campaign: Option<String>,
    /// Where people will read it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) archive: String,
    /// Another one is made, since the first was gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    anew: bool,
}

impl Progress {
    pub(super) fn of(call: &PublishCall<'_>) -> Self {
        progress::kept(call).unwrap_or_default()
    }

    fn value(&self) -> serde_json::Value {
        progress::value(self)
    }

    /// The campaign is gone: somebody deleted it, and another one is made. Once: where the second is gone as well, later tries
    /// look for it, as long as there are any, for a step costs none.
    fn begins_anew(&self) -> Result<Prepared, Failure> {
        let fresh = Self { anew: true, ..Self::default() };
        if self.anew { Err(Failure::Unavailable) } else { Ok(Prepared::More(fresh.value())) }
    }
}

/// What begins something that Mailchimp fills in.
pub(super) const MERGE_TAG: &str = "*|";

/// Refuses what Mailchimp would fill in: people approve texts as they read them.
fn is_plain(variant: &Variant) -> Result<(), Failure> {
    let link = variant.link.iter().flat_map(|link| [Some(&link.url), link.title.as_ref()]).flatten();
    let texts = variant.parts.iter().map(|part| &part.text).chain(&variant.title).chain(&variant.summary).chain(link);
    if texts.into_iter().any(|text| text.contains(MERGE_TAG)) {
        let detail = "Mailchimp fills in what begins with *|: write the text without that";
        return Err(Failure::Rejected { code: "merge_tag".into(), detail: detail.into() });
    }
    Ok(())
}

/// The next step: the campaign, and then, before every request that sends it, all that it is.
pub(super) async fn prepare(mailchimp: &Mailchimp, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    is_plain(call.variant)?;
    let (audience, time) = (Audience::of(call.app, call.account, call.token)?, Allowance::of(call));
    let mut kept = Progress::of(call);
    let Some(id) = kept.campaign.clone().filter(|id| is_word(id, MAX_ID)) else {
        let made = time.run(campaign::made(mailchimp, &audience, call)).await?;
        (kept.campaign, kept.archive) = (Some(made.id), made.long_archive_url);
        return Ok(Prepared::More(kept.value()));
    };
    // Hours may lie between two tries, and people there may open a draft: nothing is sent that nobody approved.
    let Some(found) = time.run(campaign::as_meant(mailchimp, &audience, call, &id)).await? else {
        return kept.begins_anew();
    };
    kept.archive = found.long_archive_url;
    let request = Call::put(audience.at(&format!("campaigns/{id}/content?fields=html")));
    let request = audience.signed(request).json(&NewContent { html: html::mail(call.variant, "") });
    let answer = time.run(mailchimp.ask(request)).await?;
    if read_of::<serde_json::Value>(&answer, call)?.is_none() {
        return kept.begins_anew();
    }
    let request = audience.signed(Call::get(audience.at(&format!("campaigns/{id}/send-checklist"))));
    let answer = time.run(mailchimp.ask(request)).await?;
    let Some(checklist) = read_of::<Checklist>(&answer, call)? else { return kept.begins_anew() };
    if !checklist.is_ready {
        let errors = checklist.items.iter().filter(|item| item.kind == "error");
        let said: Vec<String> = errors.map(|item| format!("{}: {}", item.heading, item.details)).collect();
        let detail = answer.words(&format!("the campaign is not ready to be sent: {}", said.join("; ")));
        return Err(Failure::Rejected { code: "campaign_not_ready".into(), detail });
    }
    Ok(Prepared::Ready(Some(kept.value())))
}
