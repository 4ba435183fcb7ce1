//! In which words YouTube's posts are refused. Its limits, each at its edge, are in `refusals.rs`.

use super::*;
use crate::tests::rules::{
    Post, Rules, article, comment, film, paper, poll, quote, reel, reply, several, still, story,
};
use domain::publishing::ReplyRestriction;

#[test]
fn what_youtube_does_not_offer_is_refused_once_with_the_reason() {
    let youtube = connector();
    let rules = Rules::of(youtube.descriptor(), Post::new("look", &[film()]).titled("A film"));
    let (missing, community) = ("video_missing /parts/0/media", "YouTube has no API for community posts");
    rules.because(missing, "nothing without one: add a video", |p| p.shows(&[]));
    rules.because(missing, community, |p| p.shows(&[still("image/png")]));
    rules.refuses("media_too_many /parts/0/media", |p| {
        let pictures = several(&still("image/png"), 2);
        p.shows(&[vec![film()], pictures].concat());
    });
    rules.because("unsupported /poll", community, poll);
    rules.because("unsupported /kind", "YouTube makes a Short by itself", reel);
    let only = "only videos are published";
    rules.because("unsupported /kind", only, story);
    rules.because("unsupported /kind", only, article);
    rules.because("unsupported /parts/0/media/0", only, |p| p.shows(&[paper()]));
    rules.because("unsupported /quote", only, quote);
    rules.because("unsupported /reply_to", "comments on YouTube are not offered here", reply);
    rules.because("unsupported /first_comment", "comments on YouTube are not offered here", comment);
    rules.because("too_many_parts /parts", "YouTube has no threads", |p| {
        let again = p.parts[0].clone();
        p.parts.push(again);
    });
    rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = ReplyRestriction::Mentioned);
    rules.leaves_out("no alternative text", |p| p.describes("A harbour"));
    rules.leaves_out("no summaries", |p| p.summary = Some("Short".into()));
    rules.give_every_reason();
}
