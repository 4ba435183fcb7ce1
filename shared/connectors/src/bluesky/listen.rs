//! What people say to an account: its notifications.

use super::{Bluesky, POSTS, did, home, xrpc};
use connector_kit::{Back, Call, segment};
use domain::inbound::{Changed, Heard, Said, What};
use domain::publishing::Failure;
use jiff::{SignedDuration, Timestamp};
use ports::{HeardPage, ListenCall};
use serde::Deserialize;

/// Notifications of a page: the most.
const PAGE: usize = 100;
/// How far back a record may claim to be, and is heard. Ours: the network's index lists by the earlier of its own time and the author's.
const CLAIMED: SignedDuration = SignedDuration::from_hours(24);

/// `app.bsky.notification.listNotifications`.
#[derive(Deserialize)]
struct Listed {
    cursor: Option<String>,
    notifications: Vec<Notification>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    uri: String,
    author: Author,
    reason: String,
    /// What of the account's it is about.
    reason_subject: Option<String>,
    #[serde(default)]
    record: Record,
    /// The earlier of when the network's index saw it and what its record claims.
    indexed_at: Timestamp,
}

#[derive(Deserialize)]
struct Author {
    did: String,
    handle: Option<String>,
}

/// As much of a record as is read of it; another's may be anything.
#[derive(Default, Deserialize)]
#[serde(from = "serde_json::Value")]
struct Record {
    text: Option<String>,
    parent: Option<String>,
}

impl From<serde_json::Value> for Record {
    fn from(value: serde_json::Value) -> Self {
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        Self { text: text(&value["text"]), parent: text(&value["reply"]["parent"]["uri"]) }
    }
}

/// One page, the newest first, as the account's server hands the index's on.
pub(super) async fn listen(bluesky: &Bluesky, call: &ListenCall<'_>) -> Result<HeardPage, Failure> {
    let (server, ours, back) = (home(call.account)?, did(call.account)?, Back::of(call).further(CLAIMED));
    let page = back.page().map(|page| format!("&cursor={}", segment(page))).unwrap_or_default();
    let url = xrpc(server, &format!("app.bsky.notification.listNotifications?limit={}{page}", back.size(PAGE)));
    let answer = bluesky.ask(back.asks(Call::get(url).theirs().bearer(call.token)), call.now).await?;
    if let Some(page) = back.too_large(&answer, PAGE) {
        return Ok(page);
    }
    let listed = answer.json::<Listed>().filter(|_| answer.status == 200).ok_or(Failure::Unavailable)?;
    let is_old = |told: &Notification| told.indexed_at < back.from();
    // A page may be empty without being the last, as long as it names a next one.
    let is_over = listed.notifications.iter().any(is_old);
    let next = listed.cursor.filter(|next| !is_over && !next.is_empty() && Some(next.as_str()) != back.page());
    let new = listed.notifications.into_iter().filter(|told| !is_old(told));
    let heard = new.map(|told| heard(told, ours)).collect();
    Ok(back.read(heard, next))
}

/// How a record is named: one of the account's own posts by its key, as receipts name them.
fn named(uri: &str, ours: &str) -> String {
    let key =
        uri.strip_prefix("at://").and_then(|rest| rest.strip_prefix(ours)?.strip_prefix('/')?.strip_prefix(POSTS));
    key.and_then(|rest| rest.strip_prefix('/')).unwrap_or(uri).to_owned()
}

fn heard(told: Notification, ours: &str) -> Heard {
    let (parent, subject) = (told.record.parent, told.reason_subject);
    let said = |on: Option<String>, text: Option<String>| Said {
        external_id: named(&told.uri, ours),
        on: on.map(|on| named(&on, ours)),
        author: Some(told.author.did.clone()),
        handle: told.author.handle.clone(),
        text,
        change: Changed::Added,
    };
    let words = told.record.text;
    let what = match told.reason.as_str() {
        "reply" => What::Comment(said(parent, words)),
        "mention" => What::Mention(said(parent, words)),
        "quote" => What::Mention(said(subject, words)),
        reaction @ ("like" | "repost") => What::Reaction(said(subject, Some(reaction.into()))),
        _ => What::Unknown { kind: told.reason.clone() },
    };
    // One record may be told for two reasons.
    Heard { id: format!("{}/{}", told.reason, told.uri), at: Some(told.indexed_at), to: None, what }
}
