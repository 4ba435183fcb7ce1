//! What LinkedIn takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, answers_are_words, article, coded, comment, draft, film, many, paper, playing, poll, quote, reel,
    several, shaped, sized, still, story, typed,
};
use domain::publishing::ReplyRestriction;

const FILES: &str = "/parts/0/media";
const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_linkedin_takes_of_words_and_pictures_ends_where_its_limits_do() {
    let linkedin = connector();
    let rules = Rules::of(linkedin.descriptor(), Post::new("look", &[]));
    let long = "content_too_long /parts/0/text";
    rules.most(3_000, long, |p, n| p.says(&many("é", n)));
    rules.most(1_500, long, |p, n| p.says(&many("😀", n)));
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
    rules.most(1, "too_many_parts /parts", Post::thread);
    rules.takes(|p| p.links(Some("More")));
    rules.refuses("link_title_missing /link/title", |p| p.links(None));
    for media in [&[still("image/png")], &[film()]] {
        rules.refuses("link_and_media /link", |p| {
            p.shows(media);
            p.links(Some("More"));
        });
    }
    rules.most(20, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&still("image/jpeg"), n)));
    let large = &format!("media_too_large {FIRST}");
    rules.most(5 * 1024 * 1024, large, |p, n| p.shows(&[sized(&still("image/png"), n)]));
    rules.most(36_152_319, large, |p, n| p.shows(&[shaped(&still("image/png"), n, 1)]));
    for media_type in ["image/jpeg", "image/png", "image/gif"] {
        rules.takes(|p| p.shows(&[still(media_type)]));
    }
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[still("image/webp")]));
    rules.most(1_000, &format!("alt_text_too_long {FIRST}/alt_text"), |p, n| {
        p.shows(&[still("image/png")]);
        p.describes(&many("é", n));
    });
    rules.leaves_out("no titles", |p| p.title = Some("A title".into()));
}

#[test]
fn a_video_or_a_document_on_linkedin_is_held_to_its_limits_and_stands_alone() {
    let linkedin = connector();
    let rules = Rules::of(linkedin.descriptor(), Post::new("look", &[]));
    let (large, many_of, mixed) =
        (&format!("media_too_large {FIRST}"), &format!("media_too_many {FILES}"), &format!("media_mixed {FILES}"));
    rules.most(1, many_of, |p, n| p.shows(&several(&film(), n)));
    rules.most(500_000_000, large, |p, n| p.shows(&[sized(&film(), n)]));
    let duration = &format!("video_duration {FIRST}");
    rules.least(3_000, duration, |p, n| p.shows(&[playing(&film(), n)]));
    rules.most(1_800_000, duration, |p, n| p.shows(&[playing(&film(), n)]));
    let shape = &format!("media_shape {FIRST}");
    rules.least(500, shape, |p, n| p.shows(&[shaped(&film(), n, 1_200)]));
    rules.most(1_200, shape, |p, n| p.shows(&[shaped(&film(), n, 500)]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[typed(&film(), "video/quicktime")]));
    rules.takes(|p| p.shows(&[coded(&film(), "vp9")]));
    rules.leaves_out("no alternative text", |p| {
        p.shows(&[film()]);
        p.describes("a film");
    });
    rules.refuses(mixed, |p| p.shows(&[film(), still("image/png")]));

    let shows = |p: &mut Post, media: &[domain::publishing::Probe]| {
        p.shows(media);
        p.names("Menu");
    };
    rules.takes(|p| shows(p, &[paper()]));
    rules.refuses(&format!("title_missing {FIRST}/title"), |p| p.shows(&[paper()]));
    rules.most(64 * 1024 * 1024, large, |p, n| shows(p, &[sized(&paper(), n)]));
    rules.refuses(&format!("media_type {FIRST}"), |p| shows(p, &[typed(&paper(), "application/msword")]));
    rules.refuses(mixed, |p| shows(p, &[paper(), still("image/png")]));
    rules.refuses(mixed, |p| shows(p, &[paper(), film()]));
    rules.refuses(many_of, |p| {
        p.shows(&[paper(), paper()]);
        p.parts[0].media.iter_mut().for_each(|medium| medium.title = Some("Menu".into()));
    });
}

#[test]
fn a_poll_on_linkedin_is_held_to_its_limits_and_stands_beside_nothing() {
    let linkedin = connector();
    let rules = Rules::of(linkedin.descriptor(), Post::new("Which?", &[]));
    let day = 1_440;
    rules.least(2, "poll_invalid /poll/options", |p, n| p.asks(Some("Which?"), n, 3, day));
    rules.most(4, "poll_invalid /poll/options", |p, n| p.asks(Some("Which?"), n, 3, day));
    let both = "poll_invalid /poll/options/0, poll_invalid /poll/options/1";
    rules.most(30, both, |p, n| p.asks(Some("Which?"), 2, n, day));
    rules.most(140, "poll_invalid /poll/question", |p, n| p.asks(Some(&many("é", n)), 2, 3, day));
    rules.refuses("poll_invalid /poll/question", poll);
    for days in [1, 3, 7, 14] {
        rules.takes(|p| p.asks(Some("Which?"), 2, 3, days * day));
    }
    for minutes in [day - 1, day + 1, 2 * day, 14 * day + 1] {
        rules.refuses("poll_invalid /poll/duration_minutes", |p| p.asks(Some("Which?"), 2, 3, minutes));
    }
    rules.refuses("poll_invalid /poll/multiple", |p| {
        p.asks(Some("Which?"), 2, 3, day);
        p.poll.as_mut().unwrap().multiple = true;
    });
    for media in [&[still("image/png")], &[film()]] {
        rules.refuses("poll_invalid /poll", |p| {
            p.shows(media);
            p.asks(Some("Which?"), 2, 3, day);
        });
    }
    rules.refuses("poll_invalid /poll", |p| {
        p.links(Some("More"));
        p.asks(Some("Which?"), 2, 3, day);
    });
}

#[test]
fn what_linkedin_does_not_offer_is_refused_with_the_reason() {
    let linkedin = connector();
    let rules = Rules::of(linkedin.descriptor(), Post::new("look", &[]));
    for visibility in [Visibility::Connections, Visibility::LoggedIn] {
        rules
            .because(&format!("media_mixed {FILES}"), "stands for a video", |p| p.shows(&[film(), still("image/png")]));
        rules.takes(|p| p.visibility = visibility);
    }
    for visibility in [Visibility::Unlisted, Visibility::Private] {
        rules.refuses("unsupported /visibility", |p| p.visibility = visibility);
    }
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
    rules.takes(quote);
    rules.because("unsupported /kind", "LinkedIn has no API for articles", article);
    rules.refuses("unsupported /kind", story);
    rules.refuses("unsupported /kind", reel);
    rules.because("unsupported /draft", "not documented: keep the draft here", draft);
    rules.takes(comment);
    rules.most(1_250, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("é", n)));
    rules.refuses("content_empty /first_comment", |p| p.first_comment = Some(" ".into()));
    rules.give_every_reason();
}

#[test]
fn an_answer_on_linkedin_is_a_comment_of_words_alone() {
    answers_are_words(
        connector().descriptor(),
        1_250,
        "Herald answers on LinkedIn with a comment, which is words alone",
    );
}
