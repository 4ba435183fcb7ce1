//! What Bluesky takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, article, draft, film, many, paper, poll, quote, reel, reply, several, sized, still, story,
};
use domain::publishing::{ReplyRestriction, Visibility};

const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_bluesky_takes_ends_where_its_limits_do_and_what_there_is_not_is_refused() {
    let bluesky = connector();
    let rules = Rules::of(bluesky.descriptor(), Post::new("look", &[]));
    let long = "content_too_long /parts/0/text";
    rules.most(300, long, |p, n| p.says(&many("é", n)));
    // Each of these is one character for people, and 25 bytes.
    rules.most(120, long, |p, n| p.says(&many("👩‍👩‍👧‍👦", n)));
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
    rules.most(25, "too_many_parts /parts", Post::thread);
    rules.most(300, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("é", n)));
    rules.most(4, "media_too_many /parts/0/media", |p, n| p.shows(&several(&still("image/jpeg"), n)));
    rules.refuses("media_mixed /parts/0/media", |p| p.shows(&[film(), still("image/png")]));
    rules.most(1_000_000, &format!("media_too_large {FIRST}"), |p, n| p.shows(&[sized(&still("image/png"), n)]));
    rules.takes(|p| p.shows(&[still("image/webp")]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[still("image/gif")]));
    rules.most(2_000, &format!("alt_text_too_long {FIRST}/alt_text"), |p, n| {
        p.shows(&[still("image/png")]);
        p.describes(&many("é", n));
    });
    rules.takes(|p| p.links(Some("More")));
    rules.refuses("link_title_missing /link/title", |p| p.links(None));
    rules.refuses("link_and_media /link", |p| {
        p.shows(&[still("image/png")]);
        p.links(Some("More"));
    });
    rules.refuses(&format!("unsupported {FIRST}"), |p| p.shows(&[paper()]));
    rules.leaves_out("no titles", |p| {
        p.shows(&[film()]);
        p.names("The harbour");
    });
    for kind in [article, story, reel] {
        rules.refuses("unsupported /kind", kind);
    }
    rules.takes(quote);
    rules.takes(|p| {
        p.shows(&[still("image/png")]);
        quote(p);
    });
    rules.takes(reply);
    rules.takes(|p| {
        reply(p);
        quote(p);
        p.shows(&[still("image/png")]);
    });
    rules.because("unsupported /reply_to", "somebody else's thread", |p| {
        reply(p);
        p.reply_restriction = ReplyRestriction::Mentioned;
    });
    rules.refuses("unsupported /poll", poll);
    rules.refuses("unsupported /draft", draft);
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
        rules.refuses("unsupported /visibility", |p| p.visibility = visibility);
    }
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.takes(|p| p.reply_restriction = restriction);
    }
    rules.give_every_reason();
}
