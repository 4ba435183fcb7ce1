//! Publishing on TikTok: the last bytes of a video are the request, or the one that names the pictures. What comes of it TikTok tells when it is asked.

use super::api::{PUBLIC, privacy};
use super::prepare::{self, Progress};
use super::status::{self, All, Standing};
use super::{TikTok, WEB, error, is_name, photo, upload};
use async_trait::async_trait;
use connector_kit::{Allowance, is_id, path_on};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Receipt, Variant};
use jiff::{SignedDuration, Timestamp};
use ports::{Amend, Delete, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};

/// Where addresses of videos point that people copy.
const HOSTS: [&str; 3] = ["www.tiktok.com", "tiktok.com", "m.tiktok.com"];
/// Least that is left of an upload's time when its last bytes leave.
const SPARE: SignedDuration = SignedDuration::from_mins(2);
/// How long after its last bytes left a published video may be without its id before it counts as published without one; ours.
const NAMELESS: SignedDuration = SignedDuration::from_mins(15);

/// The proof for a video, or for a post of pictures.
pub(super) fn receipt(call: &PublishCall<'_>, id: &str, pictures: bool) -> Receipt {
    let kind = if pictures { "photo" } else { "video" };
    proof(call.app, call.account.profile.handle.as_ref(), (kind, id))
}

fn proof(app: &PlatformApp, handle: Option<&String>, (kind, id): (&str, &str)) -> Receipt {
    let url = handle.map(|name| format!("{}/@{name}/{kind}/{id}", WEB.of(app)));
    Receipt { id: Some(id.to_owned()), url }
}

/// Whether it will have an id that is told: what everybody sees. A draft lies in its creator's inbox.
pub(super) fn is_named(variant: &Variant) -> bool {
    !variant.draft && privacy(variant.visibility) == PUBLIC
}

#[async_trait]
impl Publish for TikTok {
    fn needs_preparing(&self, _: &PublishCall<'_>) -> bool {
        true
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        prepare::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        if photo::is_of_pictures(call) {
            return photo::publish(self, call).await;
        }
        let kept = Progress::of(call);
        let (medium, probe) = prepare::medium(call)?;
        // Nothing leaves but the last bytes of an upload that has all others; the next try prepares it again.
        let (Some(way), Some(current)) = (kept.way, kept.former.last()) else { return Err(Failure::Unavailable) };
        let from = upload::last(current.size);
        if way.sent != from || current.size != probe.bytes || call.now + SPARE >= current.until {
            return Err(Failure::Unavailable);
        }
        let time = Allowance::of(call);
        let bytes = time.run(upload::read(call, medium, from, current.size - from)).await?;
        let answer = upload::put(self, &way.url, probe, (from, bytes), time).await?;
        if answer.status != 201 {
            return Err(error::of_bytes(&answer, call.now));
        }
        // It has it. What follows is a reading.
        let taken = |detail: &str| Err(Failure::taken(detail));
        match time.run(status::of(self, call, current)).await {
            Ok(Standing::Live(Some(id))) => Ok(Published { receipt: receipt(call, &id, false), quiet_until: None }),
            Ok(Standing::Live(None)) if !is_named(call.variant) => {
                Ok(Published { receipt: Receipt::NAMELESS, quiet_until: None })
            }
            Ok(Standing::Live(None)) => taken("it is published, and its id is not told yet"),
            _ => taken("it is being processed"),
        }
    }
}

#[async_trait]
impl Find for TikTok {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        let kept = Progress::of(call);
        if kept.former.is_empty() {
            return Ok(Finding::Unreadable);
        }
        let standing = status::of_all(self, call, &kept.former).await;
        // The request that names pictures may have left, and its answer is lost: nothing names what may have come of it, whatever
        // becomes of those that were named before.
        if kept.terms.is_some() && matches!(standing, Ok(All::None(_)) | Err(_)) {
            return Ok(Finding::Unreadable);
        }
        match standing? {
            // No other delivery has these ids.
            All::Live(receipt) => Ok(Finding::Proved(receipt)),
            All::Nameless if is_named(call.variant) && call.now < since + NAMELESS => Ok(Finding::Pending),
            All::Nameless => Ok(Finding::Proved(Receipt::NAMELESS)),
            All::Taken(_) => Ok(Finding::Pending),
            All::None(Some((code, detail))) => Ok(Finding::Refused { code, detail }),
            All::None(None) => Ok(Finding::Absent),
        }
    }
}

#[async_trait]
impl Delete for TikTok {
    async fn delete(&self, _: &PublishCall<'_>, _: &Receipt) -> Result<(), Failure> {
        let detail = "TikTok has no API to delete a video: delete it in its app";
        Err(Failure::Unsupported { detail: detail.into() })
    }
}

impl Amend for TikTok {}

impl Wording for TikTok {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        let handle = account.profile.handle.as_ref();
        if is_id(post) {
            return Some(proof(app, handle, ("video", post)));
        }
        let path = path_on(post, &HOSTS, &WEB.of(app))?;
        let [name, kind @ ("video" | "photo"), id] = path.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
            return None;
        };
        let name = name.strip_prefix('@').filter(|name| is_name(name))?;
        // Another's post is none of this account's posts.
        let theirs = handle.is_none_or(|own| own.eq_ignore_ascii_case(name));
        (theirs && is_id(id)).then(|| proof(app, handle, (kind, id)))
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        // The inbox takes a video or pictures alone.
        vec![if variant.draft { String::new() } else { variant.full_text(0, false) }]
    }
}
