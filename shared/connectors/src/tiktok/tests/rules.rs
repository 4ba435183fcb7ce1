//! What TikTok takes and what it does not, as preflight says it.

use super::*;
use crate::tests::quotas;
use crate::tests::rules::{
    Post, Rules, article, coded, comment, draft, film, many, moving, paper, playing, poll, quote, reel, reply, several,
    shaped, sized, still, story, typed,
};
use domain::publishing::ReplyRestriction;

const FILES: &str = "/parts/0/media";
const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_tiktok_takes_ends_where_its_limits_do() {
    let (tiktok, clip) = (connector(), film());
    let rules = Rules::of(tiktok.descriptor(), Post::new("look", std::slice::from_ref(&clip)));
    let long = "content_too_long /parts/0/text";
    rules.most(2_200, long, |p, n| p.says(&many("é", n)));
    rules.most(1_100, long, |p, n| p.says(&many("😀", n)));
    rules.takes(|p| p.says(&many("#a @b ", 40)));
    rules.takes(|p| p.says(""));
    rules.most(1, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&clip, n)));
    rules.most(4_000_000_000, &format!("media_too_large {FIRST}"), |p, n| p.shows(&[sized(&clip, n)]));
    let duration = &format!("video_duration {FIRST}");
    rules.least(3_000, duration, |p, n| p.shows(&[playing(&clip, n)]));
    rules.most(600_000, duration, |p, n| p.shows(&[playing(&clip, n)]));
    let size = &format!("media_dimensions {FIRST}");
    rules.least(360, size, |p, n| p.shows(&[shaped(&clip, n, 640)]));
    rules.least(360, size, |p, n| p.shows(&[shaped(&clip, 640, n)]));
    let frames = &format!("video_frames {FIRST}");
    rules.least(23, frames, |p, n| p.shows(&[moving(&clip, n)]));
    rules.most(60, frames, |p, n| p.shows(&[moving(&clip, n)]));
    rules.takes(|p| p.shows(&[typed(&clip, "video/quicktime")]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[typed(&clip, "video/webm")]));
    rules.takes(|p| p.shows(&[coded(&clip, "hevc")]));
    rules.takes(|p| p.links(None));
    rules.leaves_out("no titles", |p| p.title = Some("A title".into()));
    rules.leaves_out("no alternative text", |p| p.describes("a film"));
    for visibility in [Visibility::Public, Visibility::Connections, Visibility::Private] {
        rules.takes(|p| p.visibility = visibility);
    }
    for visibility in [Visibility::LoggedIn, Visibility::Unlisted] {
        rules.refuses("unsupported /visibility", |p| p.visibility = visibility);
    }
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
}

#[test]
fn what_tiktok_does_not_offer_is_refused_once_with_the_reason() {
    let (tiktok, clip) = (connector(), film());
    let rules = Rules::of(tiktok.descriptor(), Post::new("look", std::slice::from_ref(&clip)));
    let (photo, told) = (still("image/jpeg"), "have the operator set VerifiedMediaUrl");
    rules.because(&format!("video_missing {FILES}"), "nothing without one: add a video", |p| p.shows(&[]));
    rules.because(&format!("unsupported {FIRST}"), told, |p| p.shows(std::slice::from_ref(&photo)));
    rules.because(&format!("unsupported {FIRST}"), told, |p| p.shows(&several(&photo, 35)));
    rules.because(&format!("unsupported {FILES}/1"), told, |p| p.shows(&[clip.clone(), photo.clone()]));
    let only = "only videos are published";
    rules.because(&format!("unsupported {FIRST}"), only, |p| p.shows(&[paper()]));
    rules.because("unsupported /poll", only, poll);
    rules.because("unsupported /kind", only, story);
    rules.because("unsupported /kind", only, article);
    rules.because("unsupported /kind", "send it as a plain post", reel);
    rules.because("unsupported /quote", only, quote);
    rules.because("unsupported /reply_to", "TikTok has no API for comments", reply);
    rules.because("unsupported /first_comment", "TikTok has no API for comments", comment);
    rules.leaves_out("a draft on TikTok has no words", draft);
    rules.leaves_out("who may see the post is chosen", |p| {
        draft(p);
        p.visibility = Visibility::Private;
    });
    rules.refuses("too_many_parts /parts", |p| {
        let part = p.parts[0].clone();
        p.parts.push(part);
    });
    rules.give_every_reason();
}

/// A connector on a stack whose uploads are served below this address, which is that of the pictures of these tests.
fn serving() -> TikTok {
    let served = Served::parse("https://example.com/");
    TikTok::new(Http::new(connector_kit::Egress::serving(connector_kit::Guard::new(true), served)))
}

#[test]
fn what_tiktok_takes_of_pictures_ends_where_its_limits_do() {
    let (tiktok, photo) = (serving(), still("image/jpeg"));
    let rules = Rules::of(tiktok.descriptor(), Post::new("look", std::slice::from_ref(&photo)));
    let long = "content_too_long /parts/0/text";
    rules.most(4_000, long, |p, n| p.says(&many("é", n)));
    rules.most(2_000, long, |p, n| p.says(&many("😀", n)));
    rules.takes(|p| p.says(""));
    rules.most(90, "content_too_long /title", |p, n| p.title = Some(many("é", n)));
    rules.most(45, "content_too_long /title", |p, n| p.title = Some(many("😀", n)));
    rules.most(35, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&photo, n)));
    let large = &format!("media_too_large {FIRST}");
    rules.most(20_000_000, large, |p, n| p.shows(&[sized(&photo, n)]));
    rules.most(1_920, large, |p, n| p.shows(&[shaped(&photo, 1_080, n)]));
    rules.most(1_080, large, |p, n| p.shows(&[shaped(&photo, 1_920, n)]));
    rules.takes(|p| p.shows(&[still("image/webp")]));
    for other in ["image/png", "image/gif"] {
        rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[still(other)]));
    }
    rules.because(&format!("media_missing {FILES}"), "add a picture or a video", |p| p.shows(&[]));
    rules.because(&format!("media_mixed {FILES}"), "pictures or a video, not both", |p| {
        p.shows(&[film(), photo.clone()]);
    });
    rules.leaves_out("no alternative text", |p| p.describes("a cup"));
    rules.leaves_out("a draft on TikTok has no words", draft);
    rules.leaves_out("no titles", |p| {
        draft(p);
        p.title = Some("A title".into());
    });
    for visibility in [Visibility::Public, Visibility::Connections, Visibility::Private] {
        rules.takes(|p| p.visibility = visibility);
    }
    // What is asked of videos is asked of them as before.
    rules.takes(|p| p.shows(&[film()]));
    rules.most(2_200, long, |p, n| {
        p.shows(&[film()]);
        p.says(&many("é", n));
    });
    rules.leaves_out("no titles", |p| {
        p.shows(&[film()]);
        p.title = Some("A title".into());
    });
    let only = "only videos and pictures are published";
    rules.because(&format!("unsupported {FIRST}"), only, |p| p.shows(&[paper()]));
    rules.because("unsupported /poll", only, poll);
    rules.because("unsupported /kind", only, story);
    rules.because("unsupported /kind", only, article);
    rules.because("unsupported /kind", "send it as a plain post", reel);
    rules.because("unsupported /quote", only, quote);
    rules.because("unsupported /reply_to", "TikTok has no API for comments", reply);
    rules.because("unsupported /first_comment", "TikTok has no API for comments", comment);
    rules.give_every_reason();
}

#[test]
fn a_picture_that_lies_elsewhere_than_below_the_verified_address_is_refused_when_it_is_planned() {
    let served = Served::parse("https://media.example.com/");
    let tiktok = TikTok::new(Http::new(connector_kit::Egress::serving(connector_kit::Guard::new(true), served)));
    let clip = film();
    let rules = Rules::of(tiktok.descriptor(), Post::new("look", std::slice::from_ref(&clip)));
    let photo = still("image/jpeg");
    rules.because(&format!("url_not_allowed {FIRST}"), "only from below https://media.example.com/: upload", |p| {
        p.shows(std::slice::from_ref(&photo));
    });
}

#[test]
fn as_many_uploads_are_counted_as_tiktok_takes_of_an_account_in_a_minute() {
    assert_eq!(quotas(connector().descriptor()), [("uploads-1m", QuotaScope::Account, 6, 60)]);
}
