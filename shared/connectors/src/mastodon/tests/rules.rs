//! What a server of Mastodon takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{Post, Rules, article, draft, film, many, paper, reel, several, sized, still, story};
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
    rules.refuses("unsupported /visibility", |p| p.visibility = Visibility::LoggedIn);
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
}
