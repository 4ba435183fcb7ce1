//! Reading a channel back: which of the bot's own messages is the part in question, and which of others may be.

use super::api::{Message, PollMedia, User};
use super::error::refusal;
use super::publish::{answered, asked, channel, receipt};
use super::{Discord, api, as_bot};
use connector_kit::http::repeatable;
use connector_kit::{Answer, Call, is_number, snowflake};
use domain::publishing::{Failure, Finding, Poll};
use domain::text::resembles;
use jiff::Timestamp;
use ports::PublishCall;
use serde_json::Value;

/// The first millisecond of Discord's ids.
const EPOCH_MS: i64 = 1_420_070_400_000;
/// Messages per page: the most.
const PAGE: usize = 100;
/// Pages read before giving up: a channel in which more is said since then cannot be judged.
const PAGES: usize = 10;

/// The smallest id a message made at `since` can have.
fn id_at(since: Timestamp) -> u64 {
    snowflake(EPOCH_MS, since)
}

async fn read(discord: &Discord, call: &PublishCall<'_>, path: &str) -> Result<Answer, Failure> {
    let request = as_bot(Call::get(api(call.app, path)), call.token);
    let answer = discord.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
    if answer.is_success() { Ok(answer) } else { Err(repeatable(refusal(&answer, 0, call.now))) }
}

pub(super) async fn find(discord: &Discord, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let me = read(discord, call, "users/@me").await?.json::<User>().ok_or(Failure::Unavailable)?;
    let wanted = Wanted::of(call, me.id, since)?;
    let channel = channel(call.account)?;
    let (mut found, mut resembling) = (Vec::new(), 0);
    // From the newest backwards: what `before` answers is documented, and does not depend on what is said meanwhile.
    let mut before = String::new();
    for _ in 0..PAGES {
        let path = format!("channels/{channel}/messages?limit={PAGE}{before}");
        let page: Vec<Message> = read(discord, call, &path).await?.json().ok_or(Failure::Unavailable)?;
        let ids: Option<Vec<u64>> = page.iter().map(|message| message.id.parse().ok()).collect();
        let last = ids.ok_or(Failure::Unavailable)?.into_iter().min();
        if last.is_none() && before.is_empty() && !is_silent(discord, call, channel).await? {
            return Ok(Finding::Unreadable);
        }
        resembling += page.iter().filter(|message| wanted.may_be(message) || wanted.may_be_of_former(message)).count();
        let ours = page.iter().filter(|message| wanted.is(message));
        found.extend(ours.map(|message| receipt(call.app, call.account, message.id.clone())));
        match last {
            Some(id) if id >= wanted.oldest && page.len() >= PAGE => before = format!("&before={id}"),
            _ => return Ok(Finding::of(found, resembling)),
        }
    }
    Err(Failure::Unavailable)
}

/// Whether nothing was ever said in a channel that lists no messages. To a bot that may not read the history Discord lists
/// none either, as a success, so that an empty listing alone proves nothing.
async fn is_silent(discord: &Discord, call: &PublishCall<'_>, channel: &str) -> Result<bool, Failure> {
    let found: Value = read(discord, call, &format!("channels/{channel}")).await?.json().ok_or(Failure::Unavailable)?;
    // It must say so: a field that is left out says nothing.
    Ok(found.get("last_message_id").is_some_and(Value::is_null))
}

/// What the part looks like when read back.
struct Wanted<'a> {
    author: String,
    text: String,
    pictures: usize,
    poll: Option<&'a Poll>,
    parent: Option<String>,
    oldest: u64,
    known: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    fn of(call: &'a PublishCall<'_>, author: String, since: Timestamp) -> Result<Self, Failure> {
        let before = call.before.iter().filter_map(|receipt| receipt.id.as_deref());
        Ok(Self {
            author,
            text: fold(&call.variant.full_text(call.part, false)),
            pictures: call.variant.media_of(call.part).len(),
            poll: asked(call),
            parent: answered(call)?,
            oldest: id_at(since),
            known: before.chain(call.elsewhere.iter().map(String::as_str)).collect(),
        })
    }

    /// Whether it was said since then, stands where ours would, and nobody else's receipt names it.
    fn stands(&self, message: &Message) -> bool {
        let young = message.id.parse::<u64>().is_ok_and(|id| id >= self.oldest) && is_number(&message.id, 20);
        let replied = message.reference.as_ref().and_then(|to| to.message_id.as_deref());
        young && replied == self.parent.as_deref() && !self.known.contains(&message.id.as_str())
    }

    /// Whether it is also the bot's.
    fn in_place(&self, message: &Message) -> bool {
        message.author.id == self.author && self.stands(message)
    }

    /// Whether it may be the part, said by the bot that spoke for the account before this one: the channel may have been connected
    /// anew since the request left. What another bot says Discord withholds, unless this one has a privilege.
    fn may_be_of_former(&self, message: &Message) -> bool {
        let is_other = message.author.id != self.author && message.webhook_id.is_none();
        let shows_nothing = message.content.is_empty() && message.attachments.is_empty() && message.poll.is_none();
        is_other && self.stands(message) && (self.says(message) || message.author.bot && shows_nothing)
    }

    /// Whether it may be the part after it was changed there.
    fn may_be(&self, message: &Message) -> bool {
        let changed = message.edited_timestamp.is_some() || resembles(&self.text, &fold(&message.content));
        self.in_place(message) && (changed || self.asks_alike(message))
    }

    /// Whether it asks the same question, whatever stands beside it and whatever there is to choose from.
    fn asks_alike(&self, message: &Message) -> bool {
        let shown = message.poll.as_ref().map(|poll| told(&poll.question));
        self.poll.is_some_and(|asked| shown == asked.question.as_deref().map(fold))
    }

    /// Whether it asks what the part asks, with the same to choose from; nothing, where the part asks nothing.
    fn asks(&self, message: &Message) -> bool {
        let (Some(asked), Some(shown)) = (self.poll, &message.poll) else {
            return self.poll.is_none() && message.poll.is_none();
        };
        let answers = shown.answers.iter().map(|answer| told(&answer.poll_media));
        let same = answers.eq(asked.options.iter().map(|option| fold(option)));
        self.asks_alike(message) && same && shown.allow_multiselect == asked.multiple
    }

    /// Whether it says what the part says, with as many files.
    fn says(&self, message: &Message) -> bool {
        fold(&message.content) == self.text && message.attachments.len() == self.pictures && self.asks(message)
    }

    fn is(&self, message: &Message) -> bool {
        self.in_place(message) && self.says(message)
    }
}

/// What a question or an answer says, in the form in which texts are compared.
fn told(shown: &PollMedia) -> String {
    fold(shown.text.as_deref().unwrap_or_default())
}

/// The form in which texts are compared: Discord takes white space off their ends.
fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baseline_is_the_id_of_a_minute_before() {
        let at = Timestamp::from_millisecond(EPOCH_MS + 60_000 + 5).map(id_at);
        assert_eq!(at.ok(), Some(5 << 22));
        assert_eq!(id_at(Timestamp::UNIX_EPOCH), 0);
    }
}
