//! Publishing on YouTube: one request says who may see the video, and everything else that is said of it. It may be repeated, and the
//! video is read by its id. First comments and answers are other requests (`comment.rs`, `reply.rs`).

use super::api::{Counted, List, PRIVATE, Said, Snippet, Status, Video, privacy};
use super::error::refusal;
use super::prepare::{self, Progress};
use super::{WEB, YouTube, api, comment, is_video, reply, web};
use async_trait::async_trait;
use connector_kit::{Call, path_on};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Receipt, Variant};
use jiff::Timestamp;
use ports::{
    Delete, EngagementCall, Find, HeardPage, ListenCall, PlatformApp, Prepared, Publish, PublishCall, Published,
    Wording,
};
use std::collections::BTreeMap;
use url::Url;

/// Where addresses of videos point that people copy.
const HOSTS: [&str; 3] = ["www.youtube.com", "youtube.com", "m.youtube.com"];
/// The short form.
const SHORT: [&str; 1] = ["youtu.be"];

/// The proof for a video.
fn receipt(app: &PlatformApp, id: &str) -> Receipt {
    Receipt { id: Some(id.to_owned()), url: Some(web(app, id)) }
}

pub(super) fn title(variant: &Variant) -> &str {
    variant.title.as_deref().unwrap_or_default().trim()
}

pub(super) fn description(variant: &Variant) -> String {
    variant.full_text(0, false)
}

#[async_trait]
impl Publish for YouTube {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        !call.variant.is_below(call.part)
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        prepare::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        if call.variant.reply_to.is_some() {
            return reply::publish(self, call).await;
        }
        if call.variant.is_comment(call.part) {
            return comment::publish(self, call).await;
        }
        // Nothing leaves without its video; the next try prepares it again.
        let Progress { video: Some(id), category: Some(category), .. } = Progress::of(call) else {
            return Err(Failure::Unavailable);
        };
        let (text, wanted) = (description(call.variant), privacy(call.variant));
        let said = Said {
            id: Some(&id),
            snippet: Snippet {
                title: title(call.variant),
                description: &text,
                tags: call.variant.tags.iter().map(|tag| tag.trim()).collect(),
                category_id: &category,
                default_language: None,
                default_audio_language: None,
            },
            status: Status { privacy_status: wanted, self_declared_made_for_kids: call.variant.made_for_kids },
        };
        let request = Call::put(api(call.app, "videos?part=snippet,status")).bearer(call.token).json(&said);
        let answer = self.http.call(request).await?;
        if !answer.is_success() {
            return Err(refusal(&answer, call.now));
        }
        match answer.json::<Video>().filter(|found| found.id == id) {
            Some(found) if found.status.privacy_status == wanted => {
                Ok(Published { receipt: receipt(call.app, &id), quiet_until: None })
            }
            // Whether it stays so is not known: what was answered may be older than what took effect.
            Some(found) if found.is_private() => Err(Failure::Unconfirmed {
                detail: "YouTube tells the video as private still, as it keeps what comes through an API project that it has \
                         not audited: look in YouTube Studio, and have the project audited"
                    .into(),
            }),
            Some(found) => {
                let state = answer.words(&found.status.privacy_status);
                Err(Failure::Unconfirmed { detail: format!("YouTube tells the video as {state:?}") })
            }
            None => Err(Failure::Unconfirmed { detail: format!("HTTP {} without the video", answer.status) }),
        }
    }
}

#[async_trait]
impl Find for YouTube {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        if call.variant.reply_to.is_some() {
            return reply::find(self, call, since).await;
        }
        if call.variant.is_comment(call.part) {
            return comment::find(self, call).await;
        }
        // A request left, so there was a video. Which one is kept with the delivery.
        let Some(id) = Progress::of(call).video else { return Ok(Finding::Unreadable) };
        // One reading without it proves nothing; where it stays away, a person is asked in the end.
        let Some(found) = prepare::read(self, call, &id).await? else { return Err(Failure::Unavailable) };
        // The request takes the name away.
        let named = found.is_tagged(&prepare::name(call));
        Ok(match (found.status.privacy_status.as_str(), privacy(call.variant)) {
            // No other delivery has this id, whatever it says.
            (PRIVATE, PRIVATE) if !named => Finding::Proved(receipt(call.app, &id)),
            (PRIVATE, _) if named => Finding::Absent,
            (is, wanted) if is == wanted && wanted != PRIVATE => Finding::Proved(receipt(call.app, &id)),
            // Held back by YouTube, or shown otherwise: somebody had a hand in it.
            _ => Finding::Resembling(1),
        })
    }

    async fn engagement(&self, call: &EngagementCall<'_>, posts: &[&str]) -> Result<BTreeMap<String, u64>, Failure> {
        let ids: Vec<&str> = posts.iter().copied().filter(|id| is_video(id)).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let url = api(call.app, &format!("videos?part=statistics&id={}", ids.join("%2C")));
        let list: List<Counted> =
            self.ask_as(call.token, Call::get(url), call.now).await?.json().ok_or(Failure::Unavailable)?;
        Ok(list.items.iter().map(|counted| (counted.id.clone(), counted.all())).collect())
    }

    async fn listen(&self, call: &ListenCall<'_>) -> Result<HeardPage, Failure> {
        super::listen::listen(self, call).await
    }
}

#[async_trait]
impl Delete for YouTube {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        if call.variant.is_below(call.part) {
            return comment::delete(self, call, receipt).await;
        }
        let Some(id) = receipt.id.as_deref().filter(|id| is_video(id)) else {
            return Err(Failure::Unsupported { detail: "the video's id on YouTube is not known".into() });
        };
        match self.ask(call, Call::delete(api(call.app, &format!("videos?id={id}")))).await {
            Err(Failure::Rejected { code, .. }) if code == "not_found" => Ok(()),
            result => result.map(drop),
        }
    }
}

impl Wording for YouTube {
    fn named(&self, app: &PlatformApp, _: &Account, post: &str) -> Option<Receipt> {
        if is_video(post) {
            return Some(receipt(app, post));
        }
        let id = if let Some(path) = path_on(post, &SHORT, "https://youtu.be/") {
            path.into_iter()
                .next()
                .filter(|_| Url::parse(post).is_ok_and(|url| url.path().matches('/').count() == 1))?
        } else {
            let path = path_on(post, &HOSTS, &WEB.of(app))?;
            match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["watch"] => Url::parse(post).ok()?.query_pairs().find(|(key, _)| key == "v")?.1.into_owned(),
                ["shorts" | "live", id] => (*id).to_owned(),
                _ => return None,
            }
        };
        is_video(&id).then(|| receipt(app, &id))
    }
}
