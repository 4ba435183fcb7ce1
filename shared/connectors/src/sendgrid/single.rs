//! The single send of a delivery: found by its name or made, and read by its id.

use super::api::{DRAFT, EmailConfig, NewSend, Search, SendTo, SingleSend};
use super::error::{not_done, refused};
use super::{Mailing, SendGrid, address, is_uuid};
use connector_kit::draft::Draft;
use connector_kit::{Answer, Call, html, own_name};
use domain::publishing::Failure;
use jiff::SignedDuration;
use ports::PublishCall;

/// How a single send is told of.
const SINGLE_SEND: Draft = Draft { platform: "SendGrid", thing: "single send" };
/// How far apart SendGrid may tell the moment of one change.
const SLOW: SignedDuration = SignedDuration::from_secs(1);
/// Who sends, where they are, and how not to get more: SendGrid fills in what stands in braces.
const FOOTER: &str = "<footer><p>{{Sender_Name}}<br>\
                      {{Sender_Address}}, {{Sender_City}}, {{Sender_State}} {{Sender_Zip}}</p>\
                      <p><a href=\"{{{unsubscribe}}}\">Unsubscribe</a></p></footer>";

/// The name of this delivery's single send: the same at every try, so that one whose answer was lost is found and not made
/// again.
fn name(call: &PublishCall<'_>) -> String {
    own_name(&call.key)
}

/// Where single sends are; `route` begins with its slash.
fn at(call: &PublishCall<'_>, route: &str) -> String {
    address(call.app, &format!("marketing/singlesends{route}"))
}

/// Whether SendGrid says that there is no such single send.
fn is_gone(answer: &Answer) -> bool {
    answer.status == 404 && refused(answer).is_some()
}

/// The single send that an answer of this status shows.
fn shown(answer: &Answer, status: u16, call: &PublishCall<'_>) -> Result<SingleSend, Failure> {
    if answer.status != status {
        return Err(not_done(answer, call.now));
    }
    let found = answer.json::<SingleSend>().filter(|found| is_uuid(&found.id)).ok_or(Failure::Unavailable)?;
    // Its state may be told to people.
    let status = answer.words(&found.status);
    Ok(SingleSend { status, ..found })
}

/// The single send as it is now; none where there is none any more.
pub(super) async fn current(
    sendgrid: &SendGrid,
    call: &PublishCall<'_>,
    id: &str,
) -> Result<Option<SingleSend>, Failure> {
    let answer = sendgrid.ask(Call::get(at(call, &format!("/{id}"))).bearer(call.token)).await?;
    if is_gone(&answer) {
        return Ok(None);
    }
    shown(&answer, 200, call).and_then(|found| if found.id == id { Ok(Some(found)) } else { Err(Failure::Unavailable) })
}

fn still_a_draft(found: &SingleSend, call: &PublishCall<'_>) -> Result<(), Failure> {
    SINGLE_SEND.may_be_touched(&found.status, found.status == DRAFT, found.is_sent(call.now))
}

/// The single send that an earlier try left, in whatever state it is, or a new one.
pub(super) async fn made(
    sendgrid: &SendGrid,
    mailing: &Mailing<'_>,
    call: &PublishCall<'_>,
) -> Result<SingleSend, Failure> {
    let name = name(call);
    let mut there = named(sendgrid, call, &name).await?;
    // A search may be late, so that one name may stand for several. If one went out it is that one, and none does again.
    there.sort_by_key(|one| (!one.is_sent(call.now), one.status == DRAFT, one.id.clone()));
    if let Some(found) = there.into_iter().next() {
        return Ok(found);
    }
    let request = Call::post(at(call, "")).bearer(call.token).json(&meant(mailing, call, &name));
    shown(&sendgrid.ask(request).await?, 201, call)
}

/// The single sends of this very name.
async fn named(sendgrid: &SendGrid, call: &PublishCall<'_>, name: &str) -> Result<Vec<SingleSend>, Failure> {
    let route = "marketing/singlesends/search";
    let found = sendgrid.listed::<SingleSend>(call.app, call.token, route, Some(&Search { name })).await;
    let found = found.map_err(|answer| answer.map_or(Failure::Unavailable, |answer| not_done(&answer, call.now)))?;
    // It looks for names that contain this one.
    let there: Vec<SingleSend> = found.into_iter().filter(|one| one.name == name).collect();
    if there.iter().all(|one| is_uuid(&one.id)) { Ok(there) } else { Err(Failure::Unavailable) }
}

fn subject<'a>(call: &PublishCall<'a>) -> &'a str {
    call.variant.title.as_deref().unwrap_or_default().trim()
}

/// What it is to be.
fn meant<'a>(mailing: &Mailing<'a>, call: &PublishCall<'a>, name: &'a str) -> NewSend<'a> {
    NewSend {
        name,
        send_to: SendTo { list_ids: [mailing.list] },
        email_config: EmailConfig {
            subject: subject(call),
            html_content: html::mail(call.variant, FOOTER),
            generate_plain_content: true,
            editor: "code",
            suppression_group_id: mailing.group,
            sender_id: mailing.sender,
        },
    }
}

/// What of it is not as it is to be, in words for people. Its text is put in anew each time, and not compared.
fn changed_in(found: &SingleSend, mailing: &Mailing<'_>, call: &PublishCall<'_>) -> Option<&'static str> {
    let (to, mail) = (&found.send_to, &found.email_config);
    let is_empty = |text: &Option<String>| text.as_deref().is_none_or(str::is_empty);
    let lists = to.list_ids.as_deref().unwrap_or_default();
    let told = mail.subject.as_deref().unwrap_or_default().split_whitespace();
    [
        (matches!(lists, [list] if list == mailing.list) && to.all != Some(true), "whom it goes to"),
        (to.segment_ids.as_ref().is_none_or(Vec::is_empty), "its segments"),
        (told.eq(subject(call).split_whitespace()), "its subject"),
        (is_empty(&mail.design_id), "its design"),
        (mail.sender_id == Some(mailing.sender), "its sender"),
        (
            mail.suppression_group_id == Some(mailing.group) && is_empty(&mail.custom_unsubscribe_url),
            "how recipients unsubscribe",
        ),
    ]
    .into_iter()
    .find_map(|(is_meant, what)| (!is_meant).then_some(what))
}

/// The single send as a draft that is as people approved it: all that it is to be is put in anew, and read again. None where
/// there is none any more.
pub(super) async fn as_meant(
    sendgrid: &SendGrid,
    mailing: &Mailing<'_>,
    call: &PublishCall<'_>,
    id: &str,
) -> Result<Option<SingleSend>, Failure> {
    let Some(found) = current(sendgrid, call, id).await? else { return Ok(None) };
    still_a_draft(&found, call)?;
    let name = name(call);
    let request = Call::patch(at(call, &format!("/{id}"))).bearer(call.token).json(&meant(mailing, call, &name));
    let answer = sendgrid.ask(request).await?;
    if is_gone(&answer) {
        return Ok(None);
    }
    let put = shown(&answer, 202, call)?;
    let Some(found) = current(sendgrid, call, id).await? else { return Ok(None) };
    still_a_draft(&found, call)?;
    if put.changed_at().zip(found.changed_at()).is_some_and(|(put, found)| found > put + SLOW) {
        // Somebody there saved it just now, and with what words is not told: it is put in order once more.
        return Err(Failure::Unavailable);
    }
    changed_in(&found, mailing, call).map_or(Ok(Some(found)), |what| Err(SINGLE_SEND.changed(what)))
}
