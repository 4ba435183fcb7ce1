//! What X takes and what it does not, as preflight says it.

use super::*;
use crate::tests::quotas;
use crate::tests::rules::{
    Post, Rules, article, captions, coded, comment, draft, film, many, moving, paper, playing, poll, quote, reel,
    reply, several, shaped, sized, sounding, still, story, typed,
};
use domain::platform::Price;
use domain::publishing::{ContentKind, Visibility};

const FILES: &str = "/parts/0/media";

#[test]
fn what_x_charges_for_a_post_a_link_and_an_article_is_told_in_millionths_of_a_dollar() {
    let x = connector();
    let posts = &x.descriptor().limits;
    assert_eq!(posts.price, Some(Price { step_usd_micros: 15_000, link_usd_micros: 200_000 }));
    // A draft and its publication: the links are in the first.
    assert_eq!(posts.of(ContentKind::Article).price, Some(Price { step_usd_micros: 30_000, link_usd_micros: 215_000 }));
}

#[test]
fn what_x_takes_ends_where_its_limits_do() {
    let x = connector();
    let rules = Rules::of(x.descriptor(), Post::new("look", &[]));
    let long = "content_too_long /parts/0/text";
    rules.most(280, long, |p, n| p.says(&many("x", n)));
    rules.most(140, long, |p, n| p.says(&many("日", n)));
    rules.most(140, long, |p, n| p.says(&many("👩‍👩‍👧‍👦", n)));
    rules.most(256, long, |p, n| p.says(&format!("{} https://example.com/{}", many("x", n), many("y", 300))));
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
    rules.most(25, "too_many_parts /parts", Post::thread);
    rules.most(280, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("x", n)));
    let words = "since 2026 X takes at most one cashtag";
    rules.most(1, "too_many_cashtags /parts/0/text", |p, n| p.says(&many("$ABC ", n)));
    rules.because("too_many_cashtags /parts/0/text", words, |p| p.says("$ABC and $DEF"));
    rules.because("too_many_cashtags /first_comment", words, |p| p.first_comment = Some("$ABC and $DEF".into()));
    rules.because("duplicate_content /parts/1/text", "refuses the same words twice", |p| {
        p.thread(2);
        p.parts[1].text = " 0 ".into();
    });
    rules.refuses("duplicate_content /first_comment", |p| p.first_comment = Some("look".into()));
    rules.takes(|p| p.first_comment = Some("Look".into()));
    rules.takes(|p| p.says(&many("#a @b ", 40)));
    rules.takes(|p| p.links(None));
    rules.refuses("url_not_allowed /link/url", |p| {
        p.links(None);
        "ftp://example.com".clone_into(&mut p.link.as_mut().unwrap().url);
    });
    rules.leaves_out("only articles have a title there", |p| p.title = Some("A title".into()));
    rules.leaves_out("no tags", |p| p.tags = vec!["a".into()]);

    let first = &format!("{FILES}/0");
    rules.most(4, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&still("image/jpeg"), n)));
    for media_type in ["image/jpeg", "image/png", "image/gif", "image/webp"] {
        rules.takes(|p| p.shows(&[still(media_type)]));
    }
    rules.refuses(&format!("media_type {first}"), |p| p.shows(&[still("image/bmp")]));
    let large = &format!("media_too_large {first}");
    rules.most(5 * 1024 * 1024, large, |p, n| p.shows(&[sized(&still("image/png"), n)]));
    rules.most(15 * 1024 * 1024, large, |p, n| p.shows(&[sized(&still("image/gif"), n)]));
    let size = &format!("media_dimensions {first}");
    rules.most(1_280, size, |p, n| p.shows(&[shaped(&still("image/gif"), n, 500)]));
    rules.most(1_080, size, |p, n| p.shows(&[shaped(&still("image/gif"), 500, n)]));
    rules.takes(|p| p.shows(&[shaped(&still("image/png"), 4_000, 4_000)]));
    let mixed = &format!("media_mixed {FILES}");
    rules.because(mixed, "a GIF alone", |p| p.shows(&[still("image/gif"), still("image/png")]));
    rules.refuses(mixed, |p| p.shows(&[still("image/gif"), still("image/gif")]));
    rules.refuses(mixed, |p| p.shows(&[still("image/gif"), film()]));
    rules.most(1_000, &format!("alt_text_too_long {first}/alt_text"), |p, n| {
        p.shows(&[still("image/png")]);
        p.describes(&many("é", n));
    });
    rules.refuses(&format!("unsupported {first}"), |p| p.shows(&[paper()]));

    rules.most(1, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&film(), n)));
    rules.refuses(mixed, |p| p.shows(&[film(), still("image/png")]));
    rules.most(512 * 1024 * 1024, large, |p, n| p.shows(&[sized(&film(), n)]));
    let duration = &format!("video_duration {first}");
    rules.least(500, duration, |p, n| p.shows(&[playing(&film(), n)]));
    rules.most(140_000, duration, |p, n| p.shows(&[playing(&film(), n)]));
    rules.takes(|p| p.shows(&[typed(&film(), "video/quicktime")]));
    rules.refuses(&format!("media_type {first}"), |p| p.shows(&[typed(&film(), "video/webm")]));
    rules.refuses(&format!("media_type {first}"), |p| p.shows(&[coded(&film(), "hevc")]));
    let shape = &format!("media_shape {first}");
    rules.least(100, shape, |p, n| p.shows(&[shaped(&film(), n, 300)]));
    rules.most(300, shape, |p, n| p.shows(&[shaped(&film(), n, 100)]));
    rules.least(32, size, |p, n| p.shows(&[shaped(&film(), n, 40)]));
    rules.least(32, size, |p, n| p.shows(&[shaped(&film(), 40, n)]));
    rules.most(60, &format!("video_frames {first}"), |p, n| p.shows(&[moving(&film(), n)]));
    rules.takes(|p| p.shows(&[sounding(&film(), "aac", 96_000)]));
    rules.refuses(&format!("media_type {first}"), |p| p.shows(&[sounding(&film(), "mp3", 44_100)]));
    rules.leaves_out("no alternative text", |p| {
        p.shows(&[film()]);
        p.describes("a film");
    });
}

#[test]
fn a_poll_on_x_is_held_to_its_limits_and_stands_beside_nothing() {
    let x = connector();
    let rules = Rules::of(x.descriptor(), Post::new("Which?", &[]));
    rules.least(2, "poll_invalid /poll/options", |p, n| p.asks(None, n, 3, 60));
    rules.most(4, "poll_invalid /poll/options", |p, n| p.asks(None, n, 3, 60));
    rules.most(25, "poll_invalid /poll/options/0, poll_invalid /poll/options/1", |p, n| p.asks(None, 2, n, 60));
    rules.least(5, "poll_invalid /poll/duration_minutes", |p, n| p.asks(None, 2, 3, n));
    rules.most(10_080, "poll_invalid /poll/duration_minutes", |p, n| p.asks(None, 2, 3, n));
    rules.refuses("poll_invalid /poll/question", |p| p.asks(Some("Which?"), 2, 3, 60));
    rules.refuses("poll_invalid /poll/multiple", |p| {
        poll(p);
        p.poll.as_mut().unwrap().multiple = true;
    });
    for media in [&[still("image/png")], &[film()]] {
        rules.refuses("poll_invalid /poll", |p| {
            p.shows(media);
            poll(p);
        });
    }
    rules.refuses("poll_invalid /poll", |p| {
        p.links(None);
        poll(p);
    });
    rules.refuses("poll_invalid /poll", |p| {
        p.thread(2);
        poll(p);
    });
}

/// A post whose film has captions of this type in these languages.
fn speaks<'a>(kind: &str, languages: &'a [&'a str]) -> impl Fn(&mut Post) + 'a {
    let files: Vec<_> = languages.iter().map(|language| (captions(kind), *language)).collect();
    move |p| p.speaks(&files)
}

#[test]
fn captions_on_x_are_in_a_language_of_two_letters_each_once() {
    let x = connector();
    let rules = Rules::of(x.descriptor(), Post::new("look", &[film()]));
    let at = format!("{FILES}/0/captions");
    rules.takes(speaks("application/x-subrip", &["en", "de"]));
    rules.takes(speaks("text/vtt", &["EN"]));
    rules.because(&format!("captions_invalid {at}/0/language"), "by two letters", speaks("text/vtt", &["pt-BR"]));
    rules.refuses(&format!("captions_invalid {at}/0/language"), speaks("text/vtt", &["gsw"]));
    rules.refuses(&format!("captions_invalid {at}/0/language"), speaks("text/vtt", &["English"]));
    rules.refuses(&format!("captions_invalid {at}/1"), |p| {
        speaks("text/vtt", &["en", "EN"])(p);
        p.parts[0].media[0].captions[1].name = Some("another name is no other track".into());
    });
    rules.most(10, &format!("media_too_many {at}"), |p, n| {
        let letters = ["aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "ii", "jj", "kk"];
        speaks("text/vtt", &letters[..usize::try_from(n).unwrap()])(p);
    });
    rules.most(1024 * 1024, &format!("media_too_large {at}/0"), |p, n| {
        p.speaks(&[(sized(&captions("text/vtt"), n), "en")]);
    });
    rules.refuses(&format!("media_type {at}/0"), |p| p.speaks(&[(paper(), "en")]));
    rules.because(&format!("captions_invalid {at}"), "only videos have captions", |p| {
        p.shows(&[still("image/png")]);
        speaks("text/vtt", &["en"])(p);
    });
    rules.because(&format!("media_type {FILES}/0"), "give them with their video", |p| p.shows(&[captions("text/vtt")]));
}

/// What an article does not have, said for its reasons.
fn of_articles(rules: &Rules<'_>) {
    let titled = |change: fn(&mut Post)| {
        move |p: &mut Post| {
            article(p);
            p.title = Some("A title".into());
            change(p);
        }
    };
    let first = format!("{FILES}/0");
    rules.because(&format!("unsupported {first}"), "and no video", titled(|p| p.shows(&[film()])));
    rules.because("unsupported /poll", "an article on X has no poll", titled(poll));
    rules.because("unsupported /quote", "only Enterprise customers", titled(quote));
    rules.because("unsupported /reply_to", "since February 2026", titled(reply));
    let two = titled(|p| p.shows(&[still("image/png"), still("image/png")]));
    rules.because(&format!("media_too_many {FILES}"), "one picture, its cover", two);
}

#[test]
fn what_an_article_on_x_takes_ends_where_its_limits_do() {
    let x = connector();
    let mut fine = Post::new("A long text with $ABC and $DEF", &[]).titled("A title");
    article(&mut fine);
    let rules = Rules::of(x.descriptor(), fine);
    rules.most(25_000, "content_too_long /parts/0/text", |p, n| p.says(&many("日", n)));
    rules.most(24_980, "content_too_long /parts/0/text", |p, n| {
        p.says(&many("x", n - 5));
        p.links(None);
    });
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
    rules.most(100, "content_too_long /title", |p, n| p.title = Some(many("é", n)));
    for none in [None, Some("  ".to_owned())] {
        rules.because("title_missing /title", "articles on X have a title", |p| p.title = none);
    }
    rules.because("too_many_parts /parts", "an article on X is one text", |p| p.thread(2));
    let first = &format!("{FILES}/0");
    rules.most(1, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&still("image/jpeg"), n)));
    for media_type in ["image/jpeg", "image/png", "image/webp"] {
        rules.takes(|p| p.shows(&[still(media_type)]));
    }
    rules.refuses(&format!("media_type {first}"), |p| p.shows(&[still("image/gif")]));
    rules.most(5 * 1024 * 1024, &format!("media_too_large {first}"), |p, n| p.shows(&[sized(&still("image/png"), n)]));
    rules.most(1_000, &format!("alt_text_too_long {first}/alt_text"), |p, n| {
        p.shows(&[still("image/png")]);
        p.describes(&many("é", n));
    });
    rules.refuses(&format!("unsupported {first}"), |p| p.shows(&[paper()]));
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.because("unsupported /reply_restriction", "replies to articles", |p| p.reply_restriction = restriction);
    }
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
        rules.refuses("unsupported /visibility", |p| p.visibility = visibility);
    }
    rules.takes(draft);
    rules.leaves_out("no tags", |p| p.tags = vec!["a".into()]);
    rules.leaves_out("no summaries", |p| p.summary = Some("In short".into()));
    // What is said below it is a post.
    rules.most(280, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("x", n)));
    rules.refuses("too_many_cashtags /first_comment", |p| p.first_comment = Some("$ABC $DEF".into()));
    rules.because("unsupported /first_comment", "a draft takes no comments", |p| {
        draft(p);
        comment(p);
    });
}

#[test]
fn what_x_does_not_offer_is_refused_with_the_reason_and_since_when() {
    let x = connector();
    let rules = Rules::of(x.descriptor(), Post::new("look $ABC", &[]));
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.takes(|p| p.reply_restriction = restriction);
    }
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
        rules.refuses("unsupported /visibility", |p| p.visibility = visibility);
    }
    rules.because("unsupported /quote", "since April 2026 X lets only Enterprise customers quote", quote);
    rules.because("unsupported /reply_to", "since February 2026 X takes answers", reply);
    rules.takes(|p| {
        article(p);
        p.title = Some("A title".into());
    });
    rules.refuses("unsupported /kind", story);
    rules.refuses("unsupported /kind", reel);
    rules.because("unsupported /draft", "X has drafts of articles only", draft);
    rules.leaves_out("only articles have a title there", |p| p.title = Some("A title".into()));
    of_articles(&rules);
    rules.refuses("too_many_cashtags /parts/0/text", |p| p.says("$ABC $DEF"));
    rules.takes(comment);
    rules.give_every_reason();
}

#[test]
fn as_many_posts_are_counted_as_x_takes_of_an_account_in_a_quarter_of_an_hour_and_of_an_application_in_a_day() {
    let counted = [("posts-15min", QuotaScope::Account, 100, 900), ("posts-24h", QuotaScope::App, 10_000, 86_400)];
    assert_eq!(quotas(connector().descriptor()), counted);
}
