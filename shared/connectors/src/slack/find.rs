//! Reading a channel back: which of the app's messages is the part in question. Each of ours carries the name of its part, so
//! that texts are compared only where Slack does not tell it.

use super::api::{Me, Message, Page};
use super::error::{SHUT_OUT, refusal, refused};
use super::publish::{EVENT, channel, key, receipt, root, written};
use super::{Slack, file, get, good, is_ts, text};
use connector_kit::earliest;
use connector_kit::http::repeatable;
use domain::publishing::{Failure, Finding};
use domain::text::resembles;
use jiff::Timestamp;
use ports::PublishCall;

/// Messages per page. Slack would give more, but an answer must stay within what is read of one.
const PAGE: &str = "100";
/// Pages read before giving up: a channel in which more is said since then cannot be judged.
const PAGES: usize = 10;

/// What Slack answers about a channel that this app may not read: no reading will be better.
fn is_closed(error: &str) -> bool {
    SHUT_OUT.contains(&error) || matches!(error, "missing_scope" | "ekm_access_denied" | "thread_not_found")
}

/// A page of what was said; none where the app may not read it.
async fn page(slack: &Slack, call: &PublishCall<'_>, asked: &[(&str, &str)]) -> Result<Option<Page>, Failure> {
    // Replies are not in the channel's history.
    let of_thread = asked.iter().any(|(name, _)| *name == "ts");
    let method = if of_thread { "conversations.replies" } else { "conversations.history" };
    let request = get(call.app, method, asked).bearer(call.token);
    let answer = slack.http.call(request).await.map_err(|lost| repeatable(lost.into()))?;
    if refused(&answer).is_some_and(|refused| is_closed(&refused.error)) {
        return Ok(None);
    }
    good(&answer).map(Some).ok_or_else(|| repeatable(refusal(&answer, call.now)))
}

pub(super) async fn find(slack: &Slack, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let (channel, root) = (channel(call.account)?, root(call)?);
    let me: Me = slack.ask(call.token, get(call.app, "auth.test", &[]), call.now).await?;
    let root = root.as_deref();
    let wanted = Wanted::of(call, me, root);
    let oldest = format!("{}.000000", earliest(since).as_second().max(0));
    let mut asked =
        vec![("channel", channel), ("oldest", oldest.as_str()), ("limit", PAGE), ("include_all_metadata", "true")];
    asked.extend(root.map(|root| ("ts", root)));
    let (mut named, mut alike, mut resembling) = (Vec::new(), Vec::new(), 0);
    let mut cursor = String::new();
    for _ in 0..PAGES {
        let mut asked = asked.clone();
        if !cursor.is_empty() {
            asked.push(("cursor", cursor.as_str()));
        }
        let Some(page) = page(slack, call, &asked).await? else { return Ok(Finding::Unreadable) };
        for message in page.messages {
            match wanted.likeness(&message) {
                Likeness::Named => named.push(message),
                Likeness::Same => alike.push(message.ts),
                Likeness::Near => resembling += 1,
                Likeness::None => {}
            }
        }
        cursor = page.response_metadata.next_cursor;
        if cursor.is_empty() && !page.has_more {
            let of = |ts, root| receipt(call.app, &call.account.profile, ts, root);
            return Ok(match (named.pop(), named.len()) {
                // No other part has this name.
                (Some(message), 0) => Finding::Proved(of(message.ts.clone(), replied(&message))),
                (Some(_), others) => Finding::Several(others + 1),
                (None, _) => Finding::of(alike.into_iter().map(|ts| of(ts, root)).collect(), resembling),
            });
        }
        if cursor.is_empty() {
            // There is more, and no way to it.
            return Err(Failure::Unavailable);
        }
    }
    Err(Failure::Unavailable)
}

/// The message that one answers; the first message of a thread is one of its own thread.
fn replied(message: &Message) -> Option<&str> {
    message.thread_ts.as_deref().filter(|root| *root != message.ts)
}

/// What a message is to the part.
enum Likeness {
    /// It carries the part's name, or its file.
    Named,
    /// It is the app's, carries no name, and says the same.
    Same,
    /// It carries no name, and may be the part after somebody changed it, or as the app said it before it was installed anew.
    Near,
    /// It is not the part.
    None,
}

/// What the part looks like when read back.
struct Wanted<'a> {
    me: Me,
    key: String,
    text: String,
    root: Option<&'a str>,
    /// The files of a part that is a video or a document.
    files: Vec<String>,
    known: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    fn of(call: &'a PublishCall<'_>, me: Me, root: Option<&'a str>) -> Self {
        let before = call.before.iter().filter_map(|receipt| receipt.id.as_deref());
        Self {
            me,
            key: key(call),
            text: text::plain(&written(call.variant, call.part)),
            root,
            files: file::files(call),
            known: before.chain(call.elsewhere.iter().map(String::as_str)).collect(),
        }
    }

    /// Whether the app said it, as it is installed now.
    fn is_ours(&self, message: &Message) -> bool {
        let bot = self.me.bot_id.is_some() && message.bot_id == self.me.bot_id;
        bot || message.user.as_deref() == Some(&self.me.user_id)
    }

    fn likeness(&self, message: &Message) -> Likeness {
        // Nobody else's receipt names it.
        if !is_ts(&message.ts) || self.known.contains(&message.ts.as_str()) {
            return Likeness::None;
        }
        if let Some(metadata) = message.metadata.as_ref().filter(|metadata| metadata.event_type == EVENT)
            && let Some(part) = metadata.event_payload["part"].as_str()
        {
            // Wherever it stands, and whoever the app was when it said it. One that carries another name is another part, whatever it says.
            return if part == self.key { Likeness::Named } else { Likeness::None };
        }
        if replied(message) != self.root {
            return Likeness::None;
        }
        if message.files.iter().any(|file| self.files.contains(&file.id)) {
            return Likeness::Named;
        }
        // A message with files is a part only if it shares the very file: pictures stand in blocks.
        let other = !self.files.is_empty() || !message.files.is_empty();
        let shown = text::plain(&message.text);
        let same = !other && !self.text.is_empty() && shown == self.text;
        if !self.is_ours(message) {
            // An app that was removed and installed again may have other ids.
            return if same { Likeness::Near } else { Likeness::None };
        }
        if same {
            Likeness::Same
        } else if message.edited.is_some() || self.text.is_empty() || resembles(&self.text, &shown) {
            Likeness::Near
        } else {
            Likeness::None
        }
    }
}
