#![allow(clippy::unwrap_used)]

use super::*;
use crate::fakes::{FakeClock, World};
use async_trait::async_trait;
use domain::publishing::{CaptionTrack, Piece, Probe};
use ports::{Clock as _, MediaError, Object, Uploads};
use std::sync::Arc;

/// A bucket whose addresses say when they were made.
struct Bucket(Arc<FakeClock>);

#[async_trait]
impl Uploads for Bucket {
    async fn presign_put(&self, object: &str, media_type: &str) -> Result<String, MediaError> {
        Ok(format!("https://bucket.test/{object}?type={media_type}&at={}", self.0.now().as_second()))
    }
    async fn read(&self, _: &str, _: Option<Piece>, _: Option<&str>) -> Result<Object, MediaError> {
        Err(MediaError::Absent)
    }
}

fn told(medium: &Media, url: Option<&str>) -> StoredReply {
    StoredReply { status: 201, body: format!("{} {}", medium.id, url.unwrap_or("none")) }
}

#[tokio::test]
async fn an_upload_that_is_asked_for_again_has_a_fresh_address_until_its_bytes_are_seen_and_none_is_kept() {
    let mut world = World::new();
    let owner = world.owner(1).await;
    world.deps.uploads = Arc::new(Bucket(world.clock.clone()));
    let new = NewMedia::Upload { media_type: "image/png".into() };
    let once = Once { route: "test".into(), key: "k".into(), fingerprint: "f".into() };
    let ask = async || create_media(&world.deps, &owner, &new, &once, &told).await.unwrap();
    let first = ask().await;
    assert!(!first.replayed && first.stored.body.contains("type=image/png"), "{first:?}");
    world.clock.pass(16 * 60);
    let again = ask().await;
    let (id, address) = again.stored.body.split_once(' ').unwrap();
    assert!(again.replayed && first.stored.body.starts_with(id), "it is the same medium");
    assert!(address.ends_with(&format!("at={}", world.clock.now().as_second())), "the first one is dead: {address}");
    assert_eq!(library(&world.deps, &owner, None, 9).await.unwrap().items.len(), 1);
    let kept = world.deps.ledger.remembered(owner.tenant, "test", "k", world.clock.now()).await.unwrap().unwrap();
    assert!(!kept.value.reply.unwrap().body.contains("bucket.test"), "who has the address may write there");
    let id: MediaId = id.parse().unwrap();
    let old = world.deps.ledger.media(owner.tenant, id).await.unwrap().unwrap();
    let seen = Media { probe: Some(Probe::picture("image/png", 9, 1, 1)), ..old.value.clone() };
    world.deps.ledger.commit(vec![Write::replace(&old, Record::Media(seen))]).await.unwrap();
    assert_eq!(ask().await.stored.body, format!("{id} none"));
}

#[tokio::test]
async fn an_answer_that_an_earlier_release_remembered_is_given_as_it_was() {
    let world = World::new();
    let owner = world.owner(1).await;
    let once = Once { route: "test".into(), key: "k".into(), fingerprint: "f".into() };
    let kept = StoredReply { status: 201, body: "{\"data\":{\"media_id\":\"med_1\"}}".into() };
    world.deps.ledger.commit(vec![once.remember(&world.deps, owner.tenant, &kept)]).await.unwrap();
    let new = NewMedia::Upload { media_type: "image/png".into() };
    assert_eq!(create_media(&world.deps, &owner, &new, &once, &told).await.unwrap().stored, kept);
}

#[tokio::test]
async fn all_that_a_content_needs_is_looked_at_the_captions_of_its_videos_too() {
    let mut world = World::new();
    let owner = world.owner(1).await;
    world.deps.uploads = Arc::new(Bucket(world.clock.clone()));
    let once = |key: &str| Once { route: "test".into(), key: key.into(), fingerprint: "f".into() };
    let mut ids = Vec::new();
    for key in ["video", "captions"] {
        let new = NewMedia::Upload { media_type: "video/mp4".into() };
        let made = create_media(&world.deps, &owner, &new, &once(key), &told).await.unwrap().stored.body;
        ids.push(made.split_once(' ').unwrap().0.parse::<MediaId>().unwrap());
    }
    let track = CaptionTrack { id: ids[1], language: "en".into(), name: None };
    let mut content = Variant::text("a film");
    content.parts[0].media.push(MediaRef { captions: vec![track], ..MediaRef::new(ids[0]) });
    let found = kept(&world.deps, owner.tenant, std::iter::once(&content)).await.unwrap();
    assert_eq!(found.iter().map(|medium| medium.id).collect::<Vec<_>>(), ids);
}
