//! What Discord takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, article, draft, film, many, paper, quote, reel, reply, several, sized, still, story, typed,
};
use domain::publishing::{ReplyRestriction, Visibility};

const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_discord_takes_ends_where_its_limits_do_and_what_there_is_not_is_refused() {
    let discord = connector();
    let rules = Rules::of(discord.descriptor(), Post::new("look", &[]));
    let long = "content_too_long /parts/0/text";
    rules.most(2_000, long, |p, n| p.says(&many("é", n)));
    rules.most(1_000, long, |p, n| p.says(&many("😀", n)));
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
    rules.most(25, "too_many_parts /parts", Post::thread);
    rules.most(2_000, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("é", n)));
    rules.most(10, "media_too_many /parts/0/media", |p, n| p.shows(&several(&still("image/jpeg"), n)));
    rules.takes(|p| p.shows(&[still("image/gif"), still("image/webp")]));
    for medium in [&still("image/png"), &film(), &paper()] {
        rules.most(10 * 1024 * 1024, &format!("media_too_large {FIRST}"), |p, n| p.shows(&[sized(medium, n)]));
        rules.most(1_024, &format!("alt_text_too_long {FIRST}/alt_text"), |p, n| {
            p.shows(std::slice::from_ref(medium));
            p.describes(&many("é", n));
        });
    }
    rules.takes(|p| p.shows(&[typed(&film(), "video/quicktime")]));
    rules.most(10, "media_too_many /parts/0/media", |p, n| p.shows(&several(&paper(), n)));
    // 25 MiB are one request, with its texts.
    let room = 25 * 1024 * 1024 - 256 * 1024 - 2 * 10 * 1024 * 1024;
    rules.most(room, "media_too_large /parts/0/media", |p, n| {
        let large = sized(&paper(), 10 * 1024 * 1024);
        p.shows(&[large.clone(), large, sized(&paper(), n)]);
    });
    for beside in [still("image/png"), film()] {
        rules.refuses("media_mixed /parts/0/media", |p| p.shows(&[paper(), beside]));
    }
    rules.leaves_out("no titles", |p| {
        p.shows(&[film()]);
        p.names("The harbour");
    });
    for medium in [still("image/bmp"), typed(&film(), "video/webm"), typed(&paper(), "application/zip")] {
        rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[medium]));
    }
    rules.refuses("media_too_many /parts/0/media", |p| p.shows(&[film(), film()]));
    let told = "Herald sends a video to Discord alone";
    rules.because("media_mixed /parts/0/media", told, |p| p.shows(&[film(), still("image/png")]));
    for kind in [article, story, reel] {
        rules.refuses("unsupported /kind", kind);
    }
    rules.refuses("unsupported /quote", quote);
    rules.takes(reply);
    rules.refuses("unsupported /draft", draft);
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
        rules.refuses("unsupported /visibility", |p| p.visibility = visibility);
    }
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
}

#[test]
fn a_poll_on_discord_is_held_to_its_limits_and_stands_beside_no_files() {
    let discord = connector();
    let rules = Rules::of(discord.descriptor(), Post::new("look", &[]));
    let question = Some("Which?");
    let options = "poll_invalid /poll/options";
    rules.least(1, options, |p, n| p.asks(question, n, 3, 60));
    rules.most(10, options, |p, n| p.asks(question, n, 3, 60));
    rules.most(55, "poll_invalid /poll/options/0", |p, n| p.asks(question, 1, n, 60));
    rules.most(300, "poll_invalid /poll/question", |p, n| p.asks(Some(&many("q", n)), 2, 3, 60));
    let duration = "poll_invalid /poll/duration_minutes";
    rules.takes(|p| p.asks(question, 2, 3, 60));
    rules.refuses(duration, |p| p.asks(question, 2, 3, 59));
    rules.refuses(duration, |p| p.asks(question, 2, 3, 90));
    rules.takes(|p| p.asks(question, 2, 3, 46_080));
    rules.refuses(duration, |p| p.asks(question, 2, 3, 46_140));
    rules.refuses("poll_invalid /poll", |p| {
        p.shows(&[still("image/png")]);
        p.asks(question, 2, 3, 60);
    });
}
