//! What WordPress takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, answers_are_words, article, comment, draft, film, many, paper, poll, quote, reel, several, sized,
    still, story, typed,
};
use domain::publishing::{ReplyRestriction, Visibility};

const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_a_site_takes_ends_where_the_limits_do() {
    let wordpress = connector();
    let rules = Rules::of(wordpress.descriptor(), Post::new("look", &[]).titled("A title"));
    rules.most(100_000, "content_too_long /parts/0/text", |p, n| p.says(&many("é", n)));
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
    rules.most(200, "content_too_long /title", |p, n| p.title = Some(many("😀", n)));
    rules.refuses("title_missing /title", |p| p.title = Some(" ".into()));
    rules.most(1_000, "content_too_long /summary", |p, n| p.summary = Some(many("😀", n)));
    let names = |n: u64| (0..n).map(|name| name.to_string()).collect::<Vec<_>>();
    rules.most(20, "too_many_tags /tags", |p, n| p.tags = names(n));
    rules.most(200, "content_too_long /tags/0", |p, n| p.tags = vec![many("é", n)]);
    rules.most(10, "too_many_tags /categories", |p, n| p.categories = names(n));
    rules.most(200, "content_too_long /categories/0", |p, n| p.categories = vec![many("é", n)]);
    rules.refuses("content_empty /tags/0", |p| p.tags = vec![" ".into()]);
    rules.most(10, "media_too_many /parts/0/media", |p, n| p.shows(&several(&still("image/png"), n)));
    rules.most(10 * 1024 * 1024, &format!("media_too_large {FIRST}"), |p, n| {
        p.shows(&[sized(&still("image/png"), n)]);
    });
    for media_type in ["image/jpeg", "image/png", "image/gif", "image/webp"] {
        rules.takes(|p| p.shows(&[still(media_type)]));
    }
    rules.takes(|p| p.shows(&[still("image/gif"), still("image/png")]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[still("image/svg+xml")]));
    rules.most(1_000, &format!("alt_text_too_long {FIRST}/alt_text"), |p, n| {
        p.shows(&[still("image/png")]);
        p.describes(&many("é", n));
    });
    rules.takes(|p| {
        p.shows(&[still("image/png")]);
        p.links(None);
    });
    rules.takes(article);
    rules.takes(draft);
    rules.takes(|p| p.visibility = Visibility::Private);
    rules.takes(comment);
    rules.most(10_000, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("😀", n)));
}

#[test]
fn a_site_takes_videos_and_documents_beside_pictures() {
    let wordpress = connector();
    let rules = Rules::of(wordpress.descriptor(), Post::new("look", &[]).titled("A title"));
    let large = &format!("media_too_large {FIRST}");
    rules.most(20_000_000, large, |p, n| p.shows(&[sized(&film(), n)]));
    rules.most(1, "media_too_many /parts/0/media", |p, n| p.shows(&several(&film(), n)));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[typed(&film(), "video/quicktime")]));
    rules.leaves_out("no alternative text", |p| {
        p.shows(&[film()]);
        p.describes("a film");
    });
    let titled = |p: &mut Post, media: &[domain::publishing::Probe]| {
        p.shows(media);
        p.parts[0].media.iter_mut().for_each(|medium| medium.title = Some("Menu".into()));
    };
    rules.most(20_000_000, large, |p, n| titled(p, &[sized(&paper(), n)]));
    rules.most(5, "media_too_many /parts/0/media", |p, n| titled(p, &several(&paper(), n)));
    rules.refuses(&format!("media_type {FIRST}"), |p| titled(p, &[typed(&paper(), "application/zip")]));
    rules.refuses(&format!("title_missing {FIRST}/title"), |p| p.shows(&[paper()]));
    rules.takes(|p| titled(p, &[still("image/png"), film(), paper()]));
}

#[test]
fn what_is_not_done_on_a_site_is_refused_with_the_reason() {
    let wordpress = connector();
    let rules = Rules::of(wordpress.descriptor(), Post::new("look", &[]).titled("A title"));
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted] {
        rules.because("unsupported /visibility", "choose one of these", |p| p.visibility = visibility);
    }
    rules.leaves_out("nobody sees a draft", |p| {
        p.visibility = Visibility::Private;
        draft(p);
    });
    rules.because("unsupported /first_comment", "a draft takes no comments", |p| {
        comment(p);
        draft(p);
    });
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
    rules.most(1, "too_many_parts /parts", Post::thread);
    rules.refuses("unsupported /poll", poll);
    rules.refuses("unsupported /kind", story);
    rules.refuses("unsupported /kind", reel);
    rules.refuses("unsupported /quote", quote);
    rules.give_every_reason();
}

#[test]
fn an_answer_on_wordpress_is_a_comment_of_words_alone() {
    answers_are_words(
        connector().descriptor(),
        10_000,
        "Herald answers on WordPress with a comment, which is words alone",
    );
}
