//! What people say to an account: its notifications of mentions, which answers are too.

use super::api::{Identified, Notification};
use super::content::text;
use super::error::refusal;
use super::{Mastodon, Place};
use connector_kit::http::repeatable;
use connector_kit::{Back, Call, is_id};
use domain::inbound::{Changed, Heard, Said, What};
use domain::publishing::Failure;
use ports::{HeardPage, ListenCall};

/// Notifications of a page: the most that servers before 4.1 give is 30, and later ones 80. Ours.
const PAGE: usize = 40;

/// One page of what mentions the account, the newest first. Paged by the ids of notifications, which are the server's own and rise; what
/// is too old is known by the time that the server noted, not by that which the author's server claims.
pub(super) async fn listen(mastodon: &Mastodon, call: &ListenCall<'_>) -> Result<HeardPage, Failure> {
    let (place, back) = (Place::of(call.account)?, Back::of(call));
    let above = back.page().filter(|page| is_id(page)).and_then(|page| page.parse::<u64>().ok());
    let below = above.map(|above| format!("&max_id={above}")).unwrap_or_default();
    let path = format!("v1/notifications?types[]=mention&limit={}{below}", back.size(PAGE));
    let answer = mastodon.ask_as(call.token, back.asks(Call::get(place.api(&path)))).await?;
    if let Some(page) = back.too_large(&answer, PAGE) {
        return Ok(page);
    }
    if !answer.is_success() {
        return Err(match repeatable(refusal(&answer, 0, call.now)) {
            // The token may not read notifications; that it may publish is another scope.
            Failure::Revoked { detail } if answer.status == 403 && detail.contains("scopes") => {
                Failure::Rejected { code: "forbidden".into(), detail }
            }
            other => other,
        });
    }
    // A page that is not what it should be is heard another time, in full.
    let all: Vec<Notification> = answer.json().filter(|_| answer.status == 200).ok_or(Failure::Unavailable)?;
    let oldest = falling(&all, above.unwrap_or(u64::MAX)).ok_or(Failure::Unavailable)?;
    let is_over = all.is_empty() || all.iter().any(|told| told.created_at < back.from());
    let new = all.into_iter().filter(|told| told.created_at >= back.from());
    let heard = new.map(|told| heard(told, place.author)).collect();
    Ok(back.read(heard, (!is_over).then(|| oldest.to_string())))
}

/// The last id of a page whose ids fall from one to the next, below `above`.
fn falling(all: &[Notification], above: u64) -> Option<u64> {
    all.iter().try_fold(above, |above, told| told.id.parse().ok().filter(|id| is_id(&told.id) && *id < above))
}

fn heard(told: Notification, author: &str) -> Heard {
    let id = format!("notification/{}", told.id);
    let Some(status) = told.status.filter(|_| told.kind == "mention") else {
        return Heard { id, at: Some(told.created_at), to: None, what: What::Unknown { kind: told.kind } };
    };
    let answers_us = status.in_reply_to_account_id.as_deref() == Some(author);
    let Identified { id: by } = status.account;
    let said = Said {
        external_id: status.id,
        on: status.in_reply_to_id,
        author: Some(by),
        handle: told.account.acct,
        // What is no HTML of a server's is shown as it came.
        text: Some(text(&status.content).unwrap_or(status.content).trim().to_owned()),
        change: Changed::Added,
    };
    let what = match status.visibility.as_deref() {
        Some("direct") => What::Message(said),
        _ if answers_us => What::Comment(said),
        _ => What::Mention(said),
    };
    Heard { id, at: Some(told.created_at), to: None, what }
}
