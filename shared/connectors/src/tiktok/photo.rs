//! Pictures. TikTok fetches them itself, and only from below an address that the operator verified with it; the request that names them
//! is the one that publishes. What comes of it is told by the name that it answers with, as for videos.

use super::api::{Direct, Named, PhotoInfo, PhotoInit, PhotoSource, good, privacy};
use super::prepare::{self, Progress, Terms};
use super::status::{self, Standing, Upload};
use super::{TikTok, error};
use connector_kit::{Allowance, Call, media_failure, progress};
use domain::publishing::{Failure, MediaKind, MediaSource, Receipt};
use jiff::SignedDuration;
use ports::{Prepared, PublishCall, Published};
use secrecy::{ExposeSecret as _, SecretString};

/// How long TikTok may fetch them: our addresses are good for an hour.
const FETCHED: SignedDuration = SignedDuration::from_hours(1);

/// Whether the part shows pictures, as its first medium says.
pub(super) fn is_of_pictures(call: &PublishCall<'_>) -> bool {
    let first = call.variant.media_of(call.part).first();
    let medium = first.and_then(|reference| call.media.iter().find(|medium| medium.id == reference.id));
    medium.and_then(|medium| medium.probe.as_ref()).is_some_and(|probe| probe.kind() == MediaKind::Picture)
}

/// The addresses at which TikTok may fetch the pictures, in their order.
async fn addresses(tiktok: &TikTok, call: &PublishCall<'_>) -> Result<Vec<SecretString>, Failure> {
    let Some(served) = tiktok.http.served() else {
        return Err(Failure::Misconfigured { detail: super::UNSERVED.into() });
    };
    let mut all = Vec::new();
    for reference in call.variant.media_of(call.part) {
        let medium = call.media.iter().find(|medium| medium.id == reference.id).ok_or_else(prepare::missing)?;
        let address = call.bytes.public_address(medium).await.map_err(|error| media_failure(&error))?;
        let below = match medium.source {
            MediaSource::Upload { .. } => served.of(address.expose_secret()),
            MediaSource::Url { .. } => served.has(address.expose_secret()).then_some(address),
        };
        all.push(below.ok_or_else(|| {
            let detail = format!("TikTok fetches pictures only from below {}: upload them instead", served.as_str());
            Failure::Rejected { code: "url_not_allowed".into(), detail }
        })?);
    }
    Ok(all)
}

/// What is asked before the request: what the account may publish, of all but drafts, and whether the pictures have addresses.
pub(super) async fn prepare(
    tiktok: &TikTok,
    call: &PublishCall<'_>,
    mut kept: Progress,
    time: Allowance,
) -> Result<Prepared, Failure> {
    time.run(addresses(tiktok, call)).await?;
    let creator = prepare::terms(tiktok, call, time).await?;
    if let Some(creator) = &creator {
        prepare::allowed(call, None, creator)?;
    }
    kept.terms = Some(Terms { silent: creator.is_some_and(|creator| creator.comment_disabled) });
    Ok(Prepared::Ready(Some(progress::value(&kept))))
}

/// Begins the post. TikTok fetches, and publishes, in its own time.
pub(super) async fn publish(tiktok: &TikTok, call: &PublishCall<'_>) -> Result<Published, Failure> {
    let mut kept = Progress::of(call);
    let terms = kept.terms.take().ok_or(Failure::Unavailable)?;
    let (time, draft) = (Allowance::of(call), call.variant.draft);
    let pictures = time.run(addresses(tiktok, call)).await?;
    let text = call.variant.full_text(0, false);
    let post_info = if draft {
        PhotoInfo::default()
    } else {
        PhotoInfo {
            title: call.variant.title.as_deref().unwrap_or_default(),
            description: &text,
            direct: Some(Direct {
                privacy_level: privacy(call.variant.visibility),
                disable_comment: terms.silent,
                auto_add_music: false,
                brand_content_toggle: false,
                brand_organic_toggle: false,
            }),
        }
    };
    let init = PhotoInit {
        media_type: "PHOTO",
        post_mode: if draft { "MEDIA_UPLOAD" } else { "DIRECT_POST" },
        post_info,
        source_info: PhotoSource {
            source: "PULL_FROM_URL",
            photo_images: pictures.iter().map(SecretString::expose_secret).collect(),
            photo_cover_index: 0,
        },
    };
    let request = Call::post(super::api(call.app, "post/publish/content/init/")).bearer(call.token).json(&init);
    // Whoever has such an address can read the picture.
    let request = pictures.iter().fold(request, Call::hiding);
    let answer = tiktok.http.call(request).await?;
    let begun = good::<Named>(&answer).map(|told| told.data.publish_id).filter(|id| super::upload::is_name(id));
    let Some(id) = begun else {
        let refused = error::refusal(&answer, call.now);
        return Err(if draft { error::of_inbox(refused) } else { refused });
    };
    let until = call.now + FETCHED;
    let upload = Upload { id, size: 0, until, offered: true, inbox: draft, pictures: true };
    // It has it. What follows is a reading.
    let detail = match time.run(status::of(tiktok, call, &upload)).await {
        Ok(Standing::Live(Some(id))) => {
            return Ok(Published { receipt: super::publish::receipt(call, &id, true), quiet_until: None });
        }
        Ok(Standing::Live(None)) if !super::publish::is_named(call.variant) => {
            return Ok(Published { receipt: Receipt::NAMELESS, quiet_until: None });
        }
        Ok(Standing::Live(None)) => "it is published, and its id is not told yet",
        _ => "TikTok has it, and fetches its pictures",
    };
    kept.former.push(upload);
    Err(Failure::Taken { detail: detail.into(), kept: Some(progress::value(&kept)) })
}
