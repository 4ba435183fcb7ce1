//! What Telegram takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, article, draft, film, many, paper, quote, reel, reply, several, shaped, sized, still, story, typed,
};
use domain::publishing::{ReplyRestriction, Visibility};

const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_telegram_takes_ends_where_its_limits_do_and_what_there_is_not_is_refused() {
    let (telegram, jpeg) = (connector(), still("image/jpeg"));
    let rules = Rules::of(telegram.descriptor(), Post::new("look", &[]));
    let long = "content_too_long /parts/0/text";
    rules.most(4_096, long, |p, n| p.says(&many("é", n)));
    rules.most(2_048, long, |p, n| p.says(&many("😀", n)));
    for media in [&[still("image/png")], &[film()], &[paper()], &[still("image/gif")]] {
        rules.most(1_024, long, |p, n| {
            p.shows(media);
            p.says(&many("é", n));
        });
    }
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
    rules.most(25, "too_many_parts /parts", Post::thread);
    rules.most(4_096, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("é", n)));
    rules.most(10, "media_too_many /parts/0/media", |p, n| p.shows(&several(&jpeg, n)));
    let large = &format!("media_too_large {FIRST}");
    rules.most(10 * 1024 * 1024, large, |p, n| p.shows(&[sized(&jpeg, n)]));
    // Together they are one request: 50 MB without what else is in it.
    rules.most(50_000_000 - 256 * 1024 - 4 * 10 * 1024 * 1024, "media_too_large /parts/0/media", |p, n| {
        p.shows(&[several(&sized(&jpeg, 10 * 1024 * 1024), 4), vec![sized(&jpeg, n)]].concat());
    });
    let shape = &format!("media_dimensions {FIRST}");
    rules.most(6_000, shape, |p, n| p.shows(&[shaped(&jpeg, n, 4_000)]));
    rules.most(2_000, shape, |p, n| p.shows(&[shaped(&jpeg, n, 100)]));
    rules.most(2_000, shape, |p, n| p.shows(&[shaped(&jpeg, 100, n)]));
    rules.takes(|p| p.shows(&[still("image/webp")]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[still("image/bmp")]));
    rules.most(20_000_000, large, |p, n| p.shows(&[sized(&still("image/gif"), n)]));
    rules.because("media_mixed /parts/0/media", "a GIF alone", |p| p.shows(&[still("image/gif"), jpeg.clone()]));
    rules.most(20_000_000, large, |p, n| p.shows(&[sized(&paper(), n)]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[typed(&paper(), "application/zip")]));
    rules.most(1, "media_too_many /parts/0/media", |p, n| p.shows(&several(&paper(), n)));
    for beside in [still("image/png"), still("image/gif"), film()] {
        rules.refuses("media_mixed /parts/0/media", |p| p.shows(&[paper(), beside]));
    }
    rules.takes(|p| {
        p.shows(&[paper()]);
        p.names("The menu");
    });
    rules.most(20_000_000, large, |p, n| p.shows(&[sized(&film(), n)]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[typed(&film(), "video/quicktime")]));
    rules.refuses("media_too_many /parts/0/media", |p| p.shows(&[film(), film()]));
    let told = "Herald sends a video to Telegram alone";
    rules.because("media_mixed /parts/0/media", told, |p| p.shows(&[film(), still("image/png")]));
    rules.leaves_out("no alternative text", |p| {
        p.shows(std::slice::from_ref(&jpeg));
        p.describes("a picture");
    });
    rules.leaves_out("no titles", |p| {
        p.shows(&[film()]);
        p.names("The harbour");
    });
    for kind in [article, reel] {
        rules.refuses("unsupported /kind", kind);
    }
    rules.because("unsupported /kind", "as a bot: send it as a post", story);
    rules.takes(reply);
    rules.refuses("unsupported /quote", quote);
    rules.refuses("unsupported /draft", draft);
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
        rules.refuses("unsupported /visibility", |p| p.visibility = visibility);
    }
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
}

#[test]
fn a_poll_on_telegram_is_held_to_its_limits_and_stands_beside_no_files() {
    let telegram = connector();
    let rules = Rules::of(telegram.descriptor(), Post::new("look", &[]));
    let question = Some("Which?");
    let options = "poll_invalid /poll/options";
    rules.least(1, options, |p, n| p.asks(question, n, 3, 60));
    rules.most(12, options, |p, n| p.asks(question, n, 3, 60));
    rules.most(100, "poll_invalid /poll/options/0", |p, n| p.asks(question, 1, n, 60));
    rules.most(300, "poll_invalid /poll/question", |p, n| p.asks(Some(&many("q", n)), 2, 3, 60));
    let duration = "poll_invalid /poll/duration_minutes";
    rules.least(1, duration, |p, n| p.asks(question, 2, 3, n));
    rules.most(43_800, duration, |p, n| p.asks(question, 2, 3, n));
    rules.most(1_024, "content_too_long /parts/0/text", |p, n| {
        p.asks(question, 2, 3, 60);
        p.says(&many("é", n));
    });
    rules.refuses("poll_invalid /poll", |p| {
        p.shows(&[still("image/png")]);
        p.asks(question, 2, 3, 60);
    });
}
