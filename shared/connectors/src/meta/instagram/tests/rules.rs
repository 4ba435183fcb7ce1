//! What Instagram takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, answers_are_words, article, coded, comment, draft, film, many, moving, paper, playing, poll, quote,
    reel, several, shaped, sized, sounding, still, story, typed,
};
use domain::publishing::{Probe, ReplyRestriction, Visibility};

const FILES: &str = "/parts/0/media";
const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_instagram_takes_of_words_and_pictures_ends_where_its_limits_do() {
    let (instagram, jpeg) = (connector(), still("image/jpeg"));
    let rules = Rules::of(instagram.descriptor(), Post::new("look", std::slice::from_ref(&jpeg)));
    let long = "content_too_long /parts/0/text";
    rules.most(2_200, long, |p, n| p.says(&many("é", n)));
    rules.most(1_100, long, |p, n| p.says(&many("😀", n)));
    rules.most(30, "too_many_hashtags /parts/0/text", |p, n| p.says(&many("#a ", n)));
    rules.most(20, "too_many_mentions /parts/0/text", |p, n| p.says(&many("@a ", n)));
    rules.most(300, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("é", n)));
    rules.takes(|p| p.says(""));
    rules.because(&format!("media_missing {FILES}"), "no text alone", |p| p.shows(&[]));
    rules.takes(|p| p.links(None));

    rules.most(10, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&jpeg, n)));
    rules.most(8 * 1024 * 1024, &format!("media_too_large {FIRST}"), |p, n| p.shows(&[sized(&jpeg, n)]));
    for media_type in ["image/png", "image/gif", "image/webp"] {
        rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[still(media_type)]));
    }
    let shape = &format!("media_shape {FIRST}");
    rules.least(800, shape, |p, n| p.shows(&[shaped(&jpeg, n, 1_000)]));
    rules.most(1_910, shape, |p, n| p.shows(&[shaped(&jpeg, n, 1_000)]));
    rules.takes(|p| p.shows(&[shaped(&jpeg, 100, 100)]));
    rules.most(1_000, &format!("alt_text_too_long {FIRST}/alt_text"), |p, n| p.describes(&many("é", n)));
    rules.refuses("too_many_parts /parts", |p| {
        let part = p.parts[0].clone();
        p.parts.push(part);
    });
    rules.leaves_out("no titles", |p| p.title = Some("A title".into()));
}

#[test]
fn a_video_on_instagram_is_held_to_its_limits_alone_and_in_a_carousel() {
    let instagram = connector();
    let rules = Rules::of(instagram.descriptor(), Post::new("look", &[film()]));
    rules.most(300 * 1024 * 1024, &format!("media_too_large {FIRST}"), |p, n| p.shows(&[sized(&film(), n)]));
    let duration = &format!("video_duration {FIRST}");
    rules.least(3_000, duration, |p, n| p.shows(&[playing(&film(), n)]));
    rules.most(900_000, duration, |p, n| p.shows(&[playing(&film(), n)]));
    let shape = &format!("media_shape {FIRST}");
    rules.least(10, shape, |p, n| p.shows(&[shaped(&film(), n, 1_000)]));
    rules.most(1_000, shape, |p, n| p.shows(&[shaped(&film(), n, 100)]));
    rules.most(1_920, &format!("media_dimensions {FIRST}"), |p, n| p.shows(&[shaped(&film(), n, 1_000)]));
    let frames = &format!("video_frames {FIRST}");
    rules.least(23, frames, |p, n| p.shows(&[moving(&film(), n)]));
    rules.most(60, frames, |p, n| p.shows(&[moving(&film(), n)]));
    let sound = &format!("media_type {FIRST}");
    rules.most(48_000, sound, |p, n| p.shows(&[sounding(&film(), "aac", n)]));
    rules.refuses(sound, |p| p.shows(&[sounding(&film(), "mp3", 44_100)]));
    rules.may_refuse("whose index stands before their pictures", |p| p.shows(&[Probe { index_last: true, ..film() }]));
    rules.takes(|p| p.shows(&[typed(&film(), "video/quicktime")]));
    rules.takes(|p| p.shows(&[coded(&film(), "hevc")]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[typed(&film(), "video/webm")]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[coded(&film(), "vp9")]));
    rules.most(10, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&film(), n)));
    rules.most(10, &format!("media_too_many {FILES}"), |p, n| {
        p.shows(&[vec![film()], several(&still("image/jpeg"), n - 1)].concat());
    });
    for beside in [film(), still("image/jpeg")] {
        rules.most(60_000, duration, |p, n| p.shows(&[playing(&film(), n), beside.clone()]));
    }
    rules.leaves_out("no alternative text", |p| p.describes("a film"));
}

#[test]
fn each_kind_of_post_on_instagram_is_made_of_its_own_media() {
    let (instagram, jpeg) = (connector(), still("image/jpeg"));
    let rules = Rules::of(instagram.descriptor(), Post::new("look", std::slice::from_ref(&jpeg)));
    let mixed = &format!("media_mixed {FILES}");
    rules.takes(|p| {
        p.shows(&[film()]);
        reel(p);
    });
    rules.because(mixed, "a reel is one video", reel);
    let upright = shaped(&jpeg, 1_080, 1_920);
    rules.leaves_out("no alternative text of 1", |p| {
        p.shows(&[upright.clone(), film()]);
        p.describes("the cover");
        reel(p);
    });
    rules.refuses(&format!("media_shape {FIRST}"), |p| p.shows(&[upright.clone(), film()]));
    rules.refuses(&format!("media_type {FIRST}"), |p| {
        p.shows(&[still("image/png"), film()]);
        reel(p);
    });
    rules.because(mixed, "a picture beside it is its cover", |p| {
        p.shows(&[upright.clone(), upright.clone(), film()]);
        reel(p);
    });
    rules.refuses(&format!("media_too_many {FILES}, {mixed}"), |p| {
        p.shows(&[film(), film()]);
        reel(p);
    });
    rules.leaves_out("a story without words", story);
    rules.takes(|p| {
        p.shows(&[film()]);
        story(p);
    });
    rules.takes(|p| {
        p.shows(&[shaped(&jpeg, 1_080, 1_920)]);
        story(p);
    });
    let film_of = |probe: &dyn Fn(u64) -> Probe, p: &mut Post, n: u64| {
        p.says("");
        p.shows(&[probe(n)]);
        story(p);
    };
    let duration = &format!("video_duration {FIRST}");
    rules.least(3_000, duration, |p, n| film_of(&|n| playing(&film(), n), p, n));
    rules.most(60_000, duration, |p, n| film_of(&|n| playing(&film(), n), p, n));
    rules.most(100_000_000, &format!("media_too_large {FIRST}"), |p, n| film_of(&|n| sized(&film(), n), p, n));
    rules.because(mixed, "a story is one picture or one video", |p| {
        p.shows(&several(&jpeg, 2));
        story(p);
    });
    rules.because("unsupported /first_comment", "a story takes no comments", |p| {
        story(p);
        comment(p);
    });
    rules.refuses("unsupported /kind", article);
}

#[test]
fn what_instagram_does_not_offer_is_refused() {
    let instagram = connector();
    let rules = Rules::of(instagram.descriptor(), Post::new("look", &[still("image/jpeg")]));
    rules.takes(comment);
    rules.refuses(&format!("unsupported {FIRST}"), |p| p.shows(&[paper()]));
    rules.takes(|p| p.shows(&[still("image/jpeg"), film()]));
    rules.refuses("unsupported /poll", poll);
    rules.refuses("unsupported /quote", quote);
    rules.because("unsupported /draft", "Instagram has no drafts through its API", draft);
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
        rules.refuses("unsupported /visibility", |p| p.visibility = visibility);
    }
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
    rules.give_every_reason();
}

#[test]
fn an_answer_on_instagram_is_a_comment_of_words_alone() {
    answers_are_words(
        connector().descriptor(),
        300,
        "Herald answers on Instagram with a comment, which is words alone",
    );
}
