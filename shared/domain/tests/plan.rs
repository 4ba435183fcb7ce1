//! What a platform asks for is data of its descriptor, each rule on its own.
#![allow(missing_docs, clippy::unwrap_used)]

use domain::MediaId;
use domain::accounts::AccountKind;
use domain::platform::{
    AmendRule, Descriptor, DocumentRule, EncodingRule, Feature, GifRule, Limits, LinkCards, PictureRule, PollRule,
    Quota, QuotaScope, Ratios, TagRule, TargetingRule, TemplateRule, TitleRule, VideoRule,
};
use domain::publishing::{
    ContentKind, LinkCard, Media, MediaRef, MediaSource, Poll, Probe, Targeting, Template, Variant, Visibility,
    amended_there, check, check_amend, check_author, left_out, undescribed, without_template,
};
use domain::text::TextRule;
use uuid::Uuid;

fn platform(link_card: Option<LinkCards>) -> Descriptor {
    Descriptor {
        id: "sample".parse().unwrap(),
        aliases: Vec::new(),
        name: "Sample".into(),
        color: "#000000".into(),
        queue: "sample".into(),
        limits: Limits {
            images: 4,
            image_bytes: 1_000,
            alt_text: 100,
            link_card,
            ..Limits::text_only(TextRule::Chars { limit: 100 })
        },
        settle_s: 900,
    }
}

/// The codes about the link of a post with this title and, perhaps, a picture.
fn broken(link_card: Option<LinkCards>, title: Option<&str>, picture: bool) -> Vec<String> {
    let link = LinkCard { url: "https://example.com".into(), title: title.map(str::to_owned), description: None };
    let mut variant = Variant { link: Some(link), ..Variant::text("look") };
    if picture {
        variant.parts[0].media.push(MediaRef::new(MediaId::from_uuid(Uuid::nil())));
    }
    let found = check(&variant, &platform(link_card), &[], "/content");
    found.into_iter().filter(|v| v.field.starts_with("/content/link")).map(|v| v.code).collect()
}

#[test]
fn another_title_is_a_change_where_pictures_alone_have_one() {
    let entitled = |title: &str| Variant { title: Some(title.into()), ..Variant::text("words") };
    let (says, wanted) = (entitled("old"), entitled("new"));
    let mut sample = platform(None);
    assert_eq!(amended_there(&says, &wanted, &sample), says, "nobody sees a title there");
    for (title, there) in [(None, &says), (Some(TextRule::Chars { limit: 90 }), &wanted)] {
        let text = TextRule::Chars { limit: 100 };
        sample.limits.pictures = Some(PictureRule { text, title, below: "https://media.example.com/".into() });
        assert_eq!(&amended_there(&says, &wanted, &sample), there);
    }
}

#[test]
fn a_card_needs_a_title_and_excludes_pictures_only_where_the_platform_says_so() {
    let cards = |needs_title, beside_media| Some(LinkCards { needs_title, beside_media });
    for (link_card, title, picture, expected) in [
        (None, None, true, [].as_slice()),
        (cards(false, true), None, true, &[]),
        (cards(true, true), None, true, &["link_title_missing"]),
        (cards(true, true), Some(" \n"), true, &["link_title_missing"]),
        (cards(true, true), Some("A title"), true, &[]),
        (cards(false, false), None, true, &["link_and_media"]),
        (cards(false, false), None, false, &[]),
        (cards(true, false), None, true, &["link_title_missing", "link_and_media"]),
    ] {
        assert_eq!(broken(link_card, title, picture), expected, "{link_card:?} {title:?} {picture}");
    }
}

/// Everything that a platform can have, in small.
fn rich() -> Descriptor {
    let mut descriptor = platform(Some(LinkCards { needs_title: false, beside_media: true }));
    descriptor.limits = Limits {
        images: 2,
        image_types: vec!["image/png".into()],
        kinds: vec![ContentKind::Post, ContentKind::Reel, ContentKind::Story],
        video: Some(VideoRule {
            most: 1,
            bytes: 2_000,
            min_ms: 1_000,
            max_ms: 10_000,
            types: vec!["video/mp4".into()],
            codecs: vec!["h264".into()],
            beside_pictures: false,
            alt_text: false,
            title: false,
            alt_chars: None,
            shape: Some(Ratios { narrowest: (1, 3), widest: (3, 1) }),
            captions: None,
            cover_at: false,
            encoding: EncodingRule::default(),
        }),
        document: Some(DocumentRule {
            most: 1,
            bytes: 500,
            types: vec!["application/pdf".into()],
            needs_title: true,
            beside_others: false,
        }),
        poll: Some(PollRule {
            options: (2, 4),
            option_chars: 5,
            question_chars: None,
            minutes: (5, 100),
            durations: Vec::new(),
            whole_hours: false,
            multiple: false,
            beside_media: false,
            text: None,
        }),
        title: Some(TitleRule { text: TextRule::Chars { limit: 10 }, required: true }),
        summary: Some(TextRule::Chars { limit: 10 }),
        tags: Some(TagRule::new(2, 5)),
        first_comment: Some(TextRule::Chars { limit: 10 }),
        has: vec![Feature::Reply],
        ..descriptor.limits
    };
    descriptor
}

fn medium(n: u128, probe: Probe) -> Media {
    Media {
        id: MediaId::from_uuid(Uuid::from_u128(n)),
        tenant: domain::TenantId::from_uuid(Uuid::nil()),
        created_by: domain::MemberId::from_uuid(Uuid::nil()),
        created_at: jiff::Timestamp::UNIX_EPOCH,
        source: MediaSource::Url { url: "https://example.com/it".into() },
        probe: Some(probe),
        alt_text: None,
    }
}

fn video(ms: u64, codec: &str) -> Probe {
    let still = Probe::picture("video/mp4", 1_000, 640, 480);
    Probe { duration_ms: Some(ms), codec: Some(codec.into()), ..still }
}

/// `code field` of each broken rule.
fn told(descriptor: &Descriptor, variant: &Variant, media: &[Media]) -> Vec<String> {
    check(variant, descriptor, media, "/c").into_iter().map(|v| format!("{} {}", v.code, v.field)).collect()
}

fn titled(media: &[Media]) -> Variant {
    let mut variant = Variant { title: Some("A title".into()), ..Variant::text("look") };
    variant.parts[0].media = media.iter().map(|m| MediaRef::new(m.id)).collect();
    variant
}

#[test]
fn pictures_videos_and_documents_are_each_held_to_their_own_rule_and_stand_alone() {
    let picture = |n| medium(n, Probe::picture("image/png", 100, 10, 10));
    let clip = |n| medium(n, video(2_000, "h264"));
    let paper = |n, bytes| medium(n, Probe::picture("application/pdf", bytes, 0, 0));
    let field = "/c/parts/0/media";
    for (media, expected) in [
        (vec![picture(1), picture(2)], vec![]),
        (vec![picture(1), picture(2), picture(3)], vec![format!("media_too_many {field}")]),
        (vec![clip(1)], vec![]),
        (vec![clip(1), clip(2)], vec![format!("media_too_many {field}")]),
        (vec![clip(1), picture(2)], vec![format!("media_mixed {field}")]),
        (vec![medium(1, video(999, "h264"))], vec![format!("video_duration {field}/0")]),
        (vec![medium(1, video(10_001, "h264"))], vec![format!("video_duration {field}/0")]),
        (vec![medium(1, video(2_000, "vp9"))], vec![format!("media_type {field}/0")]),
        (vec![medium(1, Probe { bytes: 2_001, ..video(2_000, "h264") })], vec![format!("media_too_large {field}/0")]),
        (vec![medium(1, Probe { width: 1_440, ..video(2_000, "h264") })], vec![]),
        (vec![medium(1, Probe { width: 1_441, ..video(2_000, "h264") })], vec![format!("media_shape {field}/0")]),
        (vec![medium(1, Probe { width: 159, ..video(2_000, "h264") })], vec![format!("media_shape {field}/0")]),
        (vec![paper(1, 500)], vec![format!("title_missing {field}/0/title")]),
        (
            vec![paper(1, 501), picture(2)],
            vec![
                format!("media_too_large {field}/0"),
                format!("title_missing {field}/0/title"),
                format!("media_mixed {field}"),
            ],
        ),
    ] {
        assert_eq!(told(&rich(), &titled(&media), &media), expected, "{media:?}");
    }
    // What a platform does not take is said with its own reason, where it gives one.
    let mut plain = platform(None);
    plain.limits.reasons.insert(Feature::Video, "since 2031 by appointment only".into());
    let media = [clip(1), paper(2, 10)];
    let found = check(&titled(&media), &plain, &media, "/c");
    assert_eq!(found.iter().map(|v| v.code.as_str()).collect::<Vec<_>>(), ["unsupported", "unsupported"]);
    assert_eq!(found[0].detail, "since 2031 by appointment only");
    assert!(found[1].detail.contains("no documents"), "{found:?}");
}

#[test]
fn what_a_platform_takes_none_of_is_refused_once_for_its_reason_and_neither_counted_nor_measured() {
    let still = |n| medium(n, Probe::picture("image/png", u64::MAX, u32::MAX, 1));
    let clip = |n| medium(n, Probe { bytes: u64::MAX, ..video(0, "vp9") });
    let paper = |n| medium(n, Probe::picture("application/pdf", u64::MAX, 0, 0));
    let mut words = platform(None);
    words.limits.images = 0;
    let field = "/c/parts/0/media";
    for (media, expected) in [
        (vec![still(1)], vec![format!("unsupported {field}/0")]),
        (vec![still(1), still(2)], vec![format!("unsupported {field}/0")]),
        (vec![clip(1), clip(2)], vec![format!("unsupported {field}/0")]),
        (vec![paper(1), paper(2)], vec![format!("unsupported {field}/0")]),
        (vec![clip(1), still(2), paper(3)], (0..3).map(|n| format!("unsupported {field}/{n}")).collect()),
        (vec![Media { probe: None, ..still(1) }], vec![format!("media_not_ready {field}/0")]),
    ] {
        assert_eq!(told(&words, &titled(&media), &media), expected, "{media:?}");
    }
    let picture = [still(1)];
    let said = |descriptor: &Descriptor| check(&titled(&picture), descriptor, &picture, "/c").remove(0).detail;
    assert!(said(&words).contains("Sample has no pictures: leave it out"), "{}", said(&words));
    assert_eq!(check(&Variant::text(" "), &words, &[], "/c")[0].detail, "write a text");
    let why = "since 2031 only from a verified domain";
    words.limits.reasons.insert(Feature::Picture, why.into());
    assert_eq!(said(&words), why);
    // Beside what it takes, the rest is refused for its own reason and not for standing there.
    let mut films = rich();
    (films.limits.images, films.limits.needs_media, films.limits.needs_video) = (0, true, true);
    films.limits.reasons.insert(Feature::Picture, why.into());
    let beside = [medium(1, video(2_000, "h264")), still(2)];
    assert_eq!(told(&films, &titled(&beside), &beside), ["unsupported /c/parts/0/media/1"]);
    assert_eq!(told(&films, &titled(&picture), &picture), ["unsupported /c/parts/0/media/0"]);
    // A picture that is taken beside a video, and is none by itself.
    films.limits.images = 1;
    let small = [medium(1, Probe::picture("image/png", 1, 1, 1))];
    let found = check(&titled(&small), &films, &small, "/c");
    assert_eq!((found.len(), found[0].code.as_str(), found[0].detail.as_str()), (1, "video_missing", why));
}

#[test]
fn what_does_not_stand_together_is_told_by_what_the_platform_takes_or_with_its_reason() {
    let media = [medium(1, video(2_000, "h264")), medium(2, Probe::picture("image/png", 100, 10, 10))];
    let said = |descriptor: &Descriptor| check(&titled(&media), descriptor, &media, "/c").remove(0).detail;
    let mut shows = rich();
    assert_eq!(
        said(&shows),
        "Sample shows pictures, a video or a document, not several of these in one post: leave some out, or make several posts"
    );
    shows.limits.document = None;
    assert_eq!(
        said(&shows),
        "Sample shows pictures or a video, not both in one post: leave some out, or make several posts"
    );
    shows.limits.reasons.insert(Feature::Mixed, "not yet".into());
    assert_eq!(said(&shows), "not yet");
}

#[test]
fn what_is_left_out_is_told_with_the_reason_where_there_is_one() {
    let mut plain = platform(None);
    plain.limits.reasons.insert(Feature::Summary, "it shows how the text begins".into());
    let said = Variant { summary: Some("Short".into()), ..Variant::text("look") };
    assert_eq!(left_out(&said, &plain, &[]), ["not sent to Sample: it shows how the text begins"]);
}

#[test]
fn a_title_of_a_picture_or_video_is_left_out_aloud_where_it_has_no_place() {
    let media = [
        medium(1, video(2_000, "h264")),
        medium(2, Probe::picture("image/png", 100, 10, 10)),
        medium(3, Probe::picture("application/pdf", 100, 0, 0)),
    ];
    let named = |n: usize| {
        let reference = MediaRef { title: Some("The harbour".into()), ..MediaRef::new(media[n].id) };
        let mut variant = titled(&[]);
        variant.parts[0].media = vec![reference];
        variant
    };
    let told = "Sample has no titles of 1 of the pictures and videos: not sent there";
    let mut titles = rich();
    assert_eq!(left_out(&named(0), &titles, &media), [told]);
    assert_eq!(left_out(&named(1), &titles, &media), [told], "a picture has none anywhere");
    assert_eq!(left_out(&named(2), &titles, &media), Vec::<String>::new(), "a document is shown under it");
    let mut blank = named(0);
    blank.parts[0].media[0].title = Some(" ".into());
    assert_eq!(left_out(&blank, &titles, &media), Vec::<String>::new());
    titles.limits.video.as_mut().unwrap().title = true;
    assert_eq!(left_out(&named(0), &titles, &media), Vec::<String>::new());
}

#[test]
fn a_chosen_cover_lies_within_its_video_and_is_left_out_aloud_where_it_has_no_place() {
    let mut platform = rich();
    let media = [medium(1, video(9_000, "h264"))];
    let mut variant = titled(&media);
    let mut at = |platform: &Descriptor, ms: u32| {
        variant.parts[0].media[0].cover_ms = Some(ms);
        let wrong: Vec<_> = check(&variant, platform, &media, "").into_iter().map(|v| (v.code, v.field)).collect();
        let told = left_out(&variant, platform, &media).iter().any(|told| told.contains("the chosen cover of 1"));
        (wrong, told)
    };
    assert_eq!(at(&platform, 8_999), (vec![], true), "it only describes the post");
    platform.limits.video.as_mut().unwrap().cover_at = true;
    assert_eq!(at(&platform, 0), (vec![], false));
    assert_eq!(at(&platform, 8_999), (vec![], false));
    let beyond = ("out_of_range".to_owned(), "/parts/0/media/0/cover_ms".to_owned());
    assert_eq!(at(&platform, 9_000), (vec![beyond], false));
    platform.limits.wordless_drafts = true;
    platform.limits.has.push(Feature::Draft);
    variant.parts[0].media[0].cover_ms = Some(1_000);
    let draft = Variant { draft: true, ..variant };
    let told = left_out(&draft, &platform, &media);
    assert!(told.iter().any(|told| told.contains("the chosen cover of 1")), "a draft goes without it: {told:?}");
}

#[test]
fn pictures_that_nobody_described_are_told_where_they_could_be() {
    let media = [
        medium(1, Probe::picture("image/png", 100, 10, 10)),
        medium(2, video(2_000, "h264")),
        medium(3, Probe::picture("application/pdf", 100, 0, 0)),
    ];
    let all = titled(&media);
    let said = |n: u32| {
        vec![format!(
            "{n} of the pictures and videos have no alternative text, which Sample tells those who do not see them"
        )]
    };
    let mut shows = rich();
    assert_eq!(undescribed(&all, &shows, &media), said(1), "a video has no place for one");
    shows.limits.video.as_mut().unwrap().alt_text = true;
    assert_eq!(undescribed(&all, &shows, &media), said(2));
    let mut described = all.clone();
    described.parts[0].media[0].alt_text = Some("A harbour".into());
    described.parts[0].media[1].alt_text = Some(" ".into());
    assert_eq!(undescribed(&described, &shows, &media), said(1), "nothing is said by a blank");
    shows.limits.alt_text = 0;
    assert_eq!(undescribed(&all, &shows, &media), Vec::<String>::new());
}

#[test]
fn who_may_see_a_draft_is_left_out_aloud_and_a_first_comment_of_one_refused() {
    let hidden = Variant { draft: true, visibility: Visibility::Private, ..titled(&[]) };
    let mut drafts = rich();
    drafts.limits.has.push(Feature::Draft);
    drafts.limits.visibilities.push(Visibility::Private);
    assert_eq!(told(&drafts, &hidden, &[]), Vec::<String>::new());
    assert_eq!(
        left_out(&hidden, &drafts, &[]),
        ["nobody sees a draft on Sample: who may see the post is chosen when it is published there"]
    );
    let commented = Variant { first_comment: Some("more".into()), visibility: Visibility::Public, ..hidden };
    assert_eq!(told(&drafts, &commented, &[]), ["unsupported /c/first_comment"]);
}

#[test]
fn where_a_text_alone_is_nothing_a_part_needs_media() {
    let mut shows = rich();
    shows.limits.needs_media = true;
    assert_eq!(told(&shows, &titled(&[]), &[]), ["media_missing /c/parts/0/media"]);
}

#[test]
fn where_every_post_is_a_video_nothing_else_will_do_and_what_is_not_known_may_be_one() {
    let mut films = rich();
    (films.limits.needs_media, films.limits.needs_video) = (true, true);
    let clip = [medium(1, video(2_000, "h264"))];
    let still = [medium(1, Probe::picture("image/png", 1, 1, 1))];
    let coming = [Media { probe: None, ..clip[0].clone() }];
    for (media, expected) in [
        (&clip[..], vec![]),
        (&[][..], vec!["video_missing /c/parts/0/media"]),
        (&still[..], vec!["video_missing /c/parts/0/media"]),
        (&coming[..], vec!["media_not_ready /c/parts/0/media/0"]),
    ] {
        assert_eq!(told(&films, &titled(media), media), expected);
    }
}

#[test]
fn characters_that_a_platform_takes_nowhere_are_refused_in_title_text_and_tags() {
    let mut plain = rich();
    plain.limits.forbidden = "<>".into();
    let said = Variant { title: Some("a < b".into()), tags: vec!["<b>".into()], ..Variant::text("b > a") };
    let expected =
        ["characters_refused /c/parts/0/text", "characters_refused /c/title", "characters_refused /c/tags/0"];
    assert_eq!(told(&plain, &said, &[]), expected);
    assert!(check(&said, &plain, &[], "/c")[0].detail.contains("none of < >"));
    assert_eq!(told(&rich(), &said, &[]), Vec::<String>::new());
}

#[test]
fn tags_are_counted_together_with_the_commas_between_them_and_the_marks_around_words() {
    let mut counted = rich();
    counted.limits.tags = Some(TagRule { together: Some(9), ..TagRule::new(3, 9) });
    let tagged = |tags: &[&str]| Variant { tags: tags.iter().map(|&t| t.into()).collect(), ..titled(&[]) };
    for (tags, expected) in [
        (&["abcd", "abcd"][..], vec![]),
        (&["abcd", "abcde"][..], vec!["content_too_long /c/tags"]),
        (&[" a c ", "abc"][..], vec![]),
        (&["a c", "abcd"][..], vec!["content_too_long /c/tags"]),
    ] {
        assert_eq!(told(&counted, &tagged(tags), &[]), expected, "{tags:?}");
    }
}

#[test]
fn a_declaration_for_children_is_left_out_aloud_where_there_is_none() {
    let declared = Variant { made_for_kids: true, ..titled(&[]) };
    assert_eq!(left_out(&declared, &rich(), &[]), ["Sample has no mark for what is made for children: not sent there"]);
    let mut knows = rich();
    knows.limits.has.push(Feature::MadeForKids);
    assert_eq!(left_out(&declared, &knows, &[]), Vec::<String>::new());
}

#[test]
fn whom_a_post_is_shown_to_is_held_to_the_platforms_names_and_to_its_pages() {
    let seen_by = |regions: &[&str]| Variant {
        targeting: Targeting { regions: regions.iter().map(|&r| r.into()).collect(), ..Targeting::default() },
        ..Variant::text("look")
    };
    let plain = platform(None);
    let mut chosen = platform(None);
    let prefixes = ["i:", "s:", "f:", "r:"].map(str::to_owned);
    chosen.limits.targeting = Some(TargetingRule { most: 2, prefixes, organisations_only: true });
    for (descriptor, regions, expected) in [
        (&plain, &[][..], vec![]),
        (&plain, &["r:1"][..], vec!["unsupported /c/targeting"]),
        (&chosen, &["r:1", "r:2"][..], vec![]),
        (&chosen, &["r:1", "r:2", "r:3"][..], vec!["targeting_invalid /c/targeting/regions"]),
        (&chosen, &["r:1", "i:2"][..], vec!["targeting_invalid /c/targeting/regions/1"]),
        (
            &chosen,
            &["r:", "r:x"][..],
            vec!["targeting_invalid /c/targeting/regions/0", "targeting_invalid /c/targeting/regions/1"],
        ),
        (&chosen, &["r:1", "r:1"][..], vec!["targeting_invalid /c/targeting/regions/1"]),
    ] {
        assert_eq!(told(descriptor, &seen_by(regions), &[]), expected, "{regions:?}");
    }
    for (descriptor, author, refused) in [
        (&chosen, AccountKind::Person, true),
        (&chosen, AccountKind::Organisation, false),
        (&plain, AccountKind::Person, false),
    ] {
        let told = check_author(&seen_by(&["r:1"]), descriptor, author, "/c");
        assert_eq!(told.map(|v| v.field), refused.then(|| "/c/targeting".to_owned()), "{author:?}");
    }
    assert_eq!(check_author(&Variant::text("look"), &chosen, AccountKind::Person, "/c"), None);
    // What was stored before there was such a thing reads and is hashed as it was.
    let stored = serde_json::to_value(Variant::text("look")).unwrap();
    assert!(stored.get("targeting").is_none(), "{stored}");
}

#[test]
fn a_draft_without_words_says_aloud_that_its_words_stay_here() {
    let mut inbox = platform(None);
    inbox.limits.has.push(Feature::Draft);
    let draft = |text: &str| Variant { draft: true, ..Variant::text(text) };
    assert_eq!(left_out(&draft("look"), &inbox, &[]), Vec::<String>::new());
    inbox.limits.wordless_drafts = true;
    assert_eq!(left_out(&draft(" "), &inbox, &[]), Vec::<String>::new());
    assert_eq!(left_out(&Variant::text("look"), &inbox, &[]), Vec::<String>::new());
    let told = left_out(&draft("look"), &inbox, &[]);
    assert_eq!(told, ["a draft on Sample has no words: its text is not sent there, and written when it is published"]);
}

#[test]
fn a_kind_that_the_platform_lacks_or_that_its_media_do_not_make_is_refused() {
    let clip = [medium(1, video(2_000, "h264"))];
    let two = [medium(1, Probe::picture("image/png", 1, 1, 1)), medium(2, Probe::picture("image/png", 1, 1, 1))];
    for (kind, media, expected) in [
        (ContentKind::Reel, &clip[..], vec![]),
        (ContentKind::Story, &clip[..], vec![]),
        (ContentKind::Story, &two[..1], vec![]),
        (ContentKind::Reel, &two[..1], vec!["media_mixed /c/parts/0/media"]),
        (ContentKind::Story, &two[..], vec!["media_mixed /c/parts/0/media"]),
        (ContentKind::Article, &[][..], vec!["unsupported /c/kind"]),
    ] {
        assert_eq!(told(&rich(), &Variant { kind, ..titled(media) }, media), expected, "{kind:?}");
    }
    let mut films = rich();
    films.limits.kinds = vec![ContentKind::Reel];
    assert_eq!(told(&films, &titled(&clip), &clip), ["unsupported /c/kind"]);
}

#[test]
fn a_poll_is_held_to_the_platforms_rule_answer_by_answer() {
    let poll = |options: &[&str], minutes| Poll {
        options: options.iter().map(|&o| o.into()).collect(),
        duration_minutes: minutes,
        ..Poll::default()
    };
    let asked = |poll: Poll| Variant { poll: Some(poll), ..titled(&[]) };
    let question = Poll { question: Some("Why?".into()), ..poll(&["a", "b"], 5) };
    let several = Poll { multiple: true, ..poll(&["a", "b"], 5) };
    for (poll, expected) in [
        (poll(&["a", "b"], 5), vec![]),
        (poll(&["a"], 100), vec!["poll_invalid /c/poll/options"]),
        (poll(&["a", "b", "c", "d", "e"], 5), vec!["poll_invalid /c/poll/options"]),
        (poll(&["a", " "], 5), vec!["poll_invalid /c/poll/options/1"]),
        (poll(&["a", "a "], 5), vec!["poll_invalid /c/poll/options/1"]),
        (poll(&["a", "longer"], 5), vec!["poll_invalid /c/poll/options/1"]),
        (poll(&["a", "b"], 4), vec!["poll_invalid /c/poll/duration_minutes"]),
        (poll(&["a", "b"], 101), vec!["poll_invalid /c/poll/duration_minutes"]),
        (question.clone(), vec!["poll_invalid /c/poll/question"]),
        (several, vec!["poll_invalid /c/poll/multiple"]),
    ] {
        assert_eq!(told(&rich(), &asked(poll.clone()), &[]), expected, "{poll:?}");
    }
    let shown = [medium(1, Probe::picture("image/png", 1, 1, 1))];
    let beside = Variant { poll: Some(poll(&["a", "b"], 5)), ..titled(&shown) };
    assert_eq!(told(&rich(), &beside, &shown), ["poll_invalid /c/poll"]);
    // Where the question stands apart it is needed, it is enough, and only certain times are offered.
    let mut apart = rich();
    let rule = apart.limits.poll.as_mut().unwrap();
    (rule.question_chars, rule.durations, rule.multiple) = (Some(4), vec![5, 60], true);
    let wordless = |poll| Variant { poll: Some(poll), title: Some("A title".into()), ..Variant::text("") };
    assert_eq!(told(&apart, &wordless(question.clone()), &[]), Vec::<String>::new());
    assert_eq!(
        told(&apart, &asked(poll(&["a", "b"], 6)), &[]),
        ["poll_invalid /c/poll/duration_minutes", "poll_invalid /c/poll/question"]
    );
    // What stands beside a poll may have a rule of its own, and so may how long it is open.
    let mut hours = rich();
    let rule = hours.limits.poll.as_mut().unwrap();
    (rule.minutes, rule.whole_hours, rule.text) = ((60, 600), true, Some(TextRule::Chars { limit: 3 }));
    let said = |text: &str, minutes| Variant {
        title: Some("A title".into()),
        poll: Some(poll(&["a", "b"], minutes)),
        ..Variant::text(text)
    };
    assert_eq!(told(&hours, &said("abc", 120), &[]), Vec::<String>::new());
    assert_eq!(told(&hours, &said("abc", 90), &[]), ["poll_invalid /c/poll/duration_minutes"]);
    assert_eq!(told(&hours, &said("abcd", 60), &[]), ["content_too_long /c/parts/0/text"]);
    assert_eq!(told(&hours, &Variant { poll: None, ..said("abcd", 60) }, &[]), Vec::<String>::new());
    assert_eq!(told(&platform(None), &asked(question), &[]), ["unsupported /c/poll"]);
}

#[test]
fn titles_tags_and_comments_are_counted_where_they_are_and_left_out_in_words_where_they_are_not() {
    let said = Variant {
        summary: Some("x".repeat(11)),
        tags: vec!["a".into(), "longer".into(), " ".into()],
        first_comment: Some("y".repeat(11)),
        reply_to: Some("1".into()),
        quote: Some("1".into()),
        draft: true,
        ..Variant::text("look")
    };
    assert_eq!(
        told(&rich(), &said, &[]),
        [
            "title_missing /c/title",
            "content_too_long /c/summary",
            "too_many_tags /c/tags",
            "content_too_long /c/tags/1",
            "content_empty /c/tags/2",
            "content_too_long /c/first_comment",
            "unsupported /c/quote",
            "unsupported /c/draft",
        ]
    );
    let described = Variant {
        title: Some("A title".into()),
        summary: Some("Short".into()),
        tags: vec!["a".into()],
        categories: vec!["b".into()],
        ..Variant::text("look")
    };
    assert_eq!(told(&platform(None), &described, &[]), Vec::<String>::new());
    assert_eq!(left_out(&described, &platform(None), &[]).len(), 4);
    assert_eq!(left_out(&described, &rich(), &[]), ["Sample has no categories: not sent there"]);
    // A story is shown without what is written with it, and nobody comments it.
    let shown = [medium(1, Probe::picture("image/png", 1, 1, 1))];
    let story = Variant { kind: ContentKind::Story, first_comment: Some("more".into()), ..titled(&shown) };
    assert_eq!(told(&rich(), &story, &shown), ["unsupported /c/first_comment"]);
    assert_eq!(left_out(&story, &rich(), &[]), ["Sample shows a story without words: its text is not sent there"]);
    // What is seen in a video has a place on few platforms, and some have none for pictures either.
    let seen = |mut variant: Variant| {
        variant.parts[0].media.iter_mut().for_each(|r| r.alt_text = Some("a".repeat(2_000)));
        variant
    };
    let film = [medium(1, Probe { duration_ms: Some(5_000), ..Probe::picture("video/mp4", 1, 100, 100) })];
    let (described, mut wordless) = (seen(titled(&film)), rich());
    assert_eq!(
        left_out(&described, &rich(), &film).last().unwrap(),
        "Sample takes no alternative text of 1 of the pictures and videos: not sent there"
    );
    assert!(!told(&rich(), &described, &film).iter().any(|v| v.starts_with("alt_text_too_long")));
    let described = seen(titled(&shown));
    assert!(left_out(&described, &rich(), &shown).iter().all(|warning| !warning.contains("alternative")));
    assert!(told(&rich(), &described, &shown).iter().any(|v| v.starts_with("alt_text_too_long")));
    // Where it has a place, it may be of another length than a picture's.
    for (of_film, fits) in [(None, true), (Some(1_999), false), (Some(2_000), true)] {
        let mut rule = rich();
        rule.limits.alt_text = 2_000;
        let of_videos = rule.limits.video.as_mut().unwrap();
        (of_videos.alt_text, of_videos.alt_chars) = (true, of_film);
        let long = |v: &String| v.starts_with("alt_text_too_long");
        assert_eq!(!told(&rule, &seen(titled(&film)), &film).iter().any(long), fits, "{of_film:?}");
        assert!(!told(&rule, &seen(titled(&shown)), &shown).iter().any(long));
    }
    wordless.limits.alt_text = 0;
    assert!(left_out(&described, &wordless, &shown).iter().any(|warning| warning.contains("alternative")));
    assert!(!told(&wordless, &described, &shown).iter().any(|v| v.starts_with("alt_text_too_long")));
    let comment = |text: &str| Variant { first_comment: Some(text.into()), ..Variant::text("look") };
    assert_eq!(told(&platform(None), &comment("more"), &[]), ["unsupported /c/first_comment"]);
    // Where there are threads, a comment is one more part.
    let mut threads = platform(None);
    threads.limits.thread_parts = 3;
    assert_eq!(told(&threads, &comment("more"), &[]), Vec::<String>::new());
    assert_eq!(told(&threads, &comment(" "), &[]), ["content_empty /c/first_comment"]);
    let mut longer = comment("more");
    longer.parts.push(longer.parts[0].clone());
    assert_eq!(told(&threads, &longer, &[]), ["content_ambiguous /c/first_comment"]);
    assert_eq!((comment("more").steps(), comment("more").full_text(1, false)), (2, "more".into()));
    assert!(comment("more").is_comment(1) && !comment("more").is_comment(0) && !Variant::text("a").is_comment(1));
}

/// The codes, with limit and actual, about a picture of this size.
fn measured(limits: Limits, width: u32, height: u32) -> Vec<(String, Option<u64>, Option<u64>)> {
    let descriptor = Descriptor { limits, ..platform(None) };
    let picture = medium(1, Probe::picture("image/png", 9, width, height));
    let mut variant = Variant::text("look");
    variant.parts[0].media.push(MediaRef::new(picture.id));
    let found = check(&variant, &descriptor, &[picture], "/content");
    assert!(found.iter().all(|v| v.field == "/content/parts/0/media/0"), "{found:?}");
    found.into_iter().map(|v| (v.code, v.limit, v.actual)).collect()
}

#[test]
fn a_picture_is_measured_along_both_sides_and_by_its_shape_only_where_the_platform_says_so() {
    let plain = || Limits { image_types: vec!["image/png".into()], ..platform(None).limits };
    let sides = || Limits { image_sides: Some(100), ..plain() };
    let shape = || Limits { image_ratio: Some(20), ..plain() };
    let broken = |limit, actual| vec![("media_dimensions".to_owned(), Some(limit), Some(actual))];
    for (limits, width, height, expected) in [
        (plain(), u32::MAX, 1, vec![]),
        (sides(), 60, 40, vec![]),
        (sides(), 60, 41, broken(100, 101)),
        (sides(), u32::MAX, u32::MAX, broken(100, 2 * u64::from(u32::MAX))),
        (shape(), 400, 20, vec![]),
        (shape(), 20, 400, vec![]),
        (shape(), 401, 20, broken(20, 21)),
        (shape(), 20, 401, broken(20, 21)),
        (shape(), 5, 0, broken(20, 5)),
        (Limits { image_ratio: Some(20), ..sides() }, 101, 1, [broken(100, 102), broken(20, 101)].concat()),
    ] {
        assert_eq!(measured(limits, width, height), expected, "{width} x {height}");
    }
}

/// What is wrong with a post of this text and pictures of these sizes on a platform of pictures.
fn wrong(kind: ContentKind, text: &str, pictures: &[(u32, u32)]) -> Vec<(String, String)> {
    let mut descriptor = platform(None);
    descriptor.limits.needs_media = true;
    descriptor.limits.image_types = vec!["image/jpeg".into()];
    descriptor.limits.image_shape = Some(Ratios { narrowest: (4, 5), widest: (191, 100) });
    descriptor.limits.kinds.push(ContentKind::Story);
    descriptor.limits.hashtags = Some(2);
    descriptor.limits.mentions = Some(1);
    let sized = |(n, (width, height)): (usize, &(u32, u32))| {
        medium(n as u128, Probe::picture("image/jpeg", 100, *width, *height))
    };
    let media: Vec<Media> = pictures.iter().enumerate().map(sized).collect();
    let mut variant = Variant { kind, ..Variant::text(text) };
    variant.parts[0].media = media.iter().map(|m| MediaRef::new(m.id)).collect();
    check(&variant, &descriptor, &media, "/content").into_iter().map(|v| (v.code, v.field)).collect()
}

#[test]
fn a_picture_is_taken_up_to_both_ends_of_the_ratios_and_not_beyond() {
    for taken in [(4, 5), (191, 100), (1_080, 1_350), (1_080, 566), (320, 320)] {
        assert_eq!(wrong(ContentKind::Post, "a", &[taken]), [], "{taken:?}");
    }
    for refused in [(1_079, 1_350), (1_080, 565), (9, 16), (4_000_000_000, 1)] {
        let expected = [("media_shape".to_owned(), "/content/parts/0/media/1".to_owned())];
        assert_eq!(wrong(ContentKind::Post, "a", &[(1, 1), refused]), expected, "{refused:?}");
        assert_eq!(wrong(ContentKind::Story, "a", &[refused]), [], "a story is shown whole: {refused:?}");
    }
}

#[test]
fn hashtags_and_mentions_are_counted_by_word() {
    assert_eq!(wrong(ContentKind::Post, "#one #zwölf: a#b # ## mail@example.com @one", &[(1, 1)]), []);
    let field = || "/content/parts/0/text".to_owned();
    assert_eq!(wrong(ContentKind::Post, "#one #two\n#three", &[(1, 1)]), [("too_many_hashtags".to_owned(), field())]);
    assert_eq!(wrong(ContentKind::Post, "@one (@two)", &[(1, 1)]), [("too_many_mentions".to_owned(), field())]);
}

#[test]
fn a_gif_stands_alone_and_has_a_size_of_its_own_only_where_the_platform_says_so() {
    let picture = |n, media_type: &str, bytes| medium(n, Probe::picture(media_type, bytes, 10, 10));
    let (gif, still) = (|n, bytes| picture(n, "image/gif", bytes), |n| picture(n, "image/png", 1_000));
    let with = |gif| Limits { image_types: vec!["image/png".into(), "image/gif".into()], gif, ..platform(None).limits };
    let alone = Some(GifRule { bytes: 3_000, alone: true, max_pixels: None });
    let together = Some(GifRule { bytes: 3_000, alone: false, max_pixels: None });
    let field = "/c/parts/0/media";
    for (rule, media, expected) in [
        (None, vec![gif(1, 1_000), still(2)], vec![]),
        (None, vec![gif(1, 1_001)], vec![format!("media_too_large {field}/0")]),
        (alone, vec![gif(1, 3_000)], vec![]),
        (alone, vec![gif(1, 3_001)], vec![format!("media_too_large {field}/0")]),
        (alone, vec![still(1), still(2)], vec![]),
        (alone, vec![gif(1, 3_000), still(2)], vec![format!("media_mixed {field}")]),
        (alone, vec![gif(1, 1), gif(2, 1)], vec![format!("media_mixed {field}")]),
        (together, vec![gif(1, 3_000), still(2)], vec![]),
    ] {
        let descriptor = Descriptor { limits: with(rule), ..platform(None) };
        assert_eq!(told(&descriptor, &titled(&media), &media), expected, "{rule:?} {media:?}");
    }
}

#[test]
fn cashtags_are_letters_behind_a_dollar_and_counted_only_where_there_is_a_limit() {
    let mut one = platform(None);
    let said = |text: &str, descriptor: &Descriptor| told(descriptor, &Variant::text(text), &[]);
    assert_eq!(said("$A $B $C", &one), Vec::<String>::new());
    one.limits.cashtags = Some(1);
    for text in ["$AAPL", "$AAPL, $5 a$B $ $TOOLONG $A1 $$C", "$5 and $10"] {
        assert_eq!(said(text, &one), Vec::<String>::new(), "{text}");
    }
    assert_eq!(said("$AAPL and\n$msft.", &one), ["too_many_cashtags /c/parts/0/text"]);
    let commented = Variant { first_comment: Some("$A $B".into()), ..Variant::text("look") };
    one.limits.thread_parts = 2;
    assert_eq!(told(&one, &commented, &[]), ["too_many_cashtags /c/first_comment"], "where it is one more part");
    one.limits.first_comment = Some(TextRule::Chars { limit: 10 });
    assert_eq!(told(&one, &commented, &[]), Vec::<String>::new(), "a comment is no text of a post");
    let found = |descriptor: &Descriptor| check(&Variant::text("$A $B"), descriptor, &[], "/c").remove(0);
    assert_eq!((found(&one).limit, found(&one).actual), (Some(1), Some(2)));
    assert!(found(&one).detail.contains("at most 1 cashtags"));
    one.limits.reasons.insert(Feature::Cashtags, "since 2031 one".into());
    assert_eq!(found(&one).detail, "since 2031 one");
}

#[test]
fn links_are_counted_once_each_with_that_of_the_card_and_only_where_there_is_a_limit() {
    let mut one = platform(None);
    let text = "https://example.com/a example.com/b https://example.com/a";
    assert_eq!(told(&one, &Variant::text(text), &[]), Vec::<String>::new());
    one.limits.links = Some(2);
    assert_eq!(told(&one, &Variant::text(text), &[]), Vec::<String>::new());
    let more = format!("{text} https://example.com/c");
    assert_eq!(told(&one, &Variant::text(&more), &[]), ["too_many_links /c/parts/0/text"]);
    let link = |url: &str| Some(LinkCard { url: url.into(), title: Some("t".into()), description: None });
    one.limits.link_card = Some(LinkCards { needs_title: false, beside_media: true });
    for (url, expected) in [("https://example.com/a", 0), ("https://example.com/c", 1)] {
        let carded = Variant { link: link(url), ..Variant::text(text) };
        assert_eq!(told(&one, &carded, &[]).len(), expected, "{url}");
    }
    let commented = Variant { first_comment: Some(more), ..Variant::text("look") };
    one.limits.thread_parts = 2;
    assert_eq!(told(&one, &commented, &[]), ["too_many_links /c/first_comment"]);
    let found = check(&commented, &one, &[], "/c").remove(0);
    assert_eq!((found.limit, found.actual), (Some(2), Some(3)));
}

#[test]
fn a_visibility_that_is_not_offered_is_refused_with_the_reason_where_there_is_one() {
    let hidden = Variant { visibility: Visibility::Private, ..Variant::text("look") };
    let mut plain = platform(None);
    let said = |descriptor: &Descriptor| check(&hidden, descriptor, &[], "/c").remove(0);
    assert_eq!(said(&plain).detail, "Sample has no such visibility: leave it public");
    plain.limits.reasons.insert(Feature::Visibility, "hide it there".into());
    assert_eq!((said(&plain).code.as_str(), said(&plain).detail.as_str()), ("unsupported", "hide it there"));
}

#[test]
fn the_waits_of_a_thread_are_half_a_day_together_at_most() {
    let thread = |parts: usize, thread_delay_s| {
        let parts = vec![domain::publishing::Part { text: "a".into(), media: Vec::new() }; parts];
        let variant = Variant { parts, thread_delay_s, ..Variant::default() };
        let mut descriptor = platform(None);
        descriptor.limits.thread_parts = 5;
        check(&variant, &descriptor, &[], "/content")
            .into_iter()
            .map(|v| (v.code, v.limit, v.actual))
            .collect::<Vec<_>>()
    };
    assert_eq!(thread(5, 10_800), []);
    let slow = [("thread_too_slow".to_owned(), Some(43_200), Some(43_204))];
    assert_eq!(thread(5, 10_801), slow);
    assert_eq!(thread(1, u32::MAX), [], "one part waits for none");
}

#[test]
fn a_template_is_refused_where_there_are_none_and_stands_for_a_text_where_there_are() {
    let template = Template { name: "order_ready".into(), language: "en".into(), parameters: vec!["Ada".into()] };
    let named = Variant { template: Some(template), ..Variant::text("") };
    let told = |variant: &Variant, descriptor: &Descriptor| -> Vec<(String, String)> {
        check(variant, descriptor, &[], "/content")
            .into_iter()
            .map(|v| (format!("{} {}", v.code, v.field), v.detail))
            .collect()
    };
    let plain = platform(None);
    let refused = told(&Variant { parts: Variant::text("look").parts, ..named.clone() }, &plain);
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].0, "unsupported /content/template");
    assert!(refused[0].1.starts_with("Sample has no approved templates"), "{refused:?}");
    assert_eq!(without_template(&Variant::text("look"), &plain), None);

    let mut knows = platform(None);
    knows.limits.template = Some(TemplateRule { chars: 3, without: "only for a day".into() });
    assert_eq!(told(&named, &knows), []);
    assert_eq!(without_template(&named, &knows), None);
    assert_eq!(without_template(&Variant::text("look"), &knows).as_deref(), Some("only for a day"));
    let mut long = named.clone();
    long.template.as_mut().unwrap().parameters.push("x".into());
    assert_eq!(told(&long, &knows)[0].0, "content_too_long /content/template/parameters");
}

#[test]
fn what_was_stored_before_there_were_templates_reads_and_hashes_as_it_did() {
    let text = serde_json::to_string(&Variant::text("look")).unwrap();
    assert!(!text.contains("template"), "{text}");
}

/// The same where answers are comments of twenty characters.
fn commenting(amend: Option<AmendRule>) -> Descriptor {
    let mut descriptor = rich();
    let own = Limits::of_comment(TextRule::Chars { limit: 20 }, "a comment is words alone: leave this out");
    descriptor.limits.answer = Some(Box::new(Limits { amend, ..own }));
    descriptor.limits.needs_media = true;
    descriptor
}

#[test]
fn an_answer_that_is_a_comment_is_held_to_what_comments_are_and_to_nothing_that_posts_are() {
    let descriptor = commenting(None);
    let answer = |text: &str| Variant { reply_to: Some("1".into()), ..Variant::text(text) };
    assert_eq!(
        told(&descriptor, &Variant::text("look"), &[]),
        ["media_missing /c/parts/0/media", "title_missing /c/title"]
    );
    assert!(told(&descriptor, &answer("so it is"), &[]).is_empty(), "it needs neither a title nor a picture");
    assert!(told(&descriptor, &answer(&"x".repeat(20)), &[]).is_empty());
    assert_eq!(told(&descriptor, &answer(&"x".repeat(21)), &[]), ["content_too_long /c/parts/0/text"]);
    let picture = medium(1, Probe::picture("image/png", 100, 10, 10));
    let mut shown = answer("so it is");
    shown.parts[0].media = vec![MediaRef::new(picture.id)];
    assert_eq!(told(&descriptor, &shown, &[picture]), ["unsupported /c/parts/0/media/0"]);
    let commented = Variant { first_comment: Some("more".into()), ..answer("so it is") };
    let refused = check(&commented, &descriptor, &[], "/c");
    assert_eq!(refused[0].detail, "a comment is words alone: leave this out");
    assert_eq!((refused.len(), refused[0].field.as_str()), (1, "/c/first_comment"));
    // Where answers are posts, they are held to what posts are.
    assert!(told(&rich(), &answer("so it is"), &[]).contains(&"title_missing /c/title".to_owned()));
}

#[test]
fn an_answer_that_is_a_comment_is_changed_where_comments_are() {
    let answer = |text: &str| Variant { reply_to: Some("1".into()), ..Variant::text(text) };
    let told = |descriptor: &Descriptor| -> Vec<String> {
        check_amend(&answer("one"), &answer("two"), descriptor, "/c").into_iter().map(|v| v.code).collect()
    };
    let mut descriptor = commenting(None);
    descriptor.limits.amend = Some(AmendRule::default());
    assert_eq!(told(&descriptor), ["unsupported"]);
    let mut descriptor = commenting(Some(AmendRule::default()));
    descriptor.limits.amend = None;
    assert!(told(&descriptor).is_empty());
}

#[test]
fn an_answer_that_is_a_comment_counts_for_no_quota_of_posts() {
    let mut limits = commenting(None).limits;
    limits.quotas = vec![Quota::new("posts", QuotaScope::Account, 10, 60)];
    assert_eq!(
        (limits.quotas_for(ContentKind::Post, false).len(), limits.quotas_for(ContentKind::Post, true).len()),
        (1, 0)
    );
    limits.answer = None;
    assert_eq!(limits.quotas_for(ContentKind::Post, true).len(), 1, "where answers are posts they count");
}
