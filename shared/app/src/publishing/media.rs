//! Media: registered first (an upload address, or an address to read from), probed before they can be published.

use super::probe::{Unread, of_whole, probe};
use crate::mutate::{Encode, commit, require};
use crate::{Deps, Error, Once, Reply};
use bytes::Bytes;
use domain::access::{Caller, Permission};
use domain::publishing::{Media, MediaRef, MediaSource, Part, Variant, Violation};
use domain::{MediaId, TenantId};
use ports::{Page, Record, StoredReply, Versioned, Write};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Longest alternative text of a medium in the library, in characters; what a platform takes is checked with the post.
const MAX_ALT: usize = 1_000;

/// A medium to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewMedia {
    /// The client will PUT the bytes.
    Upload {
        /// Media type it will send.
        media_type: String,
    },
    /// The bytes are at an address.
    Url(String),
}

/// Registers a medium. The answer holds the upload address, for an upload.
pub async fn create_media(
    deps: &Deps,
    caller: &Caller,
    new: &NewMedia,
    once: &Once,
    encode: &(dyn Fn(&Media, Option<&str>) -> StoredReply + Sync),
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(earlier) = once.earlier(deps, caller.tenant).await? {
        return again(deps, caller, new, earlier, encode).await;
    }
    let id = MediaId::from_uuid(deps.uuid());
    let source = match new {
        NewMedia::Upload { .. } => MediaSource::Upload { object: format!("{}/{}", caller.tenant, id) },
        NewMedia::Url(url) => MediaSource::Url { url: url.clone() },
    };
    let mut medium = Media {
        id,
        tenant: caller.tenant,
        created_by: caller.member,
        created_at: deps.clock.now(),
        source,
        probe: None,
        alt_text: None,
    };
    let upload_url = upload_url(deps, &medium, new).await?;
    if upload_url.is_none() {
        medium.probe = Some(probe(deps, &medium).await.map_err(|unread| unread.at("/url"))?);
    }
    let reply = encode(&medium, upload_url.as_deref());
    let kept = StoredReply { status: reply.status, body: json!(Registered { medium: id }).to_string() };
    let writes = vec![Write::create(Record::Media(medium)), once.remember(deps, caller.tenant, &kept)];
    match deps.ledger.commit(writes).await {
        Ok(_) => Ok(Reply::new(reply)),
        Err(error) => {
            let earlier = once.after_conflict(deps, caller.tenant, error).await?;
            again(deps, caller, new, earlier, encode).await
        }
    }
}

/// What is remembered of a medium that was registered. Not the answer: whoever has an upload address may write there, and
/// after 15 minutes it is dead.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registered {
    medium: MediaId,
}

/// The answer to a request that comes again: with a new address, for as long as the bytes are not seen.
async fn again(
    deps: &Deps,
    caller: &Caller,
    new: &NewMedia,
    earlier: Reply,
    encode: &(dyn Fn(&Media, Option<&str>) -> StoredReply + Sync),
) -> Result<Reply, Error> {
    // A release before this one remembered the answer itself.
    let Ok(Registered { medium }) = serde_json::from_str(&earlier.stored.body) else { return Ok(earlier) };
    let medium = deps.ledger.media(caller.tenant, medium).await?.ok_or(Error::NotFound("medium"))?.value;
    let upload_url = if medium.probe.is_none() { upload_url(deps, &medium, new).await? } else { None };
    Ok(Reply { stored: encode(&medium, upload_url.as_deref()), replayed: true })
}

/// An address to which the bytes of an upload may be PUT from now on.
async fn upload_url(deps: &Deps, medium: &Media, new: &NewMedia) -> Result<Option<String>, Error> {
    let (MediaSource::Upload { object }, NewMedia::Upload { media_type }) = (&medium.source, new) else {
        return Ok(None);
    };
    let url = deps.uploads.presign_put(object, media_type).await;
    url.map(Some).map_err(|error| Error::Unavailable(error.to_string()))
}

/// Stores a medium whose bytes are here, and registers it. What is no readable picture, video or document is a violation at `field`, before
/// anything is stored.
pub async fn upload_media(deps: &Deps, caller: &Caller, bytes: Bytes, field: &str) -> Result<Media, Error> {
    let medium = put(deps, caller, bytes, field).await?;
    deps.ledger.commit(vec![Write::create(Record::Media(medium.clone()))]).await?;
    Ok(medium)
}

/// The same for a request that may be repeated: it stores one medium, however often it comes.
pub async fn upload_media_once(
    deps: &Deps,
    caller: &Caller,
    bytes: Bytes,
    field: &str,
    once: &Once,
    encode: Encode<'_, Media>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let medium = put(deps, caller, bytes, field).await?;
    let reply = encode(&medium);
    commit(deps, caller.tenant, once, vec![Write::create(Record::Media(medium))], reply).await
}

/// A medium that is in the bucket and not in the ledger yet.
async fn put(deps: &Deps, caller: &Caller, bytes: Bytes, field: &str) -> Result<Media, Error> {
    require(caller, Permission::Publish)?;
    let probe = of_whole(&bytes).map_err(|unread| unread.at(field))?;
    let id = MediaId::from_uuid(deps.uuid());
    let object = format!("{}/{}", caller.tenant, id);
    let put = deps.uploads.put(&object, &probe.media_type, bytes).await;
    put.map_err(|e| Error::Unavailable(e.to_string()))?;
    let (tenant, created_by, created_at) = (caller.tenant, caller.member, deps.clock.now());
    let source = MediaSource::Upload { object };
    Ok(Media { id, tenant, created_by, created_at, source, probe: Some(probe), alt_text: None })
}

/// A medium, probed if its bytes have arrived meanwhile.
pub async fn media(deps: &Deps, caller: &Caller, id: MediaId) -> Result<Media, Error> {
    Ok(looked_into(deps, caller, id).await?.0)
}

/// The same, and why it cannot be published, where its bytes do not tell what it is.
pub async fn looked_into(deps: &Deps, caller: &Caller, id: MediaId) -> Result<(Media, Option<Unread>), Error> {
    let found = deps.ledger.media(caller.tenant, id).await?.ok_or(Error::NotFound("medium"))?;
    Ok(match ensure_probed(deps, found).await {
        Ok(medium) => (medium, None),
        Err((medium, unread)) => (medium, Some(unread)),
    })
}

/// A page of the tenant's media, newest first, as they were last seen: what arrived since is probed when it is looked at alone.
pub async fn library(deps: &Deps, caller: &Caller, cursor: Option<&str>, limit: u32) -> Result<Page<Media>, Error> {
    require(caller, Permission::Read)?;
    Ok(deps.ledger.list_media(caller.tenant, cursor, limit).await?)
}

/// Says what a medium shows, for posts that take it from the library; an empty text takes that back. Posts that use it
/// already keep what they say.
pub async fn describe_media(
    deps: &Deps,
    caller: &Caller,
    id: MediaId,
    alt_text: &str,
    once: &Once,
    encode: Encode<'_, Media>,
) -> Result<Reply, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let alt_text = alt_text.trim();
    if alt_text.chars().count() > MAX_ALT {
        let detail = format!("an alternative text has at most {MAX_ALT} characters here: shorten it");
        return Err(Error::invalid("alt_text_too_long", "/alt_text", detail));
    }
    let old = deps.ledger.media(caller.tenant, id).await?.ok_or(Error::NotFound("medium"))?;
    let alt_text = (!alt_text.is_empty()).then(|| alt_text.to_owned());
    let medium = Media { alt_text, ..old.value.clone() };
    let reply = encode(&medium);
    commit(deps, caller.tenant, once, vec![Write::replace(&old, Record::Media(medium))], reply).await
}

/// The media of these variants, each with its place, probed. What cannot be used is a violation where it first stands.
pub(super) async fn probed<'a>(
    deps: &Deps,
    tenant: TenantId,
    variants: impl Iterator<Item = (String, &'a Variant)>,
    violations: &mut Vec<Violation>,
) -> Result<Vec<Media>, Error> {
    let mut out: Vec<Media> = Vec::new();
    for (place, id) in variants.flat_map(|(at, variant)| placed(&at, variant)) {
        if out.iter().any(|m| m.id == id) {
            continue;
        }
        // An absent one is reported by the check.
        let Some(found) = deps.ledger.media(tenant, id).await? else { continue };
        match ensure_probed(deps, found).await {
            Ok(medium) => out.push(medium),
            Err((medium, Unread { code, detail })) => {
                if code != "media_not_ready" {
                    violations.push(Violation::new(code, place, detail));
                }
                out.push(medium);
            }
        }
    }
    Ok(out)
}

/// The media of these variants as they were last seen.
pub(super) async fn kept(
    deps: &Deps,
    tenant: TenantId,
    variants: impl Iterator<Item = &Variant>,
) -> Result<Vec<Media>, Error> {
    let mut out: Vec<Media> = Vec::new();
    for id in variants.flat_map(Variant::stored) {
        if out.iter().any(|m| m.id == id) {
            continue;
        }
        // An absent one is reported when it is needed.
        out.extend(deps.ledger.media(tenant, id).await?.map(|found| found.value));
    }
    Ok(out)
}

/// The media of a variant and the captions of its videos, each with its place below `at`.
pub(super) fn placed(at: &str, variant: &Variant) -> Vec<(String, MediaId)> {
    let part = |(i, part): (usize, &Part)| {
        let place = |(j, reference): (usize, &MediaRef)| {
            let at = format!("{at}/parts/{i}/media/{j}");
            let tracks = reference.captions.iter().enumerate();
            let tracks: Vec<_> = tracks.map(|(k, track)| (format!("{at}/captions/{k}"), track.id)).collect();
            std::iter::once((at, reference.id)).chain(tracks)
        };
        part.media.iter().enumerate().flat_map(place).collect::<Vec<_>>()
    };
    variant.parts.iter().enumerate().flat_map(part).collect()
}

async fn ensure_probed(deps: &Deps, found: Versioned<Media>) -> Result<Media, (Media, Unread)> {
    if found.value.probe.is_some() {
        return Ok(found.value);
    }
    match probe(deps, &found.value).await {
        Ok(probe) => {
            let medium = Media { probe: Some(probe), ..found.value.clone() };
            // Losing this write only means probing again.
            if let Err(error) = deps.ledger.commit(vec![Write::replace(&found, Record::Media(medium.clone()))]).await {
                tracing::debug!(%error, "a probe was not kept");
            }
            Ok(medium)
        }
        Err(unread) => Err((found.value, unread)),
    }
}

/// Registers a medium named by a request of an older form: the id of a registered medium, or a public address.
pub async fn named_media(deps: &Deps, caller: &Caller, name: &str, field: &str) -> Result<MediaId, Error> {
    require(caller, Permission::Publish)?;
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let id = MediaId::from_uuid(deps.uuid());
    let source = MediaSource::Url { url: name.to_owned() };
    let mut medium = Media {
        id,
        tenant: caller.tenant,
        created_by: caller.member,
        created_at: deps.clock.now(),
        source,
        probe: None,
        alt_text: None,
    };
    medium.probe = Some(probe(deps, &medium).await.map_err(|unread| unread.at(field))?);
    deps.ledger.commit(vec![Write::create(Record::Media(medium))]).await?;
    Ok(id)
}

#[cfg(test)]
mod tests;
