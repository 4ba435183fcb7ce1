//! Publishing on LinkedIn: one post, with pictures, a video, a document, a link card or a poll, and a comment below it.

use super::api::{Article, Content, Distribution, Image, Poll, PollOption, PollSettings, Post, Reshare};
use super::error::refusal;
use super::video::VIDEO;
use super::{LinkedIn, api, comment, is_author, is_post, media, site, targeting, text, web};
use async_trait::async_trait;
use connector_kit::{Call, segment};
use domain::accounts::{Account, AccountKind};
use domain::platform::DedupeClass;
use domain::publishing::{self, Failure, Finding, LinkCard, Receipt, Variant, Visibility};
use jiff::Timestamp;
use ports::{Delete, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};

/// The proof for a post; without a URN it is published all the same, and nobody knows where.
pub(super) fn receipt(app: &PlatformApp, urn: Option<String>) -> Receipt {
    Receipt { url: urn.as_deref().map(|urn| web(app, urn)), id: urn }
}

/// Where addresses of posts point that people copy.
const HOSTS: [&str; 2] = ["www.linkedin.com", "linkedin.com"];

/// The URN in the address that "copy link" gives: `NAME_WORDS-activity-NUMBER-CODE`.
fn urn_of(slug: &str) -> Option<String> {
    let pieces: Vec<&str> = slug.split('-').collect();
    let named = |pair: &&[&str]| is_post(&format!("urn:li:{}:{}", pair[0], pair[1]));
    pieces.windows(2).rev().find(named).map(|pair| format!("urn:li:{}:{}", pair[0], pair[1]))
}

/// The author's URN, fit for addresses.
pub(super) fn author(account: &Account) -> Result<&str, Failure> {
    let urn = account.profile.external_id.as_str();
    let detail = "the account has no LinkedIn URN";
    if is_author(urn) {
        Ok(urn)
    } else {
        Err(Failure::Rejected { code: "account_invalid".into(), detail: detail.into() })
    }
}

/// The text of a step as it is sent. A link is a card, not part of it, but for an answer, which has none.
pub(super) fn written(variant: &Variant, step: usize) -> String {
    text::escape(&variant.full_text(step, !variant.is_below(step)))
}

/// The text of the post.
pub(super) fn commentary(variant: &Variant) -> String {
    written(variant, 0)
}

fn article(link: &LinkCard) -> Article {
    Article { source: link.url.clone(), title: link.title.clone(), description: link.description.clone() }
}

/// How long polls are open, in minutes, and LinkedIn's word for it.
pub(super) const DURATIONS: [(u32, &str); 4] =
    [(1_440, "ONE_DAY"), (4_320, "THREE_DAYS"), (10_080, "SEVEN_DAYS"), (20_160, "FOURTEEN_DAYS")];

fn poll(asked: &publishing::Poll) -> Result<Poll, Failure> {
    // The descriptor lets no other time through.
    let duration = DURATIONS.iter().find(|(minutes, _)| *minutes == asked.duration_minutes).map(|(_, word)| *word);
    let detail = "a poll on LinkedIn is open for 1, 3, 7 or 14 days";
    let duration = duration.ok_or_else(|| Failure::Unsupported { detail: detail.into() })?;
    Ok(Poll {
        question: asked.question.clone().unwrap_or_default(),
        options: asked.options.iter().map(|text| PollOption { text: text.clone() }).collect(),
        settings: PollSettings { duration: duration.into() },
    })
}

/// The URN of the post that is quoted, of what a person gave: the URN, or the post's address.
pub(super) fn quoted(app: &PlatformApp, post: &str) -> Option<String> {
    named_urn(app, post).filter(|urn| !urn.starts_with("urn:li:activity:"))
}

/// The URN that an id or an address names.
fn named_urn(app: &PlatformApp, post: &str) -> Option<String> {
    let path = connector_kit::path_on(post, &HOSTS, &site(app));
    let path: Vec<&str> = path.iter().flatten().map(String::as_str).collect();
    let urn = match path.as_slice() {
        // Browsers write the colons of an address either way.
        ["feed", "update", urn] => urn.replace("%3A", ":").replace("%3a", ":"),
        ["posts", slug] => urn_of(slug)?,
        _ => post.to_owned(),
    };
    is_post(&urn).then_some(urn)
}

fn content(call: &PublishCall<'_>) -> Result<Option<Content>, Failure> {
    let pictures = call.variant.media_of(0);
    if let Some(asked) = &call.variant.poll {
        return Ok(Some(Content::Poll(poll(asked)?)));
    }
    if let Some(link) = &call.variant.link {
        // The descriptor lets no card beside pictures through, nor one without a title.
        return Ok(Some(Content::Article(article(link))));
    }
    if pictures.is_empty() {
        return Ok(None);
    }
    // Nothing leaves without its pictures; the next try prepares them again.
    let urns = media::ready(call).ok_or(Failure::Unavailable)?;
    let words = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let images = urns.into_iter().zip(pictures).map(|(id, picture)| Image {
        // Of a video none is documented.
        alt_text: words(&picture.alt_text).filter(|_| !id.starts_with(VIDEO)),
        // Pictures have none.
        title: words(&picture.title).filter(|_| !id.starts_with("urn:li:image:")),
        id,
    });
    let mut images: Vec<Image> = images.collect();
    Ok(Some(if images.len() == 1 { Content::Media(images.remove(0)) } else { Content::MultiImage { images } }))
}

#[async_trait]
impl Publish for LinkedIn {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        !call.variant.is_below(call.part) && call.variant.media().next().is_some()
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        media::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        if call.variant.is_below(call.part) {
            return comment::publish(self, call).await;
        }
        let unknown = || Failure::Rejected {
            code: "not_found".into(),
            detail: "what is quoted is named by no URN of a post: copy the address of its page on LinkedIn".into(),
        };
        let quote = call.variant.quote.as_deref().map(|post| quoted(call.app, post).ok_or_else(unknown));
        let quote = quote.transpose()?;
        let body = Post {
            author: author(call.account)?,
            commentary: &commentary(call.variant),
            visibility: match call.variant.visibility {
                Visibility::Public => "PUBLIC",
                Visibility::Connections => "CONNECTIONS",
                Visibility::LoggedIn => "LOGGED_IN",
                // The descriptor lets neither through.
                Visibility::Unlisted | Visibility::Private => {
                    return Err(Failure::Unsupported { detail: "LinkedIn has no such visibility".into() });
                }
            },
            distribution: Distribution {
                feed_distribution: "MAIN_FEED",
                target_entities: targeting::entities(call.account, &call.variant.targeting)?,
                third_party_distribution_channels: [],
            },
            lifecycle_state: "PUBLISHED",
            is_reshare_disabled_by_author: false,
            content: content(call)?,
            reshare_context: quote.as_deref().map(|parent| Reshare { parent }),
        };
        let request = Call::post(api(call.app, "rest/posts")).json(&body);
        let answer = self.rest(call.app, call.token, request).await?;
        match answer.status {
            // The status is the proof: a 201 whose body broke or whose header is missing is published all the same.
            201 => {
                let urn = answer.header("x-restli-id").map(str::trim).filter(|urn| is_post(urn)).map(str::to_owned);
                Ok(Published { receipt: receipt(call.app, urn), quiet_until: None })
            }
            200..300 => Err(Failure::Unconfirmed { detail: format!("HTTP {} instead of 201", answer.status) }),
            _ => Err(match refusal(call.app, &answer, call.now) {
                failure if call.variant.targeting.is_empty() => failure,
                failure => targeting::refused(failure),
            }),
        }
    }
}

#[async_trait]
impl Find for LinkedIn {
    fn dedupe(&self, account: &Account) -> DedupeClass {
        match account.profile.kind {
            AccountKind::Organisation => DedupeClass::Readable,
            // Reading a member's own posts needs a permission that LinkedIn gives to nobody new.
            AccountKind::Person => DedupeClass::WriteOnly,
        }
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        match call.account.profile.kind {
            _ if call.variant.is_below(call.part) => comment::find(self, call, since).await,
            AccountKind::Organisation => super::find::find(self, call, since).await,
            AccountKind::Person => Ok(Finding::Unreadable),
        }
    }
}

#[async_trait]
impl Delete for LinkedIn {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        if let Some(urn) = receipt.id.as_deref().filter(|urn| comment::is_comment(urn)) {
            return comment::delete(self, call, urn).await;
        }
        let Some(urn) = receipt.id.as_deref().filter(|urn| is_post(urn)) else {
            return Err(Failure::Unsupported { detail: "the post's URN on LinkedIn is not known".into() });
        };
        let url = api(call.app, &format!("rest/posts/{}", segment(urn)));
        let request = Call::delete(url).header("x-restli-method", "DELETE");
        match self.ask(call.app, call.token, request, call.now).await {
            Err(Failure::Rejected { code, .. }) if code == "not_found" => Ok(()),
            result => result.map(drop),
        }
    }
}

impl Wording for LinkedIn {
    fn named(&self, app: &PlatformApp, _: &Account, post: &str) -> Option<Receipt> {
        if let Some(entity) = comment::entity(post).filter(|_| comment::is_comment(post)) {
            return Some(Receipt { url: Some(web(app, entity)), id: Some(post.to_owned()) });
        }
        let urn = named_urn(app, post)?;
        let url = Some(web(app, &urn));
        // An activity is where people see a post, and not what the API knows it by.
        Some(Receipt { id: (!urn.starts_with("urn:li:activity:")).then_some(urn), url })
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        (0..variant.steps()).map(|step| written(variant, step)).collect()
    }
}
