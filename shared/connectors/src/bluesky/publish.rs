//! Publishing: one record per part, under a key that follows from the part.

use super::api::{
    Allow, Applied, ApplyWrites, AspectRatio, CreateRecord, Created, DeleteRecord, Embed, External, Image, Post,
    Quoted, ThreadGate, Value, Write,
};
use super::error::{quiet_until, refusal};
use super::prepare::{self, Progress, uri};
use super::record_key::{self, is_tid};
use super::{Bluesky, GATES, POSTS, did, facets, home, is_did, others, web, xrpc};
use async_trait::async_trait;
use connector_kit::{Answer, Call, is_word};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, MediaKind, Receipt, ReplyRestriction, Variant};
use jiff::Timestamp;
use ports::{
    Amend, Delete, Find, HeardPage, ListenCall, PlatformApp, Prepared, Publish, PublishCall, Published, Wording,
};

/// What shows a quoted post.
const QUOTES: &str = "app.bsky.embed.record";

/// The proof for a key.
pub(super) fn receipt(app: &PlatformApp, did: &str, key: String) -> Receipt {
    Receipt { url: Some(web(app, did, &key)), id: Some(key) }
}

/// The text as it is sent. A link is a card, not part of it.
fn text(variant: &Variant, part: usize) -> String {
    variant.full_text(part, true)
}

/// What is shown below the text: pictures, a video, or the card of the first part, and the post that it quotes.
fn embed<'a>(call: &PublishCall<'a>, kept: &Progress) -> Result<Option<Embed<'a>>, Failure> {
    let shown = shown(call, kept)?;
    if others::quoted(call).is_none() {
        return Ok(shown);
    }
    // Nothing leaves without what it quotes; the next try prepares it again.
    let record = kept.quote.clone().ok_or(Failure::Unavailable)?;
    Ok(Some(match shown {
        None => Embed::Record { record },
        Some(media) => Embed::RecordWithMedia { record: Quoted { kind: QUOTES, record }, media: Box::new(media) },
    }))
}

/// What the author shows besides: pictures, a video, or the card of the first part.
fn shown<'a>(call: &PublishCall<'a>, kept: &Progress) -> Result<Option<Embed<'a>>, Failure> {
    let pictures = call.variant.media_of(call.part);
    if !pictures.is_empty() {
        if kept.blobs.len() != pictures.len() {
            // Nothing leaves without its pictures; the next try prepares them again.
            return Err(Failure::Unavailable);
        }
        let shape = |id| call.media.iter().find(|medium| medium.id == id)?.probe.as_ref();
        let ratio = |id| shape(id).map(|probe| AspectRatio { width: probe.width, height: probe.height });
        let ratio = |id| ratio(id).filter(|ratio| ratio.width > 0 && ratio.height > 0);
        let is_video = |id| shape(id).is_some_and(|probe| probe.kind() == MediaKind::Video);
        if let ([video], [blob]) = (pictures, kept.blobs.as_slice())
            && is_video(video.id)
        {
            let alt = video.alt_text.as_deref().filter(|alt| !alt.is_empty());
            return Ok(Some(Embed::Video { video: blob.clone(), alt, aspect_ratio: ratio(video.id) }));
        }
        let images = pictures.iter().zip(&kept.blobs).map(|(picture, blob)| Image {
            blob: blob.clone(),
            alt: picture.alt_text.as_deref().unwrap_or_default(),
            aspect_ratio: ratio(picture.id),
        });
        return Ok(Some(Embed::Images { images: images.collect() }));
    }
    let link = call.variant.link.as_ref().filter(|_| call.part == 0);
    Ok(link.map(|link| Embed::External {
        external: External {
            uri: &link.url,
            title: link.title.as_deref().unwrap_or_default(),
            description: link.description.as_deref().unwrap_or_default(),
        },
    }))
}

/// Who may reply to the thread that this part begins.
fn gate(call: &PublishCall<'_>) -> Option<Allow> {
    match call.variant.reply_restriction {
        _ if call.part > 0 => None,
        ReplyRestriction::Everyone => None,
        ReplyRestriction::Following => Some(Allow::Following {}),
        ReplyRestriction::Mentioned => Some(Allow::Mentioned {}),
    }
}

/// The request that publishes the part. A post that not everybody may answer is recorded together with who may: there is no
/// moment in which one exists without the other.
fn request(call: &PublishCall<'_>, did: &str, key: &str, text: &str) -> Result<Call, Failure> {
    let kept = prepare::progress(call);
    // A reply is only ever sent as one.
    if (call.part > 0 || call.variant.reply_to.is_some()) && kept.reply.is_none() {
        return Err(Failure::Unavailable);
    }
    let created_at = format!("{:.3}", call.now);
    let record = Post {
        kind: POSTS,
        text,
        created_at: created_at.clone(),
        facets: facets::facets(text, &kept.handles),
        embed: embed(call, &kept)?.map(Box::new),
        reply: kept.reply,
    };
    let to = |method: &str| Ok::<_, Failure>(Call::post(xrpc(home(call.account)?, method)).bearer(call.token).theirs());
    let Some(allow) = gate(call) else {
        let body = CreateRecord { repo: did, collection: POSTS, rkey: key, record };
        return Ok(to("com.atproto.repo.createRecord")?.json(&body));
    };
    let gate = ThreadGate { kind: GATES, post: uri(did, key), allow: [allow], created_at };
    let writes = [
        Write::Create { collection: POSTS, rkey: key, value: Value::Post(record) },
        Write::Create { collection: GATES, rkey: key, value: Value::Gate(gate) },
    ];
    Ok(to("com.atproto.repo.applyWrites")?.json(&ApplyWrites { repo: did, writes }))
}

/// Whether the answer says that the record now lies where it was to lie.
fn proves(answer: &Answer, wanted: &str) -> bool {
    let created = answer
        .json::<Created>()
        .or_else(|| answer.json::<Applied>().and_then(|applied| applied.results.into_iter().next()));
    created.is_some_and(|created| created.uri == wanted && is_word(&created.cid, 128))
}

#[async_trait]
impl Publish for Bluesky {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        prepare::is_needed(call)
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        prepare::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let (did, key, text) = (did(call.account)?, record_key::of(call), text(call.variant, call.part));
        let answer = self.http.call(request(call, did, &key, &text)?).await?;
        if !answer.is_success() {
            return Err(refusal(&answer, call.now));
        }
        if !proves(&answer, &uri(did, &key)) {
            return Err(Failure::Unconfirmed { detail: format!("HTTP {} without the record", answer.status) });
        }
        Ok(Published { receipt: receipt(call.app, did, key), quiet_until: quiet_until(&answer, call.now) })
    }
}

#[async_trait]
impl Find for Bluesky {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, _since: Timestamp) -> Result<Finding, Failure> {
        super::find::find(self, call).await
    }

    async fn listen(&self, call: &ListenCall<'_>) -> Result<HeardPage, Failure> {
        super::listen::listen(self, call).await
    }
}

#[async_trait]
impl Delete for Bluesky {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        let Some(key) = receipt.id.as_deref().filter(|key| is_tid(key)) else {
            return Err(Failure::Unsupported { detail: "the post's id on Bluesky is not known".into() });
        };
        let gated = call.variant.reply_restriction != ReplyRestriction::Everyone;
        let url = xrpc(home(call.account)?, "com.atproto.repo.deleteRecord");
        // Deleting what is not there is a success: nothing is asked first. The post goes first: while it is there, so is what
        // says who may reply.
        for collection in [POSTS, GATES].into_iter().filter(|collection| gated || *collection == POSTS) {
            let body = DeleteRecord { repo: did(call.account)?, collection, rkey: key };
            self.ask(Call::post(url.clone()).bearer(call.token).theirs().json(&body), call.now).await?;
        }
        Ok(())
    }
}

impl Amend for Bluesky {}

impl Wording for Bluesky {
    fn named(&self, app: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        let did = account.profile.external_id.as_str();
        let me = |who: &str| who == did || account.profile.handle.as_deref() == Some(who);
        let key = match others::named(app, post) {
            Some(named) if me(&named.who) => named.key,
            Some(_) => return None,
            None => post.to_owned(),
        };
        (is_did(did) && is_tid(&key)).then(|| receipt(app, did, key))
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        (0..variant.steps()).map(|part| text(variant, part)).collect()
    }
}
