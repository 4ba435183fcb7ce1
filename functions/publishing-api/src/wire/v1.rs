//! `POST /api/v1/communication/social/{platform}/content`: the campaign design's form, whose content has a shape of its
//! own per platform. Fields of `TwitterContent` and `LinkedInContent` that the connectors carry are taken; those a
//! platform no longer offers are refused with the reason, never dropped in silence.

mod body;
mod media;

pub use body::*;
pub use media::*;

use app::Error;
use app::publishing::{PublishCommand, TargetSpec, When};
use domain::MediaId;
use domain::publishing::{ContentKind, LinkCard, Part, Poll, Variant, Visibility};
use domain::time::OnGap;
use std::collections::BTreeMap;
use wire::content::{A_DAY, with_marks};
use wire::publish::{best, when_of};

/// The alias of the platform that the form's `shareToTwitter` means.
const SHARE_TO_TWITTER: &str = "twitter";

/// The `contentType` that is a kind of its own here.
const ARTICLE: &str = "article";

impl SocialContentBody {
    /// The command this body means; `media` are those that it names ([`Self::named`]), registered, in order.
    pub fn command(&self, platform: &str, media: &[MediaId]) -> Result<PublishCommand, Error> {
        self.refuse_what_is_not_there()?;
        let formatting = &self.content.formatting;
        let mut parts = self.parts()?;
        let card = self.card();
        if let Some(last) = parts.last_mut() {
            last.text = with_marks(&last.text, &formatting.hashtags, &formatting.mentions);
            let others = formatting.links.iter().enumerate().filter(|(n, _)| Some(*n) != card);
            append(&mut last.text, others.map(|(_, link)| link.url.trim().to_owned()));
        }
        for (n, part) in parts.iter_mut().enumerate() {
            part.media = self.of_part(n, media);
        }
        let link = card.and_then(|n| formatting.links.get(n));
        let content = Variant {
            parts,
            link: link.map(|l| LinkCard { url: l.url.clone(), title: l.display_text.clone(), description: None }),
            visibility: self.visibility()?,
            kind: match self.content.content_type.as_deref() {
                Some(ARTICLE) => ContentKind::Article,
                _ => ContentKind::Post,
            },
            reply_restriction: self.content.settings.reply_restriction.unwrap_or_default(),
            title: self.content.title.as_ref().map(|text| self.chosen(text)).transpose()?,
            summary: self.content.description.as_ref().map(|text| self.chosen(text)).transpose()?,
            poll: self.media.poll.as_ref().map(|poll| Poll {
                question: poll.question.clone(),
                options: poll.options.clone(),
                duration_minutes: poll.duration.unwrap_or(A_DAY),
                multiple: false,
            }),
            reply_to: self.content.reply_to.clone(),
            quote: self.content.quote_tweet.clone(),
            targeting: (&self.content.targeting).into(),
            // Minutes, in this form.
            thread_delay_s: self.publishing.scheduling.thread_delay.unwrap_or(0).saturating_mul(60),
            ..Variant::default()
        };
        let target = self.account_id.map_or_else(|| TargetSpec::Platform(platform.to_owned()), TargetSpec::Account);
        let mut targets = vec![target];
        if self.publishing.cross_posting.share_to_twitter {
            targets.push(TargetSpec::Platform(SHARE_TO_TWITTER.into()));
        }
        let when = self.when()?;
        Ok(PublishCommand { content, variants: BTreeMap::new(), targets, when, max_lateness_s: None })
    }

    fn when(&self) -> Result<When, Error> {
        let Scheduling { optimize_time, date_range, .. } = &self.publishing.scheduling;
        let at = self.schedule_for.as_ref().map(|_| "/schedule_for");
        let best = best(*optimize_time, at, None, date_range.as_ref(), "/publishing/scheduling/dateRange")?;
        match (best, &self.schedule_for) {
            (Some(best), _) => Ok(best),
            (None, Some(text)) => when_of(text, None, OnGap::Reject, "/schedule_for"),
            (None, None) => Ok(When::Draft),
        }
    }

    fn refuse_what_is_not_there(&self) -> Result<(), Error> {
        let settings = &self.content.settings;
        let Automation { auto_retweet, auto_like, auto_reply } = &self.automation;
        let gone = [
            (settings.sensitive, "/content/settings/sensitive", "no API takes this mark any more: leave it out"),
            (settings.promotable, "/content/settings/promotable", "no API asks for this: leave it out"),
            (
                self.media.images.iter().chain(&self.media.gif).any(|image| !image.tags.is_empty()),
                "/media/images",
                "nobody is marked in pictures from here: leave the tags out, or mention them in the text",
            ),
            (
                self.publishing.cross_posting.share_to_email,
                "/publishing/crossPosting/shareToEmail",
                "a post is not sent by e-mail from here: publish to a platform that sends mail, as a target of its own",
            ),
            (
                self.campaign.is_some(),
                "/campaign",
                "posts are not grouped into campaigns here: leave it out, and keep the answer's id with your campaign",
            ),
            (
                !auto_retweet.is_empty(),
                "/automation/autoRetweet",
                "nobody's posts are passed on from here by themselves: leave it out",
            ),
            (!auto_like.is_empty(), "/automation/autoLike", "nobody's posts are liked from here: leave it out"),
            (
                auto_reply.as_ref().is_some_and(|reply| reply.enabled),
                "/automation/autoReply",
                "nobody is answered from here by itself: leave it out, or answer with a post of its own (replyTo)",
            ),
        ];
        if let Some((_, field, why)) = gone.into_iter().find(|(asked, ..)| *asked) {
            return Err(Error::invalid("unsupported", field, why));
        }
        let missing = |field: &str, why: &str| Err(Error::invalid("content_empty", field, why));
        let why = match self.content.content_type.as_deref() {
            Some("quote") if self.content.quote_tweet.is_none() => {
                return missing("/content/quoteTweet", "name the post that is quoted, by its id or address");
            }
            Some("reply") if self.content.reply_to.is_none() => {
                return missing("/content/replyTo", "name the post that is answered, by its id or address");
            }
            // Whether the platform lets quote, answer and write articles is checked like everything else that it may not have.
            None | Some("post" | "tweet" | "thread" | "quote" | "reply" | ARTICLE) => return Ok(()),
            Some("video") if self.media.video.is_some() => return Ok(()),
            Some("document") if self.media.document.is_some() => return Ok(()),
            Some("video") => {
                return missing("/content/contentType", "name the video at media.video, by its address or id");
            }
            Some("document") => {
                return missing("/content/contentType", "name the document at media.document, by its address or id");
            }
            Some(_) => "one of post, tweet, thread, reply, quote, article, video, document",
        };
        Err(Error::invalid("unsupported", "/content/contentType", why))
    }

    fn parts(&self) -> Result<Vec<Part>, Error> {
        let part = |text: String| Part { text, media: Vec::new() };
        let SocialContent { thread, text, tweet, .. } = &self.content;
        match (thread, text, tweet) {
            (Some(thread), None, None) => {
                let text = |at: &usize| thread.tweets.get(*at).map_or_else(String::new, |item| item.text.clone());
                Ok(self.order().iter().map(|at| part(text(at))).collect())
            }
            (None, None, Some(tweet)) => Ok(vec![part(tweet.whole())]),
            (None, Some(text), None) => Ok(vec![part(self.chosen(text)?)]),
            (None, None, None) => Err(Error::invalid("content_empty", "/content/text", "write a text")),
            (Some(_), ..) => {
                Err(Error::invalid("content_ambiguous", "/content/thread", "give a text or a thread, not both"))
            }
            (None, Some(_), Some(_)) => {
                Err(Error::invalid("content_ambiguous", "/content/tweet", "give a text or a tweet, not both"))
            }
        }
    }

    /// The text in the language that is published.
    fn chosen(&self, text: &TranslatedText) -> Result<String, Error> {
        let texts = match text {
            TranslatedText::One(text) => return Ok(text.clone()),
            TranslatedText::ByLanguage(texts) => texts,
        };
        let chosen = match &self.language {
            Some(language) => texts.get(language),
            None if texts.len() == 1 => texts.values().next(),
            None => None,
        };
        let missing = || Error::invalid("language_missing", "/language", "name one of the text's languages");
        chosen.cloned().ok_or_else(missing)
    }

    fn visibility(&self) -> Result<Visibility, Error> {
        match self.content.visibility.as_deref() {
            None | Some("public") => Ok(Visibility::Public),
            Some("connections") => Ok(Visibility::Connections),
            Some("network") => Ok(Visibility::LoggedIn),
            Some(_) => Err(Error::invalid("unsupported", "/content/visibility", "public, connections or network")),
        }
    }
}

impl Tweet {
    /// The text with the marks and addresses that it does not have yet at its end.
    fn whole(&self) -> String {
        let TweetMarks { mentions, hashtags, cashtags, urls } = &self.formatting;
        let signs = cashtags.iter().map(|sign| format!("${}", sign.trim().trim_start_matches('$')));
        let rest = signs.filter(|sign| sign.len() > 1).chain(urls.iter().map(|url| url.trim().to_owned()));
        let mut text = with_marks(&self.text, hashtags, mentions);
        append(&mut text, rest);
        text
    }
}

/// Each word that the text does not have yet, at its end.
fn append(text: &mut String, words: impl Iterator<Item = String>) {
    for word in words.filter(|word| !word.is_empty()) {
        if !text.split_whitespace().any(|there| there.trim_end_matches([',', '.', ';', ':', '!', '?', ')']) == word) {
            text.push_str(if text.is_empty() { "" } else { " " });
            text.push_str(&word);
        }
    }
}
