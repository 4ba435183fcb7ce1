//! Reading a server back: which of the account's own statuses is the part in question.

use super::answered::answered;
use super::api::Status;
use super::content::{fold, text};
use super::error::refusal;
use super::publish::receipt;
use super::{Mastodon, Place, media, poll};
use connector_kit::http::repeatable;
use connector_kit::{Answer, Call, earliest, is_id};
use domain::publishing::{Failure, Finding, Poll};
use domain::text::resembles;
use jiff::Timestamp;
use ports::PublishCall;

/// Statuses per page: the most.
const PAGE: usize = 40;
/// Pages read before giving up: an account that posts more than this in the window cannot be judged.
const PAGES: usize = 10;

/// Reads from the newest status back until a whole page is older than the baseline. Mastodon's ids hold their time, so that
/// `min_id` could name the baseline; but other servers of this API make other numbers, and there it would hide the status.
pub(super) async fn find(mastodon: &Mastodon, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let place = Place::of(call.account)?;
    let wanted = Wanted::of(call)?;
    if wanted.text.is_empty() && wanted.sent.is_empty() {
        // Nothing to know it by: no listing could show it, so none proves it absent.
        return Ok(Finding::Unreadable);
    }
    let from = earliest(since);
    let list = place.api(&format!("v1/accounts/{}/statuses?limit={PAGE}&exclude_reblogs=true", place.author));
    let (mut found, mut resembling, mut oldest) = (Vec::new(), 0, u64::MAX);
    for page in 0..PAGES {
        let url = if page == 0 { list.clone() } else { format!("{list}&max_id={oldest}") };
        let answer = mastodon.ask(call, Call::get(url)).await?;
        if !answer.is_success() {
            return Err(repeatable(refusal(&answer, 0, call.now)));
        }
        // Only a listing that is what it should be, and complete, can prove absence.
        let statuses: Vec<Status> = answer.json().filter(|_| answer.status == 200).ok_or(Failure::Unavailable)?;
        oldest = falling(&statuses, place.author, oldest).ok_or(Failure::Unavailable)?;
        if statuses.is_empty() && names_next(&answer) {
            return Err(Failure::Unavailable);
        }
        let over = statuses.iter().all(|status| status.created_at < from);
        for status in statuses.into_iter().filter(|status| status.created_at >= from && wanted.in_place(status)) {
            let shown = fold(&text(&status.content).ok_or(Failure::Unavailable)?);
            resembling += usize::from(wanted.may_be(&status, &shown));
            if wanted.is(&status, &shown) {
                found.push(receipt(call.account, status.id, status.url));
            }
        }
        if over {
            return Ok(Finding::of(found, resembling));
        }
    }
    Err(Failure::Unavailable)
}

/// The last id of a page whose statuses are all the account's and fall from one to the next, below `above`.
fn falling(statuses: &[Status], author: &str, above: u64) -> Option<u64> {
    statuses.iter().try_fold(above, |above, status| {
        let id = status.id.parse().ok().filter(|id| is_id(&status.id) && *id < above)?;
        (status.account.id == author).then_some(id)
    })
}

/// Whether an answer says that there is a page after it.
fn names_next(answer: &Answer) -> bool {
    answer.header("link").is_some_and(|links| links.contains("rel=\"next\""))
}

/// What the part looks like when read back.
struct Wanted<'a> {
    text: String,
    /// How many pictures it has.
    pictures: usize,
    /// Their ids as they were sent: used where there is no text to compare.
    sent: Vec<String>,
    /// What it asks.
    poll: Option<&'a Poll>,
    /// What it answers.
    parent: Option<String>,
    known: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    fn of(call: &'a PublishCall<'_>) -> Result<Self, Failure> {
        let before = call.before.iter().filter_map(|receipt| receipt.id.as_deref());
        Ok(Self {
            text: fold(&call.variant.full_text(call.part, false)),
            pictures: call.variant.media_of(call.part).len(),
            sent: media::sent(call).unwrap_or_default(),
            poll: poll::asked(call),
            parent: answered(call)?,
            known: before.chain(call.elsewhere.iter().map(String::as_str)).collect(),
        })
    }

    /// Whether it stands where ours would, and nobody else's receipt names it.
    fn in_place(&self, status: &Status) -> bool {
        status.reblog.is_none() && status.in_reply_to_id == self.parent && !self.known.contains(&status.id.as_str())
    }

    /// Whether it may be the part after somebody changed it, or the server did: an edited status, whatever it says now, one
    /// that still resembles the part, or any when the part has no words by which it could.
    fn may_be(&self, status: &Status, shown: &str) -> bool {
        let wordless = !resembles(&self.text, &self.text);
        status.edited_at.is_some() || resembles(&self.text, shown) || (wordless && !self.text.is_empty())
    }

    /// Whether it offers what the part offers to choose from; nothing, where the part asks nothing.
    fn asks(&self, status: &Status) -> bool {
        let (Some(asked), Some(shown)) = (self.poll, &status.poll) else {
            return self.poll.is_none() && status.poll.is_none();
        };
        let titles = shown.options.iter().map(|option| fold(&option.title));
        titles.eq(asked.options.iter().map(|option| fold(option))) && shown.multiple == asked.multiple
    }

    fn is(&self, status: &Status, shown: &str) -> bool {
        let carries = |id: &String| status.media_attachments.iter().any(|media| media.id == *id);
        let counted = status.media_attachments.len() == self.pictures;
        counted
            && self.asks(status)
            && if self.text.is_empty() { self.sent.iter().all(carries) } else { shown == self.text }
    }
}
