//! In which words YouTube's posts are refused. Its limits, each at its edge, are in `refusals.rs`.

use super::*;
use crate::tests::rules::{
    Post, Rules, answers_are_words, article, captions, comment, film, many, paper, poll, quote, reel, several, still,
    story,
};
use domain::publishing::ReplyRestriction;

#[test]
fn captions_on_youtube_are_told_apart_by_language_and_name() {
    let youtube = connector();
    let rules = Rules::of(youtube.descriptor(), Post::new("look", &[film()]).titled("A film"));
    let at = "/parts/0/media/0/captions";
    let two = |p: &mut Post| p.speaks(&[(captions("application/x-subrip"), "pt-BR"), (captions("text/vtt"), "PT-br")]);
    rules.because(&format!("captions_invalid {at}/1"), "a name of its own", two);
    rules.takes(|p| {
        two(p);
        p.parts[0].media[0].captions[1].name = Some("For the hard of hearing".into());
    });
    rules.most(150, &format!("captions_invalid {at}/0/name"), |p, n| {
        p.speaks(&[(captions("text/vtt"), "en")]);
        p.parts[0].media[0].captions[0].name = Some("x".repeat(usize::try_from(n).unwrap()));
    });
    rules.most(10, &format!("media_too_many {at}"), |p, n| {
        let languages: Vec<String> = (0..n).map(|n| format!("en-{n:03}")).collect();
        let files: Vec<_> = languages.iter().map(|language| (captions("text/vtt"), language.as_str())).collect();
        p.speaks(&files);
    });
}

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
    rules.takes(comment);
    rules.most(10_000, "content_too_long /first_comment", |p, n| p.first_comment = Some(many("x", n)));
    rules.because("unsupported /first_comment", "made for children", |p| {
        p.made_for_kids = true;
        comment(p);
    });
    rules.because("unsupported /first_comment", "takes no comments", |p| {
        p.visibility = Visibility::Private;
        comment(p);
    });
    rules.takes(|p| {
        p.visibility = Visibility::Unlisted;
        comment(p);
    });
    rules.because("too_many_parts /parts", "YouTube has no threads", |p| {
        let again = p.parts[0].clone();
        p.parts.push(again);
    });
    rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = ReplyRestriction::Mentioned);
    rules.leaves_out("no alternative text", |p| p.describes("A harbour"));
    rules.leaves_out("no summaries", |p| p.summary = Some("Short".into()));
    rules.give_every_reason();
}

#[test]
fn an_answer_on_youtube_is_a_comment_of_words_alone() {
    answers_are_words(
        connector().descriptor(),
        10_000,
        "Herald answers on YouTube with a comment, which is words alone",
    );
}
