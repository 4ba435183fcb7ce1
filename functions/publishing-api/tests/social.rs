//! The campaign design's form: what it names of media, tweets and other places, and what of it no platform takes.
#![allow(missing_docs, clippy::unwrap_used)]

#[allow(dead_code)]
mod desk;

use app::publishing::TargetSpec;
use desk::{Desk, desk};
use domain::MediaId;
use domain::publishing::{ContentKind, Media, MediaSource, Probe};
use ports::{Record, Write};
use serde_json::{Value, json};
use testing::api::{Answer, Ask};

const CONTENT: &str = "/api/v1/communication/social/readable/content";

/// A medium that was read; its id.
async fn medium(desk: &Desk, media_type: &str) -> String {
    let (deps, owner) = (desk.bench.world.deps(), &desk.bench.owner.caller);
    let probe = Probe::picture(media_type, 100, 10, 10);
    let film = media_type.starts_with("video/");
    let medium = Media {
        id: MediaId::from_uuid(deps.uuid()),
        tenant: owner.tenant,
        created_by: owner.member,
        created_at: deps.clock.now(),
        source: MediaSource::Url { url: "https://example.com/medium".into() },
        probe: Some(Probe { duration_ms: film.then_some(9_000), codec: film.then(|| "h264".into()), ..probe }),
        alt_text: None,
    };
    deps.ledger.commit(vec![Write::create(Record::Media(medium.clone()))]).await.unwrap();
    medium.id.to_string()
}

async fn created(desk: &Desk, key: &str, body: &Value) -> Answer {
    let answer = desk.bench.owner(Ask::new("POST", CONTENT).once(key).json(body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

async fn refused(desk: &Desk, body: &Value, code: &str) -> String {
    let ask = Ask::new("POST", CONTENT).once("r").json(body).by(&desk.bench.owner);
    let answer = desk.bench.refused(ask, 422, code).await;
    answer.body["errors"][0]["field"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_tweet_has_its_marks_at_its_end_and_each_tweet_of_a_thread_its_own_media() {
    let desk = desk().await;
    let marks = json!({ "hashtags": ["coffee"], "cashtags": ["HRBR", "$X"], "urls": ["https://example.com/a", "https://example.com/b"], "mentions": [] });
    let tweet = json!({ "text": "See https://example.com/a, $X", "characterCount": 29, "formatting": marks });
    let made = created(&desk, "a", &json!({ "content": { "contentType": "tweet", "tweet": tweet } })).await;
    assert_eq!(made.data()["content"]["text"], "See https://example.com/a, $X #coffee $HRBR https://example.com/b");
    let mut pictures = Vec::new();
    for _ in 0..4 {
        pictures.push(medium(&desk, "image/png").await);
    }
    let tweets = json!([
        { "text": "second", "order": 2, "media": [pictures[1], pictures[2]] },
        { "text": "first", "order": 1, "media": [pictures[0]] },
    ]);
    let thread = json!({ "tweets": tweets, "summary": "for us", "totalCharacters": 11 });
    let body = json!({ "content": { "contentType": "thread", "thread": thread }, "media": { "gif": { "url": pictures[3], "altText": "it moves" } } });
    let made = created(&desk, "b", &body).await;
    let parts = made.data()["content"]["thread"].as_array().unwrap().clone();
    let (text, media) = (|n: usize| parts[n]["text"].clone(), |n: usize| parts[n]["media"].as_array().unwrap().clone());
    assert_eq!((text(0), text(1)), (json!("first"), json!("second")));
    assert_eq!((media(0).len(), media(1).len()), (2, 2));
    assert_eq!(media(0)[0]["alt_text"], "it moves");
}

#[tokio::test]
async fn a_video_and_a_document_are_held_to_the_platforms_rules_and_what_only_describes_them_is_left_out_aloud() {
    let desk = desk().await;
    let (film, picture) = (medium(&desk, "video/mp4").await, medium(&desk, "image/png").await);
    let video = json!({ "url": film, "thumbnail": "https://example.com/a.png", "duration": 9.5, "captions": true });
    let image = json!({ "url": picture, "altText": "a", "title": "A harbour" });
    let with_film = json!({ "content": { "contentType": "video", "text": "a" }, "media": { "video": video } });
    assert_eq!(refused(&desk, &with_film, "unsupported").await, "/media/video", "this platform takes none");
    let made = created(&desk, "a", &json!({ "content": { "text": "a" }, "media": { "images": [image] } })).await;
    let warnings: Vec<&str> = made.data()["warnings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(warnings.iter().any(|warning| warning.contains("has no titles of 1")), "{warnings:?}");
    let document = json!({ "contentType": "document", "text": "a" });
    assert_eq!(refused(&desk, &json!({ "content": document }), "content_empty").await, "/content/contentType");
    let tagged = json!({ "content": { "text": "a" }, "media": { "images": [{ "url": "https://example.com/a.png", "tags": ["ada"] }] } });
    assert_eq!(refused(&desk, &tagged, "unsupported").await, "/media/images");
    let article = json!({ "content": { "contentType": "article", "title": "A title", "text": "a" } });
    assert_eq!(refused(&desk, &article, "unsupported").await, "/content/contentType", "this platform has none");
    let parsed: publishing_api::wire::v1::SocialContentBody = serde_json::from_value(article).unwrap();
    let content = parsed.command("x", &[]).unwrap().content;
    assert_eq!((content.kind, content.title.as_deref()), (ContentKind::Article, Some("A title")));
    let both = json!({ "content": { "text": "a", "tweet": { "text": "b" } } });
    assert_eq!(refused(&desk, &both, "content_ambiguous").await, "/content/tweet");
}

#[tokio::test]
async fn captions_go_with_their_video_when_their_language_is_said_and_are_left_out_aloud_when_not() {
    let desk = desk().await;
    let (film, captions) = (medium(&desk, "video/mp4").await, medium(&desk, "text/vtt").await);
    let body = |video: Value| json!({ "content": { "text": "a" }, "media": { "video": video } });
    // This platform takes no videos, and that is all there is to say; what is no captions is told where it stands.
    let said = json!({ "url": film, "captions": captions, "captionsLanguage": "en" });
    assert_eq!(refused(&desk, &body(said.clone()), "unsupported").await, "/media/video");
    let parsed: publishing_api::wire::v1::SocialContentBody = serde_json::from_value(body(said)).unwrap();
    let ids: Vec<MediaId> = parsed.named().iter().map(|named| named.name.parse().unwrap()).collect();
    let command = parsed.command("x", &ids).unwrap();
    let media = &command.content.parts[0].media;
    assert_eq!((media.len(), media[0].captions.len()), (1, 1));
    assert_eq!((media[0].captions[0].id.to_string(), media[0].captions[0].language.as_str()), (captions, "en"));
    assert!(parsed.left_out().is_empty());
    for (video, words) in [
        (json!({ "url": film, "captions": "https://example.com/a.vtt" }), "say their language"),
        (json!({ "url": film, "captions": true }), "say where they are"),
    ] {
        let parsed: publishing_api::wire::v1::SocialContentBody = serde_json::from_value(body(video)).unwrap();
        assert_eq!(parsed.named().len(), 1, "nothing is fetched that is not sent");
        assert!(parsed.left_out()[0].contains(words), "{:?}", parsed.left_out());
    }
}

#[tokio::test]
async fn a_content_that_goes_to_another_place_too_names_it_and_mail_is_none() {
    let desk = desk().await;
    let to = |place: &str| json!({ "content": { "text": "a" }, "publishing": { "crossPosting": { place: true } } });
    // This world has no such platform.
    assert_eq!(
        refused(&desk, &to("shareToTwitter"), "unknown_platform").await,
        "/publishing/crossPosting/shareToTwitter"
    );
    assert_eq!(refused(&desk, &to("shareToEmail"), "unsupported").await, "/publishing/crossPosting/shareToEmail");
    let parsed: publishing_api::wire::v1::SocialContentBody = serde_json::from_value(to("shareToTwitter")).unwrap();
    let targets = parsed.command("readable", &[]).unwrap().targets;
    assert_eq!(targets, ["readable", "twitter"].map(|name| TargetSpec::Platform(name.into())));
}

#[tokio::test]
async fn a_campaign_and_what_is_to_happen_by_itself_are_refused_with_the_reason() {
    let desk = desk().await;
    let body = |field: &str, value: Value| {
        let mut body = json!({ "content": { "text": "a" } });
        body[field] = value;
        body
    };
    let campaign = json!({ "campaignId": "1", "campaignName": "Spring", "campaignTags": ["spring"] });
    let automation = |field: &str, value: Value| {
        let mut none =
            json!({ "autoRetweet": [], "autoLike": [], "autoReply": { "enabled": false, "template": "Hi" } });
        none[field] = value;
        body("automation", none)
    };
    for (asked, field, why) in [
        (body("campaign", campaign), "/campaign", "not grouped into campaigns"),
        (body("campaign", json!({})), "/campaign", "leave it out"),
        (automation("autoRetweet", json!(["ada"])), "/automation/autoRetweet", "passed on"),
        (automation("autoLike", json!(["coffee"])), "/automation/autoLike", "liked"),
        (automation("autoReply", json!({ "enabled": true, "template": "Hi" })), "/automation/autoReply", "replyTo"),
    ] {
        let ask = Ask::new("POST", CONTENT).once("r").json(&asked).by(&desk.bench.owner);
        let told = &desk.bench.refused(ask, 422, "unsupported").await.body["errors"][0];
        assert_eq!(told["field"], field, "{told}");
        assert!(told["detail"].as_str().is_some_and(|detail| detail.contains(why)), "{told}");
    }
    created(&desk, "none", &automation("autoRetweet", json!([]))).await;
    created(&desk, "null", &body("campaign", Value::Null)).await;
}

#[tokio::test]
async fn of_the_links_one_that_asks_for_it_is_the_card_and_the_others_stand_in_the_text() {
    let desk = desk().await;
    let link = |n: u8, preview: bool| json!({ "url": format!("https://example.com/{n}"), "preview": preview });
    let body = |links: Value| json!({ "content": { "text": "See", "formatting": { "links": links } } });
    let plain = created(&desk, "a", &body(json!([link(1, false)]))).await;
    let content = &plain.data()["content"];
    assert_eq!((&content["text"], &content["link"]), (&json!("See https://example.com/1"), &Value::Null));
    assert_eq!(plain.data()["warnings"], Value::Null);
    let mut named = link(1, false);
    named["displayText"] = json!("The first");
    let all = created(&desk, "b", &body(json!([named, link(2, true), link(3, true)]))).await;
    let content = &all.data()["content"];
    assert_eq!(content["text"], "See https://example.com/1 https://example.com/3");
    assert_eq!(content["link"]["url"], "https://example.com/2");
    let told: Vec<&str> = all.data()["warnings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("/content/formatting/links/0: its displayText is not sent"), "{told:?}");
    assert!(told[1].starts_with("/content/formatting/links/2: there is one card in a post"), "{told:?}");
}

#[tokio::test]
async fn the_social_form_tells_what_is_not_as_asked_too() {
    let desk = desk().await;
    let picture = medium(&desk, "image/png").await;
    let soon = (desk.bench.world.engine.now() + jiff::SignedDuration::from_hours(1)).to_string();
    let body = json!({ "content": "a", "platforms": ["readable"], "scheduledAt": soon, "media": [picture] });
    let path = "/api/social/posts/schedule";
    let made = desk.bench.owner(Ask::new("POST", path).once("a").json(&body)).await;
    assert_eq!((made.status, &made.body["success"]), (200, &json!(true)), "{made:?}");
    let told = made.body["warnings"].as_array().unwrap();
    assert!(told.len() == 1 && told[0].as_str().unwrap().contains("have no alternative text"), "{told:?}");
}
