//! Publishing on LinkedIn: one post, with pictures or a link card.

use super::api::{Article, Content, Distribution, Image, Post};
use super::error::refusal;
use super::{LinkedIn, api, is_author, is_post, media, site, text, web};
use async_trait::async_trait;
use connector_kit::{Call, segment};
use domain::accounts::{Account, AccountKind};
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, LinkCard, Receipt, Variant, Visibility};
use jiff::Timestamp;
use ports::{PlatformApp, Prepared, Publish, PublishCall, Published};

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

/// The text as it is sent. A link is a card, not part of it.
pub(super) fn commentary(variant: &Variant) -> String {
    text::escape(&variant.full_text(0, true))
}

fn article(link: &LinkCard) -> Article {
    Article { source: link.url.clone(), title: link.title.clone(), description: link.description.clone() }
}

fn content(call: &PublishCall<'_>) -> Result<Option<Content>, Failure> {
    let pictures = call.variant.media_of(0);
    if let Some(link) = &call.variant.link {
        // The descriptor lets no card beside pictures through, nor one without a title.
        return Ok(Some(Content::Article(article(link))));
    }
    if pictures.is_empty() {
        return Ok(None);
    }
    // Nothing leaves without its pictures; the next try prepares them again.
    let urns = media::ready(call).ok_or(Failure::Unavailable)?;
    let alt = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let images = urns.into_iter().zip(pictures).map(|(id, picture)| Image { id, alt_text: alt(&picture.alt_text) });
    let mut images: Vec<Image> = images.collect();
    Ok(Some(if images.len() == 1 { Content::Media(images.remove(0)) } else { Content::MultiImage { images } }))
}

#[async_trait]
impl Publish for LinkedIn {
    fn dedupe(&self, account: &Account) -> DedupeClass {
        match account.profile.kind {
            AccountKind::Organisation => DedupeClass::Readable,
            // Reading a member's own posts needs a permission that LinkedIn gives to nobody new.
            AccountKind::Person => DedupeClass::WriteOnly,
        }
    }

    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        call.variant.media().next().is_some()
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        media::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let body = Post {
            author: author(call.account)?,
            commentary: &commentary(call.variant),
            visibility: match call.variant.visibility {
                Visibility::Public => "PUBLIC",
                Visibility::Connections => "CONNECTIONS",
                Visibility::LoggedIn => "LOGGED_IN",
            },
            distribution: Distribution {
                feed_distribution: "MAIN_FEED",
                target_entities: [],
                third_party_distribution_channels: [],
            },
            lifecycle_state: "PUBLISHED",
            is_reshare_disabled_by_author: false,
            content: content(call)?,
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
            _ => Err(refusal(call.app, &answer, call.now)),
        }
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        match call.account.profile.kind {
            AccountKind::Organisation => super::find::find(self, call, since).await,
            AccountKind::Person => Ok(Finding::Unreadable),
        }
    }

    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
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

    fn named(&self, app: &PlatformApp, _: &Account, post: &str) -> Option<Receipt> {
        let path = connector_kit::path_on(post, &HOSTS, &site(app));
        let path: Vec<&str> = path.iter().flatten().map(String::as_str).collect();
        let urn = match path.as_slice() {
            // Browsers write the colons of an address either way.
            ["feed", "update", urn] => urn.replace("%3A", ":").replace("%3a", ":"),
            ["posts", slug] => urn_of(slug)?,
            _ => post.to_owned(),
        };
        // An activity is where people see a post, and not what the API knows it by.
        let url = is_post(&urn).then(|| web(app, &urn))?;
        Some(Receipt { id: (!urn.starts_with("urn:li:activity:")).then_some(urn), url: Some(url) })
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        vec![commentary(variant)]
    }
}
