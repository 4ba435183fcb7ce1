//! Reading X back: which of the account's own posts is the part in question. X shows a text otherwise than it took it,
//! so both are brought to one form before they are compared.

use super::api::{Timeline, Tweet};
use super::error::refusal;
use super::publish::receipt;
use super::{X, api, article, media};
use connector_kit::http::repeatable;
use connector_kit::{Call, is_number, parent, segment, snowflake};
use domain::publishing::{Failure, Finding};
use domain::text::{links, resembles};
use jiff::Timestamp;
use ports::PublishCall;
use unicode_normalization::UnicodeNormalization as _;

/// The first millisecond of X's ids (the published snowflake epoch).
const EPOCH_MS: i64 = 1_288_834_974_657;
/// Posts per page: the most. X charges by the posts it returns, not by pages.
const PAGE: usize = 100;
/// Pages read before giving up: an account that posts more than this in the window cannot be judged.
const PAGES: usize = 10;

/// The smallest id a post made at `since` can have.
fn id_at(since: Timestamp) -> u64 {
    snowflake(EPOCH_MS, since)
}

pub(super) async fn find(x: &X, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
    let author = call.account.profile.external_id.as_str();
    if !is_number(author, 20) {
        return Ok(Finding::Unreadable);
    }
    if article::is_one(call) && call.variant.draft {
        // No request reads a draft.
        return Ok(Finding::Unreadable);
    }
    let wanted = Wanted::of(call)?;
    let list = format!(
        "{}?since_id={}&max_results={PAGE}&tweet.fields=created_at,entities,text,referenced_tweets,attachments{}",
        api(call.app, &format!("users/{author}/tweets")),
        id_at(since),
        if wanted.article.is_some() { ",article" } else { "" },
    );
    if wanted.article.is_none() && wanted.text.is_empty() && wanted.media.is_empty() {
        // Nothing to know it by: no listing could show it, so none proves it absent.
        return Ok(Finding::Unreadable);
    }
    let (mut found, mut resembling) = (Vec::new(), 0);
    let mut next: Option<String> = None;
    for _ in 0..PAGES {
        let url = next.map_or_else(|| list.clone(), |token| format!("{list}&pagination_token={}", segment(&token)));
        let answer = x.http.call(Call::get(url).bearer(call.token)).await.map_err(|lost| repeatable(lost.into()))?;
        if !answer.is_success() {
            return Err(repeatable(refusal(&answer, 0, call.now)));
        }
        // Only a listing that is what it should be, and complete, can prove absence.
        let page: Timeline = answer.json().ok_or(Failure::Unavailable)?;
        if !page.errors.is_empty() || page.meta.result_count != page.data.len() {
            return Err(Failure::Unavailable);
        }
        resembling += page.data.iter().filter(|tweet| wanted.may_be(tweet, since)).count();
        let ours = page.data.into_iter().filter(|tweet| wanted.is(tweet));
        found.extend(ours.map(|tweet| receipt(call.app, call.account, tweet.id)));
        next = page.meta.next_token;
        if next.is_none() {
            return Ok(match Finding::of(found, resembling) {
                // That each article is told by the post that has it is documented, and not in which words.
                Finding::Absent if wanted.article.is_some() => Finding::UNSHOWN,
                finding => finding,
            });
        }
    }
    Err(Failure::Unavailable)
}

/// What the part looks like when read back.
struct Wanted<'a> {
    text: String,
    /// Used where there is no text to compare.
    media: Vec<String>,
    parent: Option<&'a str>,
    known: Vec<&'a str>,
    /// Used instead of both where it is an article.
    article: Option<Sought>,
}

/// What an article's post is known by.
struct Sought {
    title: String,
    /// Its whole text.
    text: String,
    /// The id of its draft.
    draft: Option<String>,
}

impl Sought {
    /// Of the step, where it is an article.
    fn of(call: &PublishCall<'_>) -> Option<Self> {
        article::is_one(call).then(|| Self {
            title: fold(call.variant.title.as_deref().unwrap_or_default()),
            text: fold(&call.variant.full_text(0, false)),
            draft: article::draft(call).map(|draft| draft.id),
        })
    }

    fn is_titled(&self, tweet: &Tweet) -> bool {
        tweet.article["title"].as_str().is_some_and(|title| fold(title) == self.title)
    }

    /// The article that the post links to, by its own link, is ours; or it links to none by such a link, and has our title and our
    /// whole text. A title alone may be another's: that of a series, or of what somebody wrote there by hand.
    fn is(&self, tweet: &Tweet) -> bool {
        let linked: Vec<&str> = tweet.entities.urls.iter().filter_map(|link| article_of(&link.expanded_url)).collect();
        if !linked.is_empty() {
            return self.draft.as_deref().is_some_and(|own| linked.contains(&own));
        }
        self.is_titled(tweet) && tweet.article["plain_text"].as_str().is_some_and(|text| fold(text) == self.text)
    }
}

impl<'a> Wanted<'a> {
    fn of(call: &'a PublishCall<'_>) -> Result<Self, Failure> {
        Ok(Self {
            text: fold(&call.variant.full_text(call.part, false)),
            media: media::sent(call).unwrap_or_default(),
            parent: parent(call)?,
            article: Sought::of(call),
            known: {
                let before = call.before.iter().filter_map(|receipt| receipt.id.as_deref());
                before.chain(call.elsewhere.iter().map(String::as_str)).collect()
            },
        })
    }

    /// Whether it stands where ours would, and nobody else's receipt names it.
    fn in_place(&self, tweet: &Tweet) -> bool {
        let replied = tweet.referenced_tweets.iter().find(|r| r.kind == "replied_to").map(|r| r.id.as_str());
        let versions = || tweet.edit_history.iter().map(String::as_str).chain([tweet.id.as_str()]);
        replied == self.parent && !versions().any(|id| self.known.contains(&id))
    }

    /// Whether it may be the part after somebody changed it on X: an edited post that was first made since then, whatever it
    /// says now, or one that still resembles the part.
    fn may_be(&self, tweet: &Tweet, since: Timestamp) -> bool {
        let first = tweet.edit_history.iter().filter_map(|id| id.parse::<u64>().ok()).min();
        let edited = tweet.edit_history.len() > 1 && first.is_none_or(|id| id >= id_at(since));
        let alike = match &self.article {
            Some(sought) => sought.is_titled(tweet),
            None => shown(tweet).iter().any(|text| resembles(&self.text, text)),
        };
        self.in_place(tweet) && (edited || alike)
    }

    fn is(&self, tweet: &Tweet) -> bool {
        let carries = |id: &String| tweet.attachments.media_keys.iter().any(|key| key.ends_with(&format!("_{id}")));
        let alike = if let Some(sought) = &self.article {
            sought.is(tweet)
        } else if self.text.is_empty() {
            !self.media.is_empty() && self.media.iter().all(carries)
        } else {
            shown(tweet).contains(&self.text)
        };
        is_number(&tweet.id, 20) && self.in_place(tweet) && alike
    }
}

/// A post's text as it may have been written: entities decoded, wrapped links unwrapped, the link to its own media left
/// out. A link to another post's media that X attached is told twice, for its author may have written it: without, and with.
fn shown(tweet: &Tweet) -> [String; 2] {
    let mut text = tweet.text.clone();
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
        text = text.replace(entity, character);
    }
    [false, true].map(|with| {
        let unwrapped =
            tweet.entities.urls.iter().filter(|link| !link.url.is_empty()).fold(text.clone(), |text, link| {
                let of = media_of(&link.expanded_url);
                let own = of == Some(tweet.id.as_str());
                let left_out = own || (link.media_key.is_some() && !(with && of.is_some()));
                text.replace(&link.url, if left_out { "" } else { &link.expanded_url })
            });
        fold(&unwrapped)
    })
}

/// The id of the post whose picture or video a link leads to: `https://x.com/NAME/status/ID/photo/1`.
fn media_of(url: &str) -> Option<&str> {
    let x = ["https://x.com/", "https://twitter.com/"].iter().find_map(|base| url.strip_prefix(base))?;
    let (_, rest) = x.split_once("/status/")?;
    let (id, rest) = rest.split_once('/')?;
    let (kind, number) = rest.split_once('/')?;
    (matches!(kind, "photo" | "video") && is_number(number, 2) && is_number(id, 20)).then_some(id)
}

/// The id of the article that a link leads to: `https://x.com/i/article/ID`.
fn article_of(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = ["x.com/", "twitter.com/"].iter().find_map(|base| rest.strip_prefix(base))?;
    rest.strip_prefix("i/article/").filter(|id| is_number(id, 20))
}

/// The form in which texts are compared: composed characters, single spaces, links without scheme and final slash, for
/// X adds both to bare domains.
fn fold(text: &str) -> String {
    let text: String = text.nfc().collect();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for link in links(&text) {
        out.push_str(&text[at..link.start()]);
        out.push_str(&bare(link.as_str()));
        at = link.end();
    }
    out.push_str(&text[at..]);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn bare(link: &str) -> String {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    format!("{}{}", rest[..end].to_lowercase(), rest[end..].trim_end_matches('/'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::x::api::{Attachments, Entities, UrlEntity};
    use serde_json::json;

    fn tweet(text: &str, urls: &[(&str, &str)]) -> Tweet {
        let entity =
            |(url, to): &(&str, &str)| UrlEntity { url: (*url).into(), expanded_url: (*to).into(), media_key: None };
        Tweet {
            id: "1".into(),
            text: text.into(),
            entities: Entities { urls: urls.iter().map(entity).collect() },
            attachments: Attachments::default(),
            referenced_tweets: Vec::new(),
            article: serde_json::Value::Null,
            edit_history: Vec::new(),
        }
    }

    #[test]
    fn an_edited_post_may_be_the_part_whatever_it_says_unless_it_is_older_or_anothers() {
        let text = "our words".to_owned();
        let wanted = Wanted { text, media: Vec::new(), parent: None, known: vec!["900"], article: None };
        let since = Timestamp::UNIX_EPOCH;
        let edited = |ids: &[&str]| Tweet {
            edit_history: ids.iter().map(|id| (*id).to_owned()).collect(),
            ..tweet("something else", &[])
        };
        assert!(!wanted.may_be(&edited(&["7"]), since), "it was never edited");
        assert!(wanted.may_be(&edited(&["7", "8"]), since));
        assert!(!wanted.may_be(&edited(&["900", "901"]), since), "another delivery's post, edited");
        let later = Timestamp::from_second(1_800_000_000).unwrap();
        assert!(!wanted.may_be(&edited(&["7", "8"]), later), "made before the request left");
    }

    #[test]
    fn an_articles_post_is_known_by_its_own_link_and_without_one_by_title_and_whole_text() {
        let told = |links: &[(&str, &str)], article: serde_json::Value| Tweet { article, ..tweet("", links) };
        let sought = Sought { title: "The harbour".into(), text: "Why we opened".into(), draft: Some("7".into()) };
        let is = |links: &[(&str, &str)], article| sought.is(&told(links, article));
        let own = [("https://t.co/a", "http://x.com/i/article/7")];
        let other = [("https://t.co/a", "https://twitter.com/i/article/8")];
        let titled = || json!({"title": "The  harbour"});
        assert!(is(&own, json!(null)) && is(&own, json!({"title": "Edited there"})));
        assert!(!is(&other, titled()), "it links to another");
        let whole = || json!({"title": "The harbour", "plain_text": "Why we\nopened"});
        assert!(is(&[], whole()) && is(&[("https://t.co/a", "https://example.com/i/article/8")], whole()));
        assert!(!is(&other, whole()), "and where it does, its words do not count");
        assert!(!is(&[], titled()), "a title alone may be another's");
        for text in ["Another text", "Why we", "Why we opened, and closed"] {
            assert!(!is(&[], json!({"title": "The harbour", "plain_text": text})), "{text}");
        }
        assert!(!is(&[], json!({"title": "A harbour"})) && !is(&[], json!({})) && !is(&[], json!("The harbour")));
        assert!(sought.is_titled(&told(&other, titled())), "which is why it resembles ours");
    }

    #[test]
    fn a_text_is_recognised_in_the_form_x_gives_it_back() {
        let written = "Tom & Jerry <3 example.com and HTTPS://Example.org/A?x=1&y=2\n\ncafe\u{301} ";
        let back = tweet(
            "Tom &amp; Jerry &lt;3 https://t.co/aaaaaaaaaa and https://t.co/bbbbbbbbbb caf\u{e9} https://t.co/cccccccccc",
            &[
                ("https://t.co/aaaaaaaaaa", "http://example.com/"),
                ("https://t.co/bbbbbbbbbb", "https://example.org/A?x=1&y=2"),
                ("https://t.co/cccccccccc", "https://x.com/ada/status/1/photo/1"),
            ],
        );
        assert_eq!(shown(&back)[0], fold(written));
    }

    #[test]
    fn a_similar_text_is_another_text() {
        assert!(!shown(&tweet("hello &amp;lt;", &[])).contains(&fold("hello <")));
        assert!(shown(&tweet("hello &amp;lt;", &[])).contains(&fold("hello &lt;")));
        assert_ne!(fold("see https://example.com/A"), fold("see https://example.com/a"));
    }

    #[test]
    fn a_written_link_to_the_picture_of_another_post_is_part_of_the_text() {
        let another = [("https://t.co/aaaaaaaaaa", "https://x.com/bob/status/9/photo/1")];
        let mut back = tweet("Look at this: https://t.co/aaaaaaaaaa", &another);
        let written = fold("Look at this: https://x.com/bob/status/9/photo/1");
        assert_eq!(shown(&back), [written.clone(), written.clone()]);
        // X attaches the picture: whether the link was written or added cannot be told.
        back.entities.urls[0].media_key = Some("3_9".into());
        assert_eq!(shown(&back), ["Look at this:".to_owned(), written]);
        let own =
            tweet("hello https://t.co/aaaaaaaaaa", &[("https://t.co/aaaaaaaaaa", "https://x.com/a/status/1/video/1")]);
        assert_eq!(shown(&own), ["hello", "hello"]);
    }

    #[test]
    fn the_baseline_is_the_id_of_a_minute_before() {
        let at = Timestamp::from_millisecond(EPOCH_MS + 60_000 + 5).map(id_at);
        assert_eq!(at.ok(), Some(5 << 22));
        assert_eq!(id_at(Timestamp::UNIX_EPOCH), 0);
    }
}
