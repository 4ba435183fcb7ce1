//! Videos among the pictures of a carousel, and the picture beside a reel.

use super::*;
use domain::MediaId;
use domain::publishing::Media;
use ports::{Find as _, MediaBytes, MediaError, MediaReader, Peek, Published};
use secrecy::SecretString;

/// Several media, each at its own address.
struct Shelf(Vec<Picture>);

impl Shelf {
    fn of(&self, media: &Media) -> &Picture {
        self.0.iter().find(|picture| picture.0.id == media.id).unwrap()
    }

    fn media(&self) -> Vec<Media> {
        self.0.iter().map(|picture| picture.0.clone()).collect()
    }

    fn variant(&self, text: &str) -> Variant {
        let mut variant = Variant::text(text);
        variant.parts[0].media = self.0.iter().map(|picture| MediaRef::new(picture.0.id)).collect();
        variant
    }
}

#[async_trait::async_trait]
impl MediaReader for Shelf {
    async fn open(&self, media: &Media) -> Result<MediaBytes, MediaError> {
        self.of(media).open(media).await
    }
    async fn peek(&self, media: &Media, n: u32) -> Result<Peek, MediaError> {
        self.of(media).peek(media, n).await
    }
    async fn public_address(&self, media: &Media) -> Result<SecretString, MediaError> {
        self.of(media).public_address(media).await
    }
}

/// Media of these types, at addresses where Instagram can get them.
async fn hosted(server: &Connected, types: &[&str]) -> Shelf {
    let mut shelf = Shelf(Vec::new());
    for (n, media_type) in (1_u16..).zip(types) {
        let mut picture = picture(media_type, 20_000 + usize::from(n));
        picture.0.id = MediaId::from_uuid(uuid::Uuid::from_u128(n.into()));
        shelf.0.push(server.sandbox.hosted(&format!("{n}.bin"), picture).await);
    }
    shelf
}

/// A delivery by hand, with whatever it has prepared.
struct Delivery<'a> {
    connector: (&'a Instagram, &'a Connected),
    shelf: &'a Shelf,
    media: Vec<Media>,
    variant: Variant,
    progress: Option<Value>,
}

impl<'a> Delivery<'a> {
    fn new(connector: (&'a Instagram, &'a Connected), shelf: &'a Shelf, variant: Variant) -> Self {
        Self { connector, shelf, media: shelf.media(), variant, progress: None }
    }

    fn call(&self) -> PublishCall<'_> {
        let call = call_of(self.connector.1, &self.variant, &self.shelf.0[0]);
        PublishCall { media: &self.media, bytes: self.shelf, progress: self.progress.as_ref(), ..call }
    }

    async fn publish(&mut self) -> Result<Published, Failure> {
        let mut now = self.connector.1.now();
        for _ in 0..40 {
            let until = now + SignedDuration::from_secs(30);
            match self.connector.0.prepare(&PublishCall { now, until, ..self.call() }).await? {
                Prepared::Ready(kept) => {
                    self.progress = kept;
                    return self.connector.0.publish(&self.call()).await;
                }
                Prepared::More(kept) => self.progress = Some(kept),
                Prepared::Wait { progress, until } => (self.progress, now) = (Some(progress), until),
            }
        }
        panic!("preparing does not end")
    }

    async fn find(&self) -> Result<Finding, Failure> {
        self.connector.0.find(&self.call(), self.connector.1.now() - SignedDuration::from_secs(60)).await
    }
}

/// Whether the newest post shows all of these, to the byte and in this order.
async fn shows(server: &Connected, shelf: &Shelf) -> bool {
    let live = server.live().await;
    let shown = live.last().unwrap()["media"].as_array().unwrap().clone();
    let mut same = shown.len() == shelf.0.len();
    for (medium, meant) in shown.iter().zip(&shelf.0) {
        same &= server.shown(medium).await == meant.1;
    }
    same
}

#[tokio::test]
async fn a_carousel_shows_pictures_and_videos_in_their_order_to_the_byte() {
    let instagram = connector();
    let (server, _) = connected(&instagram).await;
    for types in [&["image/jpeg", "video/mp4", "image/jpeg"][..], &["video/mp4", "video/mp4"]] {
        let shelf = hosted(&server, types).await;
        let made = calls(&server, "media").await;
        let published = Delivery::new((&instagram, &server), &shelf, shelf.variant("together")).publish().await;
        assert!(published.unwrap().receipt.id.is_some());
        assert_eq!(calls(&server, "media").await - made, types.len() as u64 + 1, "one each, and the whole");
        assert!(shows(&server, &shelf).await, "{types:?}");
        let live = server.live().await;
        assert_eq!((&live.last().unwrap()["text"], &live.last().unwrap()["card"]), (&json!("together"), &Value::Null));
    }
}

#[tokio::test]
async fn whatever_call_is_lost_one_carousel_comes_of_it_whole() {
    let instagram = connector();
    let (server, _) = connected(&instagram).await;
    let shelf = hosted(&server, &["image/jpeg", "video/mp4"]).await;
    for op in ["media", "media_status"] {
        for kind in ["commit_then_drop", "drop_before_commit", "garbage", "cut_body"] {
            for skip in 0..3 {
                let live = server.live().await.len();
                let order = json!({ "platform": "instagram", "op": op, "kind": kind, "skip": skip });
                server.sandbox.control("faults", &order).await;
                let text = format!("{op} {kind} {skip}");
                let mut delivery = Delivery::new((&instagram, &server), &shelf, shelf.variant(&text));
                let mut tries = 0;
                while let Err(failure) = delivery.publish().await {
                    assert_eq!((failure.code(), server.live().await.len()), ("unavailable", live), "{order}: no doubt");
                    tries += 1;
                    assert!(tries < 3, "{order}");
                }
                assert_eq!(server.live().await.len(), live + 1, "{order}");
                assert!(shows(&server, &shelf).await, "{order}");
            }
        }
    }
}

#[tokio::test]
async fn a_doubt_of_a_carousel_with_a_video_is_settled_by_its_container_however_late_it_takes_effect() {
    let instagram = connector();
    let (server, _) = connected(&instagram).await;
    let shelf = hosted(&server, &["video/mp4", "image/jpeg"]).await;
    let mut delivery = Delivery::new((&instagram, &server), &shelf, shelf.variant("late"));
    server.order("create_post", "late_commit_ms", json!({ "ms": 1_500 })).await;
    delivery.publish().await.unwrap_err();
    assert_eq!(delivery.find().await, Ok(Finding::Absent), "it is finished, and not published yet");
    while server.live().await.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(matches!(delivery.find().await, Ok(Finding::Live(_))));
    assert_eq!(delivery.publish().await, Err(Failure::Duplicate { existing: None }));
    assert_eq!(server.requests().await, 1, "the next try took no request");
}

#[tokio::test]
async fn a_video_that_instagram_does_not_take_refuses_the_carousel_before_anything_is_published() {
    let instagram = connector();
    let (server, _) = connected(&instagram).await;
    let mut shelf = hosted(&server, &["image/jpeg", "image/jpeg"]).await;
    // Its bytes are no video, whatever was looked at.
    shelf.0[1].0.probe.as_mut().unwrap().media_type = "video/mp4".into();
    let refused = Delivery::new((&instagram, &server), &shelf, shelf.variant("no film")).publish().await;
    assert_eq!(refused.unwrap_err().code(), "media_refused");
    assert_eq!((server.requests().await, server.live().await.len()), (0, 0));
}

#[tokio::test]
async fn the_cover_of_a_reel_is_an_instant_of_it_where_no_picture_stands_beside_it() {
    let instagram = connector();
    let (server, _) = connected(&instagram).await;
    for kind in [ContentKind::Reel, ContentKind::Post] {
        let shelf = hosted(&server, &["video/mp4"]).await;
        let mut reel = Variant { kind, ..shelf.variant(&format!("a {kind:?}")) };
        reel.parts[0].media[0].cover_ms = Some(1_500);
        Delivery::new((&instagram, &server), &shelf, reel).publish().await.unwrap();
        let live = server.live().await;
        assert_eq!(live.last().unwrap()["card"]["description"], "1500 ms", "{kind:?}");
    }
    for (types, kind) in
        [(["video/mp4", "image/jpeg"], ContentKind::Reel), (["video/mp4", "image/jpeg"], ContentKind::Post)]
    {
        let shelf = hosted(&server, &types).await;
        let mut several = Variant { kind, ..shelf.variant(&format!("several, {kind:?}")) };
        several.parts[0].media[0].cover_ms = Some(1_500);
        Delivery::new((&instagram, &server), &shelf, several).publish().await.unwrap();
        let live = server.live().await;
        assert!(live.last().unwrap()["card"]["description"].is_null(), "the picture is the cover, or stands beside it");
    }
}

#[tokio::test]
async fn a_picture_beside_a_reel_is_its_cover_wherever_it_stands_and_no_address_is_told() {
    let instagram = connector();
    let (server, _) = connected(&instagram).await;
    for (types, film) in [(["video/mp4", "image/jpeg"], 0), (["image/jpeg", "video/mp4"], 1)] {
        let shelf = hosted(&server, &types).await;
        let reel = Variant { kind: ContentKind::Reel, ..shelf.variant("a reel") };
        let made = calls(&server, "media").await;
        Delivery::new((&instagram, &server), &shelf, reel).publish().await.unwrap();
        assert_eq!(calls(&server, "media").await - made, 1, "one container");
        let live = server.live().await;
        let post = live.last().unwrap();
        assert_eq!(post["media"].as_array().unwrap().len(), 1);
        assert!(server.shown(&post["media"][0]).await == shelf.0[film].1, "{types:?}");
        let cover = format!("/media/instagram/{}", post["card"]["thumbnail"].as_str().unwrap());
        assert!(server.sandbox.bytes(&cover).await == shelf.0[1 - film].1, "{types:?}");
    }
    let mut shelf = hosted(&server, &["video/mp4", "image/png"]).await;
    shelf.0[1].0.probe.as_mut().unwrap().media_type = "image/jpeg".into();
    let reel = Variant { kind: ContentKind::Reel, ..shelf.variant("a reel") };
    let Err(Failure::Rejected { code, .. }) =
        Delivery::new((&instagram, &server), &shelf, reel.clone()).publish().await
    else {
        panic!("a PNG is no cover")
    };
    assert_eq!(code, "media_refused");
    let addresses: Vec<String> = shelf.0.iter().map(jpeg_url).collect();
    let error = json!({ "message": format!("no {}", addresses.join(" or ")), "code": 100, "error_subcode": 2_207_052 });
    server.order("media", "status", json!({ "code": 400, "body": { "error": error } })).await;
    let told = Delivery::new((&instagram, &server), &shelf, reel).publish().await;
    let Err(Failure::Rejected { detail, .. }) = told else { panic!("{told:?}") };
    assert_eq!(detail, "no … or …");
}
