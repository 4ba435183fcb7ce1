//! Videos and documents in an article, and articles that are private.

use super::*;
use bytes::Bytes;
use connector_kit::contract::Picture;
use domain::MediaId;
use domain::publishing::{Failure, Media, Piece, Visibility};
use ports::{MediaBytes, MediaError, MediaReader, Peek, Prepared, Publish, PublishCall};
use secrecy::SecretString;
use uuid::Uuid;

/// Several media at once: each is read by its id.
struct Shelf(Vec<Picture>);

impl Shelf {
    fn of(types: &[&str]) -> Self {
        let numbered = |(n, kind): (usize, &&str)| {
            let Picture(media, bytes) = picture(kind, 2_000 + n);
            Picture(Media { id: MediaId::from_uuid(Uuid::from_u128(n as u128 + 1)), ..media }, bytes)
        };
        Self(types.iter().enumerate().map(numbered).collect())
    }

    fn media(&self) -> Vec<Media> {
        self.0.iter().map(|Picture(media, _)| media.clone()).collect()
    }
}

#[async_trait::async_trait]
impl MediaReader for Shelf {
    async fn open(&self, medium: &Media) -> Result<MediaBytes, MediaError> {
        let found = self.0.iter().find(|Picture(media, _)| media.id == medium.id);
        found.ok_or(MediaError::Absent)?.open(medium).await
    }
    async fn peek(&self, _: &Media, _: u32) -> Result<Peek, MediaError> {
        Err(MediaError::Absent)
    }
    async fn piece(&self, _: &Media, _: Piece, _: Option<&str>) -> Result<Bytes, MediaError> {
        Err(MediaError::Absent)
    }
    async fn public_address(&self, _: &Media) -> Result<SecretString, MediaError> {
        Err(MediaError::Absent)
    }
}

/// Publishes an article with these files, titled and described; what was sent.
async fn article(wordpress: &WordPress, server: &Connected, shelf: &Shelf) -> Value {
    let (media, mut progress) = (shelf.media(), None);
    let mut variant = Variant { title: Some("Season".into()), ..Variant::text("look") };
    let words = |n: usize, what: &str| Some(format!("{what} {n} & \"more\""));
    variant.parts[0].media = media
        .iter()
        .enumerate()
        .map(|(n, medium)| MediaRef { alt_text: words(n, "alt"), title: words(n, "title"), ..MediaRef::new(medium.id) })
        .collect();
    for _ in 0..20 {
        let now = server.now();
        let call = PublishCall {
            app: &server.app,
            account: &server.account,
            token: &server.token,
            variant: &variant,
            part: 0,
            key: "key".into(),
            made_at: now,
            before: &[],
            elsewhere: &[],
            progress: progress.as_ref(),
            media: &media,
            bytes: shelf,
            now,
            until: now + jiff::SignedDuration::from_secs(30),
            levels: None,
        };
        match wordpress.prepare(&call).await.unwrap() {
            Prepared::More(kept) => progress = Some(kept),
            Prepared::Ready(kept) => {
                let receipt =
                    wordpress.publish(&PublishCall { progress: kept.as_ref(), ..call }).await.unwrap().receipt;
                assert!(receipt.id.is_some());
                return server.live().await.pop().unwrap();
            }
            Prepared::Wait { .. } => panic!("nothing is waited for"),
        }
    }
    panic!("preparing does not end")
}

#[tokio::test]
async fn videos_and_documents_stand_below_the_text_and_the_first_picture_for_the_post() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let shelf = Shelf::of(&["video/mp4", "application/pdf", "image/png", "image/jpeg"]);
    let live = article(&wordpress, &server, &shelf).await;
    let media: Vec<_> = live["media"].as_array().unwrap().iter().map(|m| m["alt"].clone()).collect();
    assert_eq!(media, [json!("alt 2 & \"more\""), json!(""), json!("alt 3 & \"more\"")], "picture, video, picture");
    for (at, file) in [(0, 2), (1, 0), (2, 3)] {
        assert!(server.shown(&live["media"][at]).await == shelf.0[file].1, "{at}: other bytes arrived");
    }
    let raw: Value = serde_json::from_str(live["raw"].as_str().unwrap()).unwrap();
    let content = raw["content"].as_str().unwrap();
    assert!(
        content.contains("<video controls src=\"") && content.contains(">title 1 &amp; &quot;more&quot;</a>"),
        "{content}"
    );
    assert_eq!(
        live["text"].as_str().unwrap().lines().last(),
        Some("title 1 & \"more\""),
        "readers open it by its title"
    );
    let titles = server.person(server.site().get("wp/v2/media?_fields=title")).await;
    let titles: Vec<&str> =
        titles.as_array().unwrap().iter().map(|m| m["title"]["rendered"].as_str().unwrap()).collect();
    let of_file = "title 0 &amp; &quot;more&quot;";
    assert_eq!(
        titles,
        ["picture3.jpeg", "picture2.png", &of_file.replace('0', "1"), of_file]
            .map(|t| t.trim_end_matches(".jpeg").trim_end_matches(".png"))
    );
}

#[tokio::test]
async fn without_a_picture_none_stands_for_the_post() {
    let wordpress = connector();
    let server = connected(&wordpress).await;
    let live = article(&wordpress, &server, &Shelf::of(&["application/pdf", "video/mp4"])).await;
    let raw: Value = serde_json::from_str(live["raw"].as_str().unwrap()).unwrap();
    assert_eq!((&raw["featured_media"], live["media"].as_array().unwrap().len()), (&json!(0), 1));
}

#[tokio::test]
async fn a_private_post_is_published_for_its_author_and_a_lost_answer_is_settled_by_its_number() {
    let wordpress = connector();
    let (server, small) = (connected(&wordpress).await, small());
    let private = |text: &str| Variant {
        title: Some(text.into()),
        visibility: Visibility::Private,
        first_comment: Some("for us".into()),
        ..Variant::text(text)
    };
    let mut case = Case::new(&wordpress, &server, private("Ours"), &small);
    case.prepare().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Absent));
    server.fault(Fault::CommitThenDrop).await;
    assert!(matches!(case.publish().await, Err(Failure::Unconfirmed { .. })));
    let Ok(Finding::Proved(found)) = case.find().await else { panic!("not proved") };
    let receipt = case.publish().await.unwrap().receipt;
    assert_eq!(receipt, found, "a second request changes nothing");
    assert_eq!(server.live().await[0]["visibility"], "private");
    case.publish().await.unwrap();
    assert_eq!(server.live().await[1]["reply_to"], json!(receipt.id), "its author may comment it");

    let mut public = Case::new(&wordpress, &server, private("Theirs"), &small);
    public.variant.visibility = Visibility::Public;
    public.prepare().await.unwrap();
    let (id, _) = server.draft(&public).await;
    server.person(server.site().post(&format!("wp/v2/posts/{id}")).json(&json!({ "status": "private" }))).await;
    assert_eq!(public.find().await, Ok(Finding::Resembling(1)), "somebody hid what was for everybody");
}
