//! What a server of Mastodon takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, article, draft, film, many, paper, poll, quote, reel, reply, several, sized, still, story,
};
use domain::publishing::{ReplyRestriction, Visibility};

const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_a_server_takes_ends_where_its_limits_do_and_what_there_is_not_is_refused() {
    let mastodon = connector();
    let rules = Rules::of(mastodon.descriptor(), Post::new("look", &[]));
    let long = "content_too_long /parts/0/text";
    rules.most(500, long, |p, n| p.says(&many("é", n)));
    rules.most(500, long, |p, n| p.says(&many("👩‍👩‍👧‍👦", n)));
    rules.most(476, long, |p, n| p.says(&format!("{} https://example.com/{}", many("x", n), many("y", 300))));
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
    rules.most(25, "too_many_parts /parts", Post::thread);
    rules.most(500, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("é", n)));
    rules.most(4, "media_too_many /parts/0/media", |p, n| p.shows(&several(&still("image/jpeg"), n)));
    rules.refuses("media_mixed /parts/0/media", |p| p.shows(&[film(), still("image/png")]));
    rules.most(16 * 1024 * 1024, &format!("media_too_large {FIRST}"), |p, n| {
        p.shows(&[sized(&still("image/png"), n)]);
    });
    for media_type in ["image/gif", "image/webp"] {
        rules.takes(|p| p.shows(&[still(media_type)]));
    }
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[still("image/bmp")]));
    rules.most(1_500, &format!("alt_text_too_long {FIRST}/alt_text"), |p, n| {
        p.shows(&[still("image/png")]);
        p.describes(&many("é", n));
    });
    rules.refuses(&format!("unsupported {FIRST}"), |p| p.shows(&[paper()]));
    rules.leaves_out("no titles", |p| {
        p.shows(&[film()]);
        p.names("The harbour");
    });
    for kind in [article, story, reel] {
        rules.refuses("unsupported /kind", kind);
    }
    rules.refuses("unsupported /draft", draft);
    for visibility in [Visibility::Connections, Visibility::Unlisted] {
        rules.takes(|p| p.visibility = visibility);
    }
    for visibility in [Visibility::LoggedIn, Visibility::Private] {
        rules.because("unsupported /visibility", "the author's followers", |p| p.visibility = visibility);
    }
    rules.because("unsupported /quote", "yet", quote);
    rules.takes(reply);
    rules.takes(|p| {
        reply(p);
        poll(p);
    });
    rules.takes(|p| {
        reply(p);
        p.thread(25);
    });
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
    rules.give_every_reason();
}

#[test]
fn a_poll_on_a_server_ends_where_its_limits_do() {
    let mastodon = connector();
    let rules = Rules::of(mastodon.descriptor(), Post::new("tea?", &[]));
    rules.takes(poll);
    rules.takes(|p| {
        poll(p);
        p.poll.as_mut().unwrap().multiple = true;
    });
    rules.least(2, "poll_invalid /poll/options", |p, n| p.asks(None, n, 3, 60));
    rules.most(4, "poll_invalid /poll/options", |p, n| p.asks(None, n, 3, 60));
    rules.most(50, "poll_invalid /poll/options/0, poll_invalid /poll/options/1", |p, n| p.asks(None, 2, n, 60));
    // 300 seconds to a twelfth of a year.
    rules.least(5, "poll_invalid /poll/duration_minutes", |p, n| p.asks(None, 2, 3, n));
    rules.most(43_829, "poll_invalid /poll/duration_minutes", |p, n| p.asks(None, 2, 3, n));
    rules.refuses("poll_invalid /poll/question", |p| p.asks(Some("tea?"), 2, 3, 60));
    rules.refuses("content_empty /parts/0/text", |p| {
        poll(p);
        p.says(" ");
    });
    rules.refuses("poll_invalid /poll", |p| {
        poll(p);
        p.shows(&[still("image/png")]);
    });
    rules.refuses("poll_invalid /poll", |p| {
        p.thread(2);
        poll(p);
    });
}
