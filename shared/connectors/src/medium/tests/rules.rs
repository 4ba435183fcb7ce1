//! What Medium takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, article, comment, draft, film, many, paper, poll, quote, reel, reply, several, still, story,
};
use domain::publishing::{ReplyRestriction, Visibility};

const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_medium_takes_ends_where_its_limits_do() {
    let medium = connector();
    let rules = Rules::of(medium.descriptor(), Post::new("look", &[]).titled("A title"));
    rules.most(100_000, "content_too_long /parts/0/text", |p, n| p.says(&many("é", n)));
    rules.because("content_empty /parts/0/text", "write a text", |p| p.says(" "));
    rules.most(100, "content_too_long /title", |p, n| p.title = Some(many("é", n)));
    rules.most(50, "content_too_long /title", |p, n| p.title = Some(many("😀", n)));
    rules.refuses("title_missing /title", |p| p.title = None);
    rules.most(3, "too_many_tags /tags", |p, n| p.tags = (0..n).map(|tag| tag.to_string()).collect());
    rules.most(25, "content_too_long /tags/0", |p, n| p.tags = vec![many("é", n)]);
    rules.takes(|p| p.links(None));
    rules.takes(article);
    rules.takes(draft);
    rules.leaves_out("no summaries", |p| p.summary = Some("Short".into()));
    rules.leaves_out("no categories", |p| p.categories = vec!["News".into()]);
}

#[test]
fn what_medium_does_not_offer_is_refused_once_with_the_reason_and_since_when() {
    let medium = connector();
    let rules = Rules::of(medium.descriptor(), Post::new("look", &[]).titled("A title"));
    let picture = still("image/png");
    let (refused, since) = (&format!("unsupported {FIRST}"), "has not supported its API since March 2023");
    rules.because(refused, since, |p| p.shows(std::slice::from_ref(&picture)));
    rules.because(refused, since, |p| p.shows(&several(&picture, 5)));
    rules.because(refused, "put the address of the video into the text", |p| p.shows(&[film()]));
    rules.because(refused, "Medium has no documents", |p| p.shows(&[paper()]));
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
        rules.because("unsupported /visibility", "or leaves a draft", |p| p.visibility = visibility);
    }
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
    rules.most(1, "too_many_parts /parts", Post::thread);
    rules.refuses("unsupported /poll", poll);
    rules.refuses("unsupported /kind", story);
    rules.refuses("unsupported /kind", reel);
    rules.refuses("unsupported /quote", quote);
    rules.refuses("unsupported /reply_to", reply);
    rules.refuses("unsupported /first_comment", comment);
    rules.give_every_reason();
}
