//! Publishing on Medium: one request makes the story. Nothing can be read back, changed or taken away.

use super::api::{Envelope, NewPost, Post};
use super::error::refusal;
use super::{Medium, WEB, api, place, signed};
use async_trait::async_trait;
use connector_kit::html::{anchor, escape, paragraphs};
use connector_kit::{Call, is_shown, is_word, path_on};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Receipt, Variant};
use domain::text::has_link;
use jiff::Timestamp;
use ports::{Amend, Delete, Find, PlatformApp, Publish, PublishCall, Published, Wording};

/// Longest id of a story that is taken; Medium's have 12 digits.
const MAX_POST: usize = 32;

/// The state a story ends in.
fn wanted(variant: &Variant) -> &'static str {
    if variant.draft { "draft" } else { "public" }
}

/// The story: its title is a heading in it, since Medium shows no other.
fn content(variant: &Variant) -> String {
    let title = variant.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    let heading = title.map(|title| format!("<h1>{}</h1>", escape(title)));
    let text = variant.parts.first().map_or("", |part| part.text.as_str());
    let link = variant.link.as_ref().filter(|link| !has_link(text, &link.url));
    let link = link.map(|link| anchor(&link.url, link.title.as_deref().unwrap_or(&link.url)));
    let body = paragraphs(text).into_iter().chain(link).map(|inner| format!("<p>{inner}</p>"));
    heading.into_iter().chain(body).collect()
}

fn address(app: &PlatformApp, id: &str) -> String {
    format!("{}/p/{id}", WEB.of(app))
}

#[async_trait]
impl Publish for Medium {
    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let (kind, id) = place(&call.account.profile.external_id).ok_or_else(|| Failure::Rejected {
            code: "account_invalid".into(),
            detail: "the account names no profile or publication: connect it again".into(),
        })?;
        let status = wanted(call.variant);
        let post = NewPost {
            title: call.variant.title.as_deref().unwrap_or_default().trim(),
            content_format: "html",
            content: content(call.variant),
            tags: call.variant.tags.iter().map(|tag| tag.trim()).collect(),
            publish_status: status,
        };
        let request = Call::post(api(call.app, &format!("{kind}/{id}/posts"))).json(&post);
        let answer = self.http.call(signed(request, call.token)).await?;
        if !answer.is_success() {
            return Err(refusal(&answer, call.now));
        }
        let made = answer.json::<Envelope<Post>>().map(|made| made.data);
        match made.filter(|made| is_word(&made.id, MAX_POST) && made.publish_status == status) {
            Some(made) => {
                let url = Some(made.url).filter(|url| is_shown(url)).unwrap_or_else(|| address(call.app, &made.id));
                Ok(Published { receipt: Receipt { url: Some(url), id: Some(made.id) }, quiet_until: None })
            }
            None => {
                Err(Failure::Unconfirmed { detail: format!("HTTP {} without the story as asked for", answer.status) })
            }
        }
    }
}

#[async_trait]
impl Find for Medium {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::WriteOnly
    }

    async fn find(&self, _: &PublishCall<'_>, _: Timestamp) -> Result<Finding, Failure> {
        // The API has no way to read stories.
        Ok(Finding::Unreadable)
    }
}

#[async_trait]
impl Delete for Medium {
    async fn delete(&self, _: &PublishCall<'_>, _: &Receipt) -> Result<(), Failure> {
        let detail = "Medium's API, without support since March 2023, cannot delete stories: delete it on Medium";
        Err(Failure::Unsupported { detail: detail.into() })
    }
}

impl Amend for Medium {}

impl Wording for Medium {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        let named = |id: &str| {
            let digits = id.len() >= 8 && is_word(id, MAX_POST) && id.bytes().all(|b| b.is_ascii_hexdigit());
            digits.then(|| Receipt { id: Some(id.to_owned()), url: Some(address(app, id)) })
        };
        if let Some(receipt) = named(post) {
            return Some(receipt);
        }
        let path = path_on(post, &["medium.com"], &format!("{}/", WEB.of(app)))?;
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let (kind, _) = place(&account.profile.external_id)?;
        let sign = if kind == "users" { "@" } else { "" };
        let whose = account.profile.handle.as_deref().map(|handle| format!("{sign}{handle}"));
        match path.as_slice() {
            ["p", id] => named(id),
            [of, story] if whose.is_some_and(|whose| whose.eq_ignore_ascii_case(of)) => {
                named(story.rsplit('-').next()?)
            }
            _ => None,
        }
    }
}
