//! What Threads takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, article, coded, comment, draft, film, many, moving, paper, playing, poll, quote, reel, reply, several,
    shaped, sized, sounding, still, story, target, typed,
};
use domain::publishing::{Part, Visibility};

const FILES: &str = "/parts/0/media";
const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_threads_takes_of_words_ends_where_its_limits_do() {
    let threads = connector();
    let rules = Rules::of(threads.descriptor(), Post::new("look", &[]));
    let long = "content_too_long /parts/0/text";
    rules.most(500, long, |p, n| p.says(&many("é", n)));
    rules.most(500, long, |p, n| p.says(&many("日", n)));
    rules.most(125, long, |p, n| p.says(&many("😀", n)));
    rules.most(500, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("é", n)));
    rules.refuses("content_empty /parts/0/text", |p| p.says(""));
    rules.takes(|p| {
        p.says("");
        p.links(None);
    });
    let addresses = |n: u64| (0..n).map(|n| format!("https://example.com/{n}")).collect::<Vec<_>>().join(" ");
    rules.most(5, "too_many_links /parts/0/text", |p, n| p.says(&addresses(n)));
    rules.most(5, "too_many_links /first_comment", |p, n| p.first_comment = Some(addresses(n)));
    rules.most(4, "too_many_links /parts/0/text", |p, n| {
        p.says(&addresses(n));
        p.links(None);
    });
    rules.takes(|p| p.says(&format!("{} {}", addresses(5), addresses(5))));
    rules.most(25, "too_many_parts /parts", Post::thread);
    rules.takes(|p| {
        p.parts.push(Part { text: many("é", 500), media: Vec::new() });
    });
    rules.refuses("content_too_long /parts/1/text", |p| {
        p.parts.push(Part { text: many("é", 501), media: Vec::new() });
    });
    rules.leaves_out("no titles", |p| p.title = Some("A title".into()));
}

#[test]
fn what_threads_takes_of_pictures_and_videos_ends_where_its_limits_do() {
    let (threads, jpeg) = (connector(), still("image/jpeg"));
    let rules = Rules::of(threads.descriptor(), Post::new("", std::slice::from_ref(&jpeg)));
    rules.takes(|p| p.shows(&[still("image/png")]));
    for media_type in ["image/gif", "image/webp"] {
        rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[still(media_type)]));
    }
    rules.most(8_000_000, &format!("media_too_large {FIRST}"), |p, n| p.shows(&[sized(&jpeg, n)]));
    rules.most(20, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&jpeg, n)));
    rules.most(1_000, &format!("alt_text_too_long {FIRST}/alt_text"), |p, n| p.describes(&many("é", n)));
    let shape = &format!("media_shape {FIRST}");
    let sides = &format!("media_dimensions {FIRST}");
    rules.most(1_000, sides, |p, n| p.shows(&[shaped(&jpeg, n, 100)]));
    rules.most(1_000, sides, |p, n| p.shows(&[shaped(&jpeg, 100, n)]));
    rules.refuses("link_and_media /link", |p| p.links(None));

    rules.most(1_000_000_000, &format!("media_too_large {FIRST}"), |p, n| p.shows(&[sized(&film(), n)]));
    let duration = &format!("video_duration {FIRST}");
    rules.least(1, duration, |p, n| p.shows(&[playing(&film(), n)]));
    rules.most(300_000, duration, |p, n| p.shows(&[playing(&film(), n)]));
    rules.least(10, shape, |p, n| p.shows(&[shaped(&film(), n, 1_000)]));
    rules.most(1_000, shape, |p, n| p.shows(&[shaped(&film(), n, 100)]));
    rules.takes(|p| p.shows(&[typed(&film(), "video/quicktime")]));
    rules.most(1_920, &format!("media_dimensions {FIRST}"), |p, n| p.shows(&[shaped(&film(), n, 1_000)]));
    rules.most(60, &format!("video_frames {FIRST}"), |p, n| p.shows(&[moving(&film(), n)]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[sounding(&film(), "mp3", 44_100)]));
    rules.takes(|p| p.shows(&[coded(&film(), "hevc")]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[typed(&film(), "video/webm")]));
    rules.refuses(&format!("media_type {FIRST}"), |p| p.shows(&[coded(&film(), "vp9")]));
    rules.takes(|p| {
        p.shows(&[film()]);
        p.describes("it moves");
    });
    rules.most(20, &format!("media_too_many {FILES}"), |p, n| {
        p.shows(&[vec![film()], several(&jpeg, n - 1)].concat());
    });
    rules.refuses(&format!("unsupported {FIRST}"), |p| p.shows(&[paper()]));
}

#[test]
fn what_threads_does_not_offer_is_refused() {
    let threads = connector();
    let rules = Rules::of(threads.descriptor(), Post::new("look", &[]));
    rules.takes(comment);
    rules.takes(quote);
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.takes(|p| p.reply_restriction = restriction);
    }
    rules.because("unsupported /poll", "how long one is open", poll);
    rules.takes(reply);
    rules.because("unsupported /reply_to", "answers another one or quotes one, not both", |p| {
        reply(p);
        quote(p);
    });
    rules.because("unsupported /reply_to", "somebody else's thread", |p| {
        reply(p);
        p.reply_restriction = ReplyRestriction::Following;
    });
    rules.because("unsupported /targeting", "countries alone", target);
    rules.because("unsupported /draft", "Threads has no drafts through its API", draft);
    for kind in [article, story, reel] {
        rules.refuses("unsupported /kind", kind);
    }
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
        rules.refuses("unsupported /visibility", |p| p.visibility = visibility);
    }
    rules.give_every_reason();
}
