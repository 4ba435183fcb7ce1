//! Everything before the one request that sends: the campaign with its content, which nobody receives yet.

use super::api::{
    Campaign, Campaigns, Checklist, FIELDS, LIST_FIELDS, LISTED, List, NewCampaign, NewContent, NewSettings, Recipients,
};
use super::error::{not_done, refused};
use super::{Audience, MAX_ID, Mailchimp};
use connector_kit::{Allowance, Answer, Call, html, is_word, segment, short_key};
use domain::publishing::{Failure, Variant};
use jiff::SignedDuration;
use ports::{Prepared, PublishCall};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Digits of the key in a campaign's name: enough that no two are the same.
const KEY: usize = 32;
/// Campaigns that a page has, and the most pages that are read.
const PAGE: usize = 1_000;
const PAGES: usize = 5;
/// The state of a campaign that was not sent.
pub(super) const DRAFT: &str = "save";

/// What is kept between wake-ups.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) campaign: Option<String>,
    /// Where people will read it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) archive: String,
    /// Its content is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    filled: bool,
}

impl Progress {
    pub(super) fn of(call: &PublishCall<'_>) -> Self {
        call.progress.and_then(|kept| serde_json::from_value(kept.clone()).ok()).unwrap_or_default()
    }

    fn value(&self) -> serde_json::Value {
        // Its own shape always serialises.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The name of this delivery's campaign: the same at every try, so that one whose answer was lost is found and not made again.
pub(super) fn name(call: &PublishCall<'_>) -> String {
    format!("herald-{}", short_key(&call.key, KEY))
}

/// Refuses what Mailchimp would fill in: people approve texts as they read them.
fn is_plain(variant: &Variant) -> Result<(), Failure> {
    let link = variant.link.iter().flat_map(|link| [Some(&link.url), link.title.as_ref()]).flatten();
    let texts = variant.parts.iter().map(|part| &part.text).chain(&variant.title).chain(&variant.summary).chain(link);
    if texts.into_iter().any(|text| text.contains("*|")) {
        let detail = "Mailchimp fills in what stands between *| and |*: write the text without";
        return Err(Failure::Rejected { code: "merge_tag".into(), detail: detail.into() });
    }
    Ok(())
}

/// An answer of success as the type that it should have.
fn read<T: DeserializeOwned>(answer: &Answer, call: &PublishCall<'_>) -> Result<T, Failure> {
    if answer.status == 200 { answer.json().ok_or(Failure::Unavailable) } else { Err(not_done(answer, call.now)) }
}

/// The next step.
pub(super) async fn prepare(mailchimp: &Mailchimp, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    is_plain(call.variant)?;
    let (audience, time) = (Audience::of(call.app, call.account, call.token)?, Allowance::of(call));
    let mut kept = Progress::of(call);
    let Some(id) = kept.campaign.clone().filter(|id| is_word(id, MAX_ID)) else {
        let made = time.run(made(mailchimp, &audience, call)).await?;
        kept = Progress { campaign: Some(made.id), archive: made.long_archive_url, filled: false };
        return Ok(Prepared::More(kept.value()));
    };
    if !kept.filled {
        let request = Call::put(audience.at(&format!("campaigns/{id}/content?fields=html")));
        let request = audience.signed(request).json(&NewContent { html: html::mail(call.variant) });
        let answer = time.run(mailchimp.ask(request)).await?;
        if is_gone(&answer) {
            return Ok(Prepared::More(Progress::default().value()));
        }
        read::<serde_json::Value>(&answer, call)?;
        kept.filled = true;
        return Ok(Prepared::More(kept.value()));
    }
    match time.run(current(mailchimp, &audience, call, &id)).await? {
        // Somebody deleted it.
        None => return Ok(Prepared::More(Progress::default().value())),
        Some(found) => still_a_draft(&found)?,
    }
    let request = audience.signed(Call::get(audience.at(&format!("campaigns/{id}/send-checklist"))));
    let answer = time.run(mailchimp.ask(request)).await?;
    let checklist: Checklist = read(&answer, call)?;
    if !checklist.is_ready {
        let errors = checklist.items.iter().filter(|item| item.kind == "error");
        let said: Vec<String> = errors.map(|item| format!("{}: {}", item.heading, item.details)).collect();
        let detail = answer.words(&format!("the campaign is not ready to be sent: {}", said.join("; ")));
        return Err(Failure::Rejected { code: "campaign_not_ready".into(), detail });
    }
    Ok(Prepared::Ready(Some(kept.value())))
}

fn is_gone(answer: &Answer) -> bool {
    answer.status == 404 && refused(answer).is_some()
}

/// The campaign as it is now; none where there is none any more.
pub(super) async fn current(
    mailchimp: &Mailchimp,
    audience: &Audience<'_>,
    call: &PublishCall<'_>,
    id: &str,
) -> Result<Option<Campaign>, Failure> {
    let answer =
        mailchimp.ask(audience.signed(Call::get(audience.at(&format!("campaigns/{id}?fields={FIELDS}"))))).await?;
    if is_gone(&answer) {
        return Ok(None);
    }
    let found: Campaign = read(&answer, call)?;
    // Its state may be told to people.
    let status = answer.words(&found.status);
    if found.id == id { Ok(Some(Campaign { status, ..found })) } else { Err(Failure::Unavailable) }
}

/// Refuses to touch one that is on its way, or that people there have taken into their hands.
fn still_a_draft(found: &Campaign) -> Result<(), Failure> {
    if found.status == DRAFT {
        return Ok(());
    }
    Err(Failure::Rejected {
        code: "campaign_not_draft".into(),
        detail: format!("in Mailchimp this campaign is in the state {:?} already: look there", found.status),
    })
}

/// The campaign, without its content: the one that an earlier try left, or a new one.
async fn made(mailchimp: &Mailchimp, audience: &Audience<'_>, call: &PublishCall<'_>) -> Result<Campaign, Failure> {
    let route = format!("lists/{}?fields={LIST_FIELDS}", audience.list);
    let list: List = read(&mailchimp.ask(audience.signed(Call::get(audience.at(&route)))).await?, call)?;
    let name = name(call);
    let there = listed(mailchimp, audience, call, &name).await?;
    there.as_ref().map_or(Ok(()), still_a_draft)?;
    let text = |given: &'_ Option<String>| given.as_deref().unwrap_or_default().trim().to_owned();
    let (subject, preview) = (text(&call.variant.title), text(&call.variant.summary));
    let campaign = NewCampaign {
        kind: there.is_none().then_some("regular"),
        recipients: Recipients { list_id: audience.list },
        settings: NewSettings {
            subject_line: &subject,
            preview_text: &preview,
            title: &name,
            from_name: &list.campaign_defaults.from_name,
            reply_to: &list.campaign_defaults.from_email,
            auto_footer: true,
        },
    };
    let request = match &there {
        Some(found) => Call::patch(audience.at(&format!("campaigns/{}?fields={FIELDS}", found.id))),
        None => Call::post(audience.at(&format!("campaigns?fields={FIELDS}"))),
    };
    let made: Campaign = read(&mailchimp.ask(audience.signed(request).json(&campaign)).await?, call)?;
    if is_word(&made.id, MAX_ID) { Ok(made) } else { Err(Failure::Unavailable) }
}

/// The campaign of this name, among those that were made since the post was.
async fn listed(
    mailchimp: &Mailchimp,
    audience: &Audience<'_>,
    call: &PublishCall<'_>,
    name: &str,
) -> Result<Option<Campaign>, Failure> {
    // Clocks differ: an hour before.
    let since =
        segment(&(call.made_at - SignedDuration::from_hours(1)).strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string());
    let mut seen = 0;
    for _ in 0..PAGES {
        let route = format!(
            "campaigns?list_id={}&since_create_time={since}&count={PAGE}&offset={seen}&fields={LISTED}",
            audience.list
        );
        let page: Campaigns = read(&mailchimp.ask(audience.signed(Call::get(audience.at(&route)))).await?, call)?;
        seen += page.campaigns.len();
        let is_last = page.campaigns.is_empty() || seen >= page.total_items;
        if let Some(found) =
            page.campaigns.into_iter().find(|one| one.settings.title == name && is_word(&one.id, MAX_ID))
        {
            return Ok(Some(found));
        }
        if is_last {
            return Ok(None);
        }
    }
    // Not all could be looked at, and a second campaign might be made.
    Err(Failure::Unavailable)
}
