//! Videos and documents: announced, sent to the address that Slack names, and completed into the channel, which publishes them. What was sent can
//! be completed once. As which message Slack shared it, it tells of the file, by an id that no other delivery has.

use super::api::{Completed, FileInfo, Share};
use super::error::{refusal, refused};
use super::publish::{channel, receipt, root, written};
use super::{Slack, get, good, is_id, is_ts, media, post};
use connector_kit::http::repeatable;
use connector_kit::{Allowance, Answer, file_name, progress};
use domain::publishing::{Failure, Finding, Media, MediaKind, MediaRef, Receipt};
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, PublishCall, Published};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// For how long a file that was sent is offered again: as long as Slack surely takes it. What is completed twice is shared once.
const OFFERED: SignedDuration = SignedDuration::from_hours(1);
/// Files sent for one part, after which it is given up: what ended the others will end the next.
const MOST: usize = 4;
/// What Slack answers about a file of ours that somebody deleted, or that we may not see any more: it may have been shared.
const HIDDEN: [&str; 3] = ["access_denied", "file_deleted", "not_visible"];
/// What Slack answers where the bot is not in the channel. It may write there, and share no file.
const NO_MEMBER: [&str; 3] = ["no_permission", "not_in_channel", "posting_to_channel_denied"];
/// What Slack answers about a file that waits for nothing: it was completed, or its time is over.
const NOT_WAITING: [&str; 2] = ["file_deleted", "file_not_found"];

/// What is kept between wake-ups.
#[derive(Default, Serialize, Deserialize)]
struct Progress {
    /// The files that were sent, oldest first: [`domain::publishing::FORMER`], so that they outlast whatever people decide.
    #[serde(default)]
    former: Vec<Sent>,
    /// When Slack said first that it has shared none of what was offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    denied_at: Option<Timestamp>,
}

/// A file that Slack has every byte of.
#[derive(Clone, Serialize, Deserialize)]
struct Sent {
    part: usize,
    id: String,
    at: Timestamp,
    /// How often the request that publishes it may have left.
    #[serde(default)]
    offers: u8,
}

/// What Slack says of a file.
enum Seen {
    /// It stands in the channel, as this message.
    Shared(Receipt),
    /// It is in no message of the channel.
    Nowhere,
    Hidden,
}

/// The part's video or document, where it has one.
fn file<'a>(call: &PublishCall<'a>) -> Option<(&'a MediaRef, &'a Media)> {
    let reference = call.variant.media_of(call.part).first()?;
    let medium = call.media.iter().find(|medium| medium.id == reference.id)?;
    let is_file = medium.probe.as_ref().is_some_and(|probe| probe.kind() != MediaKind::Picture);
    is_file.then_some((reference, medium))
}

/// Whether the part is a video or a document.
pub(super) fn is_asked(call: &PublishCall<'_>) -> bool {
    file(call).is_some()
}

/// The files that were sent for the part, oldest first.
fn sent(call: &PublishCall<'_>) -> Vec<Sent> {
    let kept: Progress = progress::kept(call).unwrap_or_default();
    kept.former.into_iter().filter(|sent| sent.part == call.part && is_id(&sent.id)).collect()
}

/// Their ids.
pub(super) fn files(call: &PublishCall<'_>) -> Vec<String> {
    if is_asked(call) { sent(call).into_iter().map(|sent| sent.id).collect() } else { Vec::new() }
}

/// Sends the file, unless Slack has it still, or an earlier request shared it after all.
pub(super) async fn prepare(slack: &Slack, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let time = Allowance::of(call);
    let (reference, medium) = file(call).ok_or(Failure::Unavailable)?;
    let mut former = sent(call);
    let seen = time.run(async { Ok(all(slack, call, &former).await) }).await?;
    if let Some(existing) = seen.shared {
        return Err(Failure::Duplicate { existing: Some(existing) });
    }
    if let Some(failure) = seen.unasked {
        return Err(failure);
    }
    let mut denied_at = progress::kept::<Progress>(call).and_then(|kept| kept.denied_at);
    if former.iter().any(|sent| sent.offers > 0)
        && let Some(until) = progress::twice(&mut denied_at, call.now)
    {
        return Ok(Prepared::Wait { progress: progress::value(&Progress { former, denied_at }), until });
    }
    if let Some(sent) = former.last_mut().filter(|sent| seen.waits && call.now < sent.at + OFFERED) {
        sent.offers = sent.offers.saturating_add(1);
        return Ok(Prepared::Ready(Some(progress::value(&Progress { former, denied_at: None }))));
    }
    if former.len() >= MOST {
        let detail = format!("{MOST} uploads of the file came to nothing");
        return Err(Failure::Rejected { code: "media_refused".into(), detail });
    }
    let probe = medium.probe.as_ref().ok_or(Failure::Unavailable)?;
    let name = file_name(0, probe, reference.title.as_deref());
    let id = time.run(media::send(slack, call, medium, &name, time)).await?;
    former.push(Sent { part: call.part, id, at: call.now, offers: 0 });
    Ok(Prepared::More(progress::value(&Progress { former, denied_at: None })))
}

/// What Slack says of all of them.
#[derive(Default)]
struct All {
    /// As which message one stands there.
    shared: Option<Receipt>,
    /// Whether it may not show one.
    hidden: bool,
    /// What kept one from being asked after. It hides nothing that is said of another.
    unasked: Option<Failure>,
    /// Whether the newest is in no message.
    waits: bool,
}

async fn all(slack: &Slack, call: &PublishCall<'_>, files: &[Sent]) -> All {
    let mut all = All::default();
    for sent in files {
        let seen = look(slack, call, &sent.id).await;
        all.waits = matches!(seen, Ok(Seen::Nowhere));
        match seen {
            Ok(Seen::Shared(receipt)) => return All { shared: Some(receipt), ..all },
            Ok(Seen::Nowhere) => {}
            Ok(Seen::Hidden) => all.hidden = true,
            Err(failure) => all.unasked = Some(failure),
        }
    }
    all
}

/// What Slack says of a file.
async fn look(slack: &Slack, call: &PublishCall<'_>, file: &str) -> Result<Seen, Failure> {
    let asked = get(call.app, "files.info", &[("file", file)]).bearer(call.token);
    let answer = slack.http.call(asked).await.map_err(|lost| repeatable(lost.into()))?;
    match refused(&answer).as_ref().map(|refused| refused.error.as_str()) {
        // What was never completed is perhaps no file yet.
        Some("file_not_found") => return Ok(Seen::Nowhere),
        Some(error) if HIDDEN.contains(&error) => return Ok(Seen::Hidden),
        _ => {}
    }
    let told: FileInfo = good(&answer).ok_or_else(|| repeatable(refusal(&answer, call.now)))?;
    let (channel, shares) = (channel(call.account)?, told.file.shares);
    let of_channel = shares.public.get(channel).into_iter().chain(shares.private.get(channel)).flatten();
    // People may share it again: the first is ours.
    let first = of_channel.filter(|share| is_ts(&share.ts)).min_by(|a, b| a.ts.cmp(&b.ts));
    Ok(first.map_or(Seen::Nowhere, |share| Seen::Shared(proof(call, share))))
}

fn proof(call: &PublishCall<'_>, share: &Share) -> Receipt {
    // The first message of a thread is one of its own thread.
    let root = share.thread_ts.as_deref().filter(|root| *root != share.ts && is_ts(root));
    receipt(call.app, &call.account.profile, share.ts.clone(), root)
}

/// The one request: completes the file into the channel, with the text above it.
pub(super) async fn publish(slack: &Slack, call: &PublishCall<'_>) -> Result<Published, Failure> {
    let time = Allowance::of(call);
    let (channel, root) = (channel(call.account)?, root(call)?);
    // Nothing leaves but what Slack has every byte of; the next try prepares it again.
    let (Some((reference, _)), Some(sent)) = (file(call), sent(call).pop()) else {
        return Err(Failure::Unavailable);
    };
    let mut completed = json!({ "id": sent.id });
    if let Some(title) = reference.title.as_deref().filter(|title| !title.trim().is_empty()) {
        completed["title"] = json!(title);
    }
    let (files, text) = (json!([completed]).to_string(), written(call.variant, call.part));
    let mut fields = vec![("files", files.as_str()), ("channel_id", channel)];
    fields.extend(root.as_deref().map(|root| ("thread_ts", root)));
    fields.extend((!text.is_empty()).then_some(("initial_comment", text.as_str())));
    let request = post(call.app, "files.completeUploadExternal", &fields).bearer(call.token);
    let answer = slack.http.call(request).await?;
    if !answer.is_success() || refused(&answer).is_some() {
        return Err(refusal_of(&answer, call.now, sent.offers > 1));
    }
    if !good::<Completed>(&answer).is_some_and(|done| done.files.iter().any(|file| file.id == sent.id)) {
        let detail = format!("HTTP {} without the file", answer.status);
        return Err(Failure::Unconfirmed { detail });
    }
    // It has it. What follows is a reading.
    match time.run(look(slack, call, &sent.id)).await {
        Ok(Seen::Shared(receipt)) => Ok(Published { receipt, quiet_until: None }),
        _ => Err(Failure::taken("it does not say yet as which message")),
    }
}

/// What a refusal of that request means, where it is another thing than of a message.
fn refusal_of(answer: &Answer, now: Timestamp, again: bool) -> Failure {
    let failure = refusal(answer, now);
    let error = refused(answer).map(|refused| refused.error).unwrap_or_default();
    match &failure {
        // What was offered before waits for nothing because an earlier request was taken.
        Failure::Rejected { .. } if again && NOT_WAITING.contains(&error.as_str()) => {
            Failure::taken(format!("it was completed by an earlier request ({error})"))
        }
        // Too early or too late to tell: it is looked at again before it is offered again.
        Failure::Rejected { .. } if NOT_WAITING.contains(&error.as_str()) => Failure::Unavailable,
        Failure::Rejected { .. } | Failure::Revoked { .. } if NO_MEMBER.contains(&error.as_str()) => {
            let detail =
                format!("Slack lets the bot share files where it is a member: invite it to the channel ({error})");
            Failure::Rejected { code: "forbidden".into(), detail }
        }
        _ => failure,
    }
}

/// Asks of the files themselves, and then reads the channel, where a message tells what it shares.
pub(super) async fn find(slack: &Slack, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let files = sent(call);
    match all(slack, call, &files).await {
        All { shared: Some(receipt), .. } => Ok(Finding::Proved(receipt)),
        // It may have been there, and somebody took it away.
        All { hidden, .. } if hidden || files.is_empty() => Ok(Finding::Unreadable),
        All { unasked: Some(failure), .. } => Err(failure),
        All { .. } => super::find::find(slack, call, since).await,
    }
}
