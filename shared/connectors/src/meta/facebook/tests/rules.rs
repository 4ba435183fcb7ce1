//! What Facebook takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{Post, Rules, article, comment, many, paper, poll, quote, several, sized, still, story};
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
    rules.refuses("link_and_media /link", |p| {
        p.shows(&[still("image/png")]);
        p.links(None);
    });
}

#[test]
fn a_story_on_facebook_is_one_picture_and_what_there_is_not_is_refused() {
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
    rules.refuses("unsupported /kind", article);
    rules.refuses("unsupported /poll", poll);
    rules.refuses("unsupported /quote", quote);
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
        rules.refuses("unsupported /visibility", |p| p.visibility = visibility);
    }
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
}
