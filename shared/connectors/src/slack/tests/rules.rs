//! What Slack takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, article, draft, film, many, paper, poll, quote, reel, reply, several, sized, still, story, typed,
};
use domain::publishing::{ReplyRestriction, Visibility};

const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_slack_takes_ends_where_its_limits_do_and_what_there_is_not_is_refused() {
    let slack = connector();
    let rules = Rules::of(slack.descriptor(), Post::new("look", &[]));
    let long = "content_too_long /parts/0/text";
    rules.most(4_000, long, |p, n| p.says(&many("é", n)));
    rules.most(800, long, |p, n| p.says(&many("&", n)));
    rules.most(1_000, long, |p, n| p.says(&many("<", n)));
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
    rules.most(25, "too_many_parts /parts", Post::thread);
    rules.most(4_000, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("é", n)));
    rules.most(10, "media_too_many /parts/0/media", |p, n| p.shows(&several(&still("image/jpeg"), n)));
    rules.most(10 * 1024 * 1024, &format!("media_too_large {FIRST}"), |p, n| {
        p.shows(&[sized(&still("image/png"), n)]);
    });
    rules.takes(|p| p.shows(&[still("image/gif"), still("image/png")]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[still("image/webp")]));
    rules.most(2_000, &format!("alt_text_too_long {FIRST}/alt_text"), |p, n| {
        p.shows(&[still("image/png")]);
        p.describes(&many("é", n));
    });
    for medium in [&film(), &paper()] {
        rules.most(50_000_000, &format!("media_too_large {FIRST}"), |p, n| p.shows(&[sized(medium, n)]));
        rules.most(1, "media_too_many /parts/0/media", |p, n| p.shows(&several(medium, n)));
        rules.refuses("media_mixed /parts/0/media", |p| p.shows(&[medium.clone(), still("image/png")]));
        rules.takes(|p| {
            p.shows(std::slice::from_ref(medium));
            p.names("The harbour");
        });
    }
    rules.refuses("media_mixed /parts/0/media", |p| p.shows(&[paper(), film()]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[typed(&paper(), "application/zip")]));
    for kind in [article, story, reel] {
        rules.refuses("unsupported /kind", kind);
    }
    rules.refuses("unsupported /poll", poll);
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
