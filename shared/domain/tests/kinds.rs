//! What is asked of posts of one kind, and of media that stand together.
#![allow(missing_docs, clippy::unwrap_used)]

use domain::platform::{
    Descriptor, EncodingRule, Feature, KindRule, Limits, MixedRule, Quota, QuotaScope, Ratios, TitleRule, VideoRule,
    quotas_of,
};
use domain::publishing::{Asking, ContentKind, Media, MediaRef, MediaSource, Meters, Probe, Variant, check, left_out};
use domain::text::TextRule;
use domain::{MediaId, MemberId, TenantId};
use uuid::Uuid;

fn rule(max_ms: u64) -> VideoRule {
    VideoRule {
        most: 3,
        bytes: 1_000,
        min_ms: 0,
        max_ms,
        types: vec!["video/mp4".into()],
        codecs: Vec::new(),
        beside_pictures: true,
        alt_text: false,
        title: false,
        alt_chars: None,
        shape: None,
        captions: None,
        cover_at: false,
        encoding: EncodingRule::default(),
    }
}

/// Videos of 100 s, of 20 s beside others; reels of 50 s, 9:16 and 540 x 960 pixels, with a cover; stories of 10 s.
fn platform() -> Descriptor {
    let upright = Ratios { narrowest: (9, 16), widest: (9, 16) };
    let reel = VideoRule {
        most: 1,
        shape: Some(upright),
        encoding: EncodingRule { min_pixels: Some((540, 960)), ..EncodingRule::default() },
        ..rule(50_000)
    };
    let story = VideoRule { most: 1, ..rule(10_000) };
    Descriptor {
        id: "sample".parse().unwrap(),
        aliases: Vec::new(),
        name: "Sample".into(),
        color: "#000000".into(),
        queue: "sample".into(),
        limits: Limits {
            images: 3,
            image_bytes: 1_000,
            image_types: vec!["image/png".into()],
            image_shape: Some(Ratios { narrowest: (1, 1), widest: (2, 1) }),
            alt_text: 10,
            kinds: vec![ContentKind::Post, ContentKind::Story, ContentKind::Reel],
            video: Some(rule(100_000)),
            kind_rules: vec![
                KindRule { kind: ContentKind::Reel, video: reel, cover: true },
                KindRule { kind: ContentKind::Story, video: story, cover: false },
            ],
            mixed: Some(MixedRule { most: 4, max_ms: 20_000 }),
            first_comment: Some(TextRule::Chars { limit: 10 }),
            has: vec![Feature::Draft],
            ..Limits::text_only(TextRule::Chars { limit: 100 })
        },
        settle_s: 900,
    }
}

fn film(seconds: u64, width: u32, height: u32) -> Probe {
    Probe { duration_ms: Some(seconds * 1_000), ..Probe::picture("video/mp4", 1, width, height) }
}

fn still() -> Probe {
    Probe::picture("image/png", 1, 1, 1)
}

fn post(kind: ContentKind, probes: &[Probe]) -> (Variant, Vec<Media>) {
    let medium = |(n, probe): (usize, &Probe)| Media {
        id: MediaId::from_uuid(Uuid::from_u128(n as u128)),
        tenant: TenantId::from_uuid(Uuid::nil()),
        created_by: MemberId::from_uuid(Uuid::nil()),
        created_at: jiff::Timestamp::UNIX_EPOCH,
        source: MediaSource::Url { url: "https://example.com/it".into() },
        probe: Some(probe.clone()),
        alt_text: None,
    };
    let media: Vec<Media> = probes.iter().enumerate().map(medium).collect();
    let mut variant = Variant { kind, ..Variant::text("look") };
    variant.parts[0].media = media.iter().map(|medium| MediaRef::new(medium.id)).collect();
    (variant, media)
}

fn told(kind: ContentKind, probes: &[Probe]) -> Vec<String> {
    let (variant, media) = post(kind, probes);
    check(&variant, &platform(), &media, "/c").into_iter().map(|v| format!("{}: {}", v.code, v.detail)).collect()
}

fn is_told(kind: ContentKind, probes: &[Probe], expected: &str) {
    let told = told(kind, probes);
    assert!(told.len() == 1 && told[0].contains(expected), "{expected} is not {told:?}");
}

#[test]
fn the_video_of_a_reel_or_a_story_is_held_to_the_rule_of_its_kind_and_every_other_to_the_plain_one() {
    use ContentKind::{Post, Reel, Story};
    for (kind, seconds) in [(Post, 100), (Reel, 50), (Story, 10)] {
        assert_eq!(told(kind, &[film(seconds, 540, 960)]), Vec::<String>::new(), "{kind:?}");
        let longest = format!("to {seconds}.000 seconds");
        is_told(kind, &[film(seconds + 1, 540, 960)], &longest);
    }
    is_told(Reel, &[film(1, 541, 960)], "media_shape: Sample takes reels of 9:16, width to height");
    is_told(Reel, &[film(1, 531, 944)], "media_dimensions: Sample takes reels of at least 540 x 960 pixels");
    is_told(Story, &[film(11, 1, 1)], "Sample takes stories of 0.000 to 10.000 seconds; this plays 11.000: cut it");
    assert_eq!(told(Post, &[film(1, 1, 1)]), Vec::<String>::new());
}

#[test]
fn a_picture_beside_a_reel_is_its_cover_of_any_shape_and_without_alternative_text() {
    use ContentKind::{Post, Reel};
    let (reel, upright) = (film(1, 540, 960), Probe::picture("image/png", 1, 9, 16));
    for probes in [[reel.clone(), upright.clone()], [upright.clone(), reel.clone()]] {
        assert_eq!(told(Reel, &probes), Vec::<String>::new());
        is_told(Post, &probes, "media_shape: Sample takes pictures from 1:1 to 2:1");
    }
    let wrong =
        "media_mixed: a reel is one video, and a picture beside it is its cover: give it these, and nothing else";
    is_told(Reel, &[reel.clone(), still(), still()], wrong);
    is_told(Reel, &[still()], wrong);
    let (mut variant, media) = post(Reel, &[reel, upright]);
    variant.parts[0].media[1].alt_text = Some("longer than ten characters".into());
    assert_eq!(check(&variant, &platform(), &media, "/c"), Vec::new());
    let left = left_out(&variant, &platform(), &media);
    assert_eq!(left, ["Sample takes no alternative text of 1 of the pictures and videos: not sent there"]);
}

#[test]
fn several_media_together_are_counted_together_and_a_video_among_them_is_shorter() {
    use ContentKind::Post;
    let short = film(20, 1, 1);
    assert_eq!(told(Post, &[short.clone(), still(), still(), still()]), Vec::<String>::new());
    assert_eq!(told(Post, &[short.clone(), short.clone()]), Vec::<String>::new());
    let five = [short.clone(), short.clone(), still(), still(), still()];
    is_told(Post, &five, "media_too_many: Sample takes at most 4 pictures and videos here: leave some out");
    is_told(Post, &[film(21, 1, 1), still()], "Sample takes videos beside others of 0.000 to 20.000 seconds");
}

#[test]
fn a_story_is_no_draft_and_nobody_comments_one() {
    let (variant, media) = post(ContentKind::Story, &[still()]);
    let told = |variant: Variant| -> Vec<String> {
        check(&variant, &platform(), &media, "/c").into_iter().map(|v| v.field).collect()
    };
    assert_eq!(told(Variant { draft: true, ..variant.clone() }), ["/c/draft"]);
    let plain = Variant { kind: ContentKind::Post, draft: true, ..variant };
    assert_eq!(told(plain.clone()), Vec::<String>::new());
    assert_eq!(told(Variant { first_comment: Some("first".into()), ..plain }), ["/c/first_comment"]);
}

#[test]
fn a_quota_of_reels_counts_reels_alone_and_what_another_post_gives_back_is_not_given_back_to_it() {
    let quotas = vec![
        Quota::new("posts", QuotaScope::Account, 10, 3_600),
        Quota::new("reels", QuotaScope::Account, 2, 3_600).of_kind(ContentKind::Reel),
    ];
    let limits = Limits { quotas, ..platform().limits };
    let names = |kind| -> Vec<String> { limits.quotas_for(kind, false).into_iter().map(|quota| quota.name).collect() };
    assert_eq!(names(ContentKind::Reel), ["posts", "reels"]);
    assert_eq!(names(ContentKind::Post), ["posts"]);
    let now = "2027-01-15T09:00:00Z".parse().unwrap();
    let one = Asking { who: "", n: 1, waited: false };
    let (reel, plain) = (limits.quotas_for(ContentKind::Reel, false), limits.quotas_for(ContentKind::Post, false));
    let (reel, plain) = (quotas_of(&reel, QuotaScope::Account), quotas_of(&plain, QuotaScope::Account));
    let mut meters = Meters::default();
    for _ in 0..2 {
        assert_eq!(meters.ask(&reel, one, now), Ok(1));
    }
    assert_eq!(meters.ask(&plain, one, now), Ok(1));
    meters.give_back(&plain, "", 1);
    assert!(meters.ask(&reel, one, now).is_err(), "the reels that left are counted still");
    assert_eq!(meters.ask(&plain, one, now), Ok(1));
}

/// Posts of 100 characters in threads of 3, and articles of one text with a title, without pictures.
fn writes_articles() -> Descriptor {
    let reasons = [(Feature::Picture, "an article here has no pictures".to_owned())].into();
    let own = Limits {
        title: Some(TitleRule { text: TextRule::Chars { limit: 10 }, required: true }),
        kinds: vec![ContentKind::Article],
        has: vec![Feature::Draft],
        reasons,
        ..Limits::text_only(TextRule::Chars { limit: 1_000 })
    };
    let mut sample = platform();
    sample.limits = Limits {
        kinds: vec![ContentKind::Post, ContentKind::Article],
        article: Some(Box::new(own)),
        thread_parts: 3,
        first_comment: None,
        cashtags: Some(1),
        has: Vec::new(),
        ..sample.limits
    };
    sample
}

#[test]
fn an_article_is_held_to_limits_of_its_own_and_what_is_said_below_it_to_those_of_posts() {
    let sample = writes_articles();
    let told = |variant: &Variant| {
        let found = check(variant, &sample, &[], "").into_iter();
        found.map(|violation| format!("{} {}", violation.code, violation.field)).collect::<Vec<_>>()
    };
    let long = "x".repeat(101);
    let article = |text: &str, title: Option<&str>| Variant {
        kind: ContentKind::Article,
        title: title.map(str::to_owned),
        ..Variant::text(text)
    };
    assert_eq!(told(&Variant::text(&long)), ["content_too_long /parts/0/text"]);
    assert_eq!(told(&article(&long, Some("A title"))), Vec::<String>::new());
    assert_eq!(told(&article("$A $B", None)), ["title_missing /title"], "cashtags are counted in posts");
    let below = |comment: &str| Variant { first_comment: Some(comment.into()), ..article("x", Some("A title")) };
    assert_eq!(told(&below(&long)), ["content_too_long /first_comment"]);
    assert_eq!(told(&below("$A $B")), ["too_many_cashtags /first_comment"]);
    let mut thread = article("x", Some("A title"));
    thread.parts.push(thread.parts[0].clone());
    let found = check(&thread, &sample, &[], "");
    assert!(found[0].code == "too_many_parts" && found[0].detail.contains("an article on Sample is one text"));
    let draft = |variant: Variant| told(&Variant { draft: true, ..variant });
    assert_eq!(draft(Variant::text("x")), ["unsupported /draft"]);
    assert_eq!(draft(article("x", Some("A title"))), Vec::<String>::new());
    assert_eq!(draft(below("x")), ["unsupported /first_comment"]);
    let titled = Variant { title: Some("A title".into()), ..Variant::text("x") };
    assert_eq!(left_out(&titled, &sample, &[]), ["Sample has no titles: not sent there"]);
    assert_eq!(left_out(&article("x", Some("A title")), &sample, &[]), Vec::<String>::new());
}

#[test]
fn a_platform_that_makes_articles_as_it_makes_posts_has_one_set_of_limits() {
    let of = |kind| Variant { kind, ..Variant::text("x") };
    let sample = platform();
    for kind in [ContentKind::Post, ContentKind::Article, ContentKind::Story, ContentKind::Reel] {
        assert_eq!(*sample.of_content(&of(kind)), sample, "{kind:?}");
    }
    let sample = writes_articles();
    assert_ne!(*sample.of_content(&of(ContentKind::Article)), sample);
    assert_eq!(*sample.of_content(&of(ContentKind::Reel)), sample);
}
