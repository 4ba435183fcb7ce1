//! The campaign of a delivery: found by its name or made, and read by its id.

use super::api::{
    Campaign, Campaigns, FIELDS, LIST_FIELDS, LISTED, List, NewCampaign, NewSettings, Recipients, Sender,
};
use super::error::{not_done, refused};
use super::{Audience, MAX_ID, Mailchimp};
use connector_kit::draft::Draft;
use connector_kit::{Answer, Call, is_word, own_name, segment};
use domain::publishing::Failure;
use jiff::SignedDuration;
use ports::PublishCall;
use serde::de::DeserializeOwned;

/// Campaigns that a page has, and the most pages that are read.
const PAGE: usize = 1_000;
const PAGES: usize = 5;
/// How a campaign is told of.
const CAMPAIGN: Draft = Draft { platform: "Mailchimp", thing: "campaign" };
/// The state of a campaign that was not sent.
pub(super) const DRAFT: &str = "save";

/// The name of this delivery's campaign: the same at every try, so that one whose answer was lost is found and not made again.
fn name(call: &PublishCall<'_>) -> String {
    own_name(&call.key)
}

/// An answer of success as the type that it should have.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer, call: &PublishCall<'_>) -> Result<T, Failure> {
    if answer.status == 200 { answer.json().ok_or(Failure::Unavailable) } else { Err(not_done(answer, call.now)) }
}

/// The same of an answer about one campaign; none where Mailchimp says that there is no such campaign.
pub(super) fn read_of<T: DeserializeOwned>(answer: &Answer, call: &PublishCall<'_>) -> Result<Option<T>, Failure> {
    let is_gone = answer.status == 404 && refused(answer).is_some();
    if is_gone { Ok(None) } else { read(answer, call).map(Some) }
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
    let Some(found) = read_of::<Campaign>(&answer, call)? else { return Ok(None) };
    // Its state may be told to people.
    let status = answer.words(&found.status);
    if found.id == id { Ok(Some(Campaign { status, ..found })) } else { Err(Failure::Unavailable) }
}

fn still_a_draft(found: &Campaign, call: &PublishCall<'_>) -> Result<(), Failure> {
    CAMPAIGN.may_be_touched(&found.status, found.status == DRAFT, found.is_sent(call.now))
}

/// The campaign, without its content: the one that an earlier try left, in whatever state it is, or a new one.
pub(super) async fn made(
    mailchimp: &Mailchimp,
    audience: &Audience<'_>,
    call: &PublishCall<'_>,
) -> Result<Campaign, Failure> {
    let name = name(call);
    if let Some(found) = listed(mailchimp, audience, call, &name).await? {
        // First of all its id is kept: by that it is found whatever becomes of its name.
        return Ok(found);
    }
    let meant = Meant::of(mailchimp, audience, call, name).await?;
    let request = audience.signed(Call::post(audience.at(&format!("campaigns?fields={FIELDS}"))));
    let made: Campaign = read(&mailchimp.ask(request.json(&meant.body(Some("regular")))).await?, call)?;
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
        let named = |one: &Campaign| one.settings.title.as_deref() == Some(name) && is_word(&one.id, MAX_ID);
        if let Some(found) = page.campaigns.into_iter().find(named) {
            return Ok(Some(found));
        }
        if is_last {
            return Ok(None);
        }
    }
    // Not all could be looked at, and a second campaign might be made.
    Err(Failure::Unavailable)
}

/// What a campaign is to be: whom it goes to, and what they see of it beside its content.
struct Meant<'a> {
    list: &'a str,
    name: String,
    subject: &'a str,
    preview: &'a str,
    /// The audience's default sender, as it is now.
    sender: Sender,
}

impl<'a> Meant<'a> {
    async fn of(
        mailchimp: &Mailchimp,
        audience: &Audience<'a>,
        call: &PublishCall<'a>,
        name: String,
    ) -> Result<Self, Failure> {
        let route = format!("lists/{}?fields={LIST_FIELDS}", audience.list);
        let list: List = read(&mailchimp.ask(audience.signed(Call::get(audience.at(&route)))).await?, call)?;
        let text = |given: &'a Option<String>| given.as_deref().unwrap_or_default().trim();
        let (subject, preview) = (text(&call.variant.title), text(&call.variant.summary));
        Ok(Self { list: audience.list, name, subject, preview, sender: list.campaign_defaults })
    }

    /// The campaign as it is made; a change says no `kind`.
    fn body(&self, kind: Option<&'static str>) -> NewCampaign<'_> {
        NewCampaign {
            kind,
            recipients: Recipients { list_id: self.list },
            settings: NewSettings {
                subject_line: self.subject,
                preview_text: self.preview,
                title: &self.name,
                from_name: &self.sender.from_name,
                reply_to: &self.sender.from_email,
                auto_footer: true,
            },
        }
    }

    /// What of the campaign is not as it is to be, in words for people.
    fn changed_in(&self, found: &Campaign) -> Option<&'static str> {
        let (to, has) = (&found.recipients, &found.settings);
        let sender = same(has.from_name.as_deref(), &self.sender.from_name)
            && same(has.reply_to.as_deref(), &self.sender.from_email);
        [
            (to.list_id.as_deref() == Some(self.list), "its audience"),
            (!to.is_segment(), "its segment of the audience"),
            (same(has.subject_line.as_deref(), self.subject), "its subject"),
            (same(has.preview_text.as_deref(), self.preview), "its preview text"),
            (sender, "its sender"),
        ]
        .into_iter()
        .find_map(|(is_meant, what)| (!is_meant).then_some(what))
    }
}

/// Whether a text is as it is meant, but for white space, which Mailchimp may fold.
fn same(found: Option<&str>, meant: &str) -> bool {
    found.unwrap_or_default().split_whitespace().eq(meant.split_whitespace())
}

/// The campaign as a draft that is as people approved it, but for its content: what somebody changed there meanwhile is changed
/// back, and read again. None where there is no campaign any more.
pub(super) async fn as_meant(
    mailchimp: &Mailchimp,
    audience: &Audience<'_>,
    call: &PublishCall<'_>,
    id: &str,
) -> Result<Option<Campaign>, Failure> {
    let Some(found) = current(mailchimp, audience, call, id).await? else { return Ok(None) };
    still_a_draft(&found, call)?;
    let meant = Meant::of(mailchimp, audience, call, name(call)).await?;
    if meant.changed_in(&found).is_none() {
        return Ok(Some(found));
    }
    let request = audience.signed(Call::patch(audience.at(&format!("campaigns/{id}?fields={FIELDS}"))));
    let answer = mailchimp.ask(request.json(&meant.body(None))).await?;
    if read_of::<Campaign>(&answer, call)?.is_none() {
        return Ok(None);
    }
    let Some(found) = current(mailchimp, audience, call, id).await? else { return Ok(None) };
    still_a_draft(&found, call)?;
    meant.changed_in(&found).map_or(Ok(Some(found)), |what| Err(CAMPAIGN.changed(what)))
}
