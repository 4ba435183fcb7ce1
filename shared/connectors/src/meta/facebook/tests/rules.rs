//! What Facebook takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, answers_are_words, article, comment, draft, film, many, moving, paper, playing, poll, quote, reel,
    several, shaped, sized, still, story, target, typed,
};
use domain::publishing::{ReplyRestriction, Visibility};

const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_facebook_takes_ends_where_its_limits_do() {
    let facebook = connector();
    let rules = Rules::of(facebook.descriptor(), Post::new("look", &[]));
    let long = "content_too_long /parts/0/text";
    rules.most(63_206, long, |p, n| p.says(&many("é", n)));
    rules.most(31_603, long, |p, n| p.says(&many("😀", n)));
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
    rules.most(1, "too_many_parts /parts", Post::thread);
    rules.most(8_000, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("é", n)));
    rules.most(10, "media_too_many /parts/0/media", |p, n| p.shows(&several(&still("image/jpeg"), n)));
    rules.most(4_000_000, &format!("media_too_large {FIRST}"), |p, n| p.shows(&[sized(&still("image/png"), n)]));
    for media_type in ["image/gif", "image/webp"] {
        rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[still(media_type)]));
    }
    rules.most(1_000, &format!("alt_text_too_long {FIRST}/alt_text"), |p, n| {
        p.shows(&[still("image/png")]);
        p.describes(&many("é", n));
    });
    rules.takes(|p| p.links(None));
    for (url, expected) in [
        ("https://facebook.com/harbour", "url_not_allowed /link/url"),
        ("https://m.facebook.com/harbour", "url_not_allowed /link/url"),
        ("https://fb.com/harbour", "url_not_allowed /link/url"),
        ("https://notfacebook.com/harbour", ""),
        ("https://example.com/?next=facebook.com", ""),
    ] {
        rules.refuses(expected, |p| {
            p.links(None);
            url.clone_into(&mut p.link.as_mut().unwrap().url);
        });
    }
    rules.refuses("link_and_media /link", |p| {
        p.shows(&[still("image/png")]);
        p.links(None);
    });
}

#[test]
fn a_story_on_facebook_is_one_picture_or_video_and_what_there_is_not_is_refused() {
    let facebook = connector();
    let rules = Rules::of(facebook.descriptor(), Post::new("look", &[still("image/jpeg")]));
    rules.leaves_out("a story without words", story);
    rules.refuses("media_mixed /parts/0/media", |p| {
        p.shows(&several(&still("image/jpeg"), 2));
        story(p);
    });
    rules.refuses("unsupported /first_comment", |p| {
        story(p);
        comment(p);
    });
    rules.refuses(&format!("unsupported {FIRST}"), |p| p.shows(&[paper()]));
    rules.refuses("media_mixed /parts/0/media", |p| p.shows(&[film(), still("image/jpeg")]));
    rules.refuses("unsupported /kind", article);
    rules.refuses("unsupported /poll", poll);
    rules.refuses("unsupported /quote", quote);
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
        rules.refuses("unsupported /visibility", |p| p.visibility = visibility);
    }
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
    rules.because("unsupported /targeting", "yet", target);
    rules.give_every_reason();
}

#[test]
fn reels_and_video_stories_on_facebook_are_upright_short_and_no_larger_than_what_goes_up_at_once() {
    let facebook = connector();
    for (kind, longest, what) in [(reel as fn(&mut Post), 90_000, "reels"), (story, 60_000, "stories")] {
        let mut fine = Post::new("", &[film()]);
        kind(&mut fine);
        let rules = Rules::of(facebook.descriptor(), fine);
        rules.leaves_out("no alternative text", |p| p.describes("a film"));
        let duration = &format!("video_duration {FIRST}");
        rules.least(3_000, duration, |p, n| p.shows(&[playing(&film(), n)]));
        rules.most(longest, duration, |p, n| p.shows(&[playing(&film(), n)]));
        rules.most(50_000_000, &format!("media_too_large {FIRST}"), |p, n| p.shows(&[sized(&film(), n)]));
        for media_type in ["video/quicktime", "video/webm"] {
            rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[typed(&film(), media_type)]));
        }
        let frames = &format!("video_frames {FIRST}");
        rules.least(24, frames, |p, n| p.shows(&[moving(&film(), n)]));
        rules.most(60, frames, |p, n| p.shows(&[moving(&film(), n)]));
        rules.takes(|p| p.shows(&[shaped(&film(), 540, 960)]));
        let shape = format!("Facebook takes {what} of 9:16, width to height; this has 1080 x 1919 pixels");
        rules.because(&format!("media_shape {FIRST}"), &shape, |p| p.shows(&[shaped(&film(), 1_080, 1_919)]));
        let least = format!("Facebook takes {what} of at least 540 x 960 pixels; this has 531 x 944");
        rules.because(&format!("media_dimensions {FIRST}"), &least, |p| p.shows(&[shaped(&film(), 531, 944)]));
    }
    let rules = Rules::of(facebook.descriptor(), Post::new("look", &[film()]));
    rules.most(512 * 1024 * 1024, &format!("media_too_large {FIRST}"), |p, n| p.shows(&[sized(&film(), n)]));
    rules.most(4 * 3_600_000, &format!("video_duration {FIRST}"), |p, n| p.shows(&[playing(&film(), n)]));
    rules.takes(|p| p.shows(&[typed(&film(), "video/quicktime")]));
    rules.leaves_out("no alternative text", |p| p.describes("a film"));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[typed(&film(), "video/webm")]));
    rules.most(1, "media_too_many /parts/0/media", |p, n| p.shows(&several(&film(), n)));
    rules.refuses("link_and_media /link", |p| p.links(None));
    rules.takes(reel);
    rules.because("media_mixed /parts/0/media", "a reel is one video", |p| {
        p.shows(&[still("image/png")]);
        reel(p);
    });
    rules.refuses("media_mixed /parts/0/media, media_mixed /parts/0/media", |p| {
        p.shows(&[film(), still("image/png")]);
        reel(p);
    });
    rules.takes(|p| {
        reel(p);
        comment(p);
    });
}

#[test]
fn every_post_on_facebook_but_a_story_is_left_as_a_draft_where_it_is_asked_for_and_none_has_a_comment() {
    let facebook = connector();
    let rules = Rules::of(facebook.descriptor(), Post::new("look", &[]));
    rules.takes(draft);
    rules.takes(|p| {
        draft(p);
        p.shows(&[still("image/png")]);
    });
    rules.takes(|p| {
        draft(p);
        reel(p);
        p.shows(&[film()]);
    });
    rules.because("unsupported /draft", "keep the draft here", |p| {
        draft(p);
        story(p);
        p.shows(&[film()]);
    });
    rules.because("unsupported /first_comment", "a draft takes no comments", |p| {
        draft(p);
        comment(p);
    });
}

#[test]
fn an_answer_on_facebook_is_a_comment_of_words_alone() {
    answers_are_words(
        connector().descriptor(),
        8_000,
        "Herald answers on Facebook with a comment, which is words alone",
    );
}
