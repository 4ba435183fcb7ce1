//! What WhatsApp takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{
    Post, Rules, article, coded, comment, draft, film, many, paper, poll, quote, reel, reply, several, sized, sounding,
    still, story, typed,
};
use domain::publishing::{ReplyRestriction, Visibility, warnings, without_template};

const FILES: &str = "/parts/0/media";
const FIRST: &str = "/parts/0/media/0";

fn named(post: &mut Post, name: &str, language: &str, parameters: &[&str]) {
    post.template = template(name, language, parameters).template;
    post.says("");
}

#[test]
fn what_whatsapp_takes_ends_where_its_limits_do() {
    let (whatsapp, photo) = (connector(), still("image/jpeg"));
    let rules = Rules::of(whatsapp.descriptor(), Post::new("look", &[]));
    let long = "content_too_long /parts/0/text";
    rules.most(4_096, long, |p, n| p.says(&many("é", n)));
    rules.most(2_048, long, |p, n| p.says(&many("😀", n)));
    rules.most(1_024, long, |p, n| {
        p.shows(std::slice::from_ref(&photo));
        p.says(&many("é", n));
    });
    rules.most(1, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&photo, n)));
    rules.most(1, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&film(), n)));
    rules.most(1, &format!("media_too_many {FILES}"), |p, n| p.shows(&several(&paper(), n)));
    let large = &format!("media_too_large {FIRST}");
    rules.most(5_000_000, large, |p, n| p.shows(&[sized(&photo, n)]));
    rules.most(16_000_000, large, |p, n| p.shows(&[sized(&film(), n)]));
    rules.most(50_000_000, large, |p, n| p.shows(&[sized(&paper(), n)]));
    rules.takes(|p| p.shows(&[still("image/png")]));
    let wrong = &format!("media_type {FIRST}");
    rules.refuses(wrong, |p| p.shows(&[still("image/gif")]));
    rules.refuses(wrong, |p| p.shows(&[still("image/webp")]));
    rules.refuses(wrong, |p| p.shows(&[typed(&film(), "video/quicktime")]));
    rules.refuses(wrong, |p| p.shows(&[coded(&film(), "hevc")]));
    rules.refuses(wrong, |p| p.shows(&[sounding(&film(), "mp3", 44_100)]));
    rules.takes(|p| p.shows(&[sounding(&film(), "aac", 44_100)]));
    rules.takes(|p| p.links(None));
    rules.takes(|p| p.says(&many("#a @b ", 40)));
    rules.leaves_out("no titles", |p| p.title = Some("A title".into()));
    rules.leaves_out("no alternative text", |p| {
        p.shows(std::slice::from_ref(&photo));
        p.describes("a cup");
    });
    for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
        rules.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
    }
    rules.most(1, "too_many_parts /parts", Post::thread);
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
}

#[test]
fn a_template_says_what_was_approved_and_nothing_beside_it() {
    let whatsapp = connector();
    let rules = Rules::of(whatsapp.descriptor(), Post::new("look", &[]));
    rules.takes(|p| named(p, "order_ready", "en_US", &["Ada", "42"]));
    rules.takes(|p| named(p, "hello_2", "de", &[]));
    rules.takes(|p| {
        named(p, "new_menu", "en_US", &["May"]);
        p.shows(&[still("image/png")]);
    });
    rules.most(1_024, "content_too_long /template/parameters", |p, n| named(p, "a", "en", &["x", &many("é", n - 1)]));
    for name in ["", "Order", "order-ready", "order ready"] {
        rules.refuses("template_invalid /template/name", |p| named(p, name, "en", &[]));
    }
    for language in ["", "en-US", "en US"] {
        rules.because("template_invalid /template/language", "such as en or en_US", |p| named(p, "a", language, &[]));
    }
    rules.refuses("template_invalid /template/parameters/1", |p| named(p, "a", "en", &["x", " "]));
    rules.because("template_invalid /template", "no text or link stands beside it", |p| {
        named(p, "a", "en", &[]);
        p.says("and this");
    });
    rules.because("template_invalid /template", "no text or link stands beside it", |p| {
        named(p, "a", "en", &[]);
        p.links(None);
    });
}

#[test]
fn words_and_files_may_answer_a_message_and_a_template_may_not() {
    let (whatsapp, photo) = (connector(), still("image/jpeg"));
    let rules = Rules::of(whatsapp.descriptor(), Post::new("look", &[]));
    rules.takes(reply);
    for file in [photo, film(), paper()] {
        rules.takes(|p| {
            p.shows(std::slice::from_ref(&file));
            reply(p);
        });
    }
    rules.because("unsupported /reply_to", "does not show what a template answers", |p| {
        named(p, "order_ready", "en_US", &["Ada", "42"]);
        reply(p);
    });
}

#[test]
fn what_is_no_template_is_warned_of_and_a_template_is_not() {
    let whatsapp = connector();
    let warned = without_template(&Variant::text("hello"), whatsapp.descriptor()).unwrap();
    assert!(warned.contains("only within 24 hours after the recipient last wrote"), "{warned}");
    assert_eq!(without_template(&order(), whatsapp.descriptor()), None);
    for post in [order(), Variant::text("hello")] {
        let told = warnings(&post, whatsapp.descriptor(), &[]);
        assert!(told.iter().any(|told| told.contains("no price is known here")), "it is not told as free: {told:?}");
    }
    assert_eq!(whatsapp.descriptor().limits.price, None);
    assert_eq!(whatsapp.render(&order()), ["template order_ready (en_US): Ada · 42"]);
    assert_eq!(whatsapp.render(&Variant::text("hello")), ["hello"]);
}

#[test]
fn what_whatsapp_does_not_offer_is_refused_once_with_the_reason() {
    let whatsapp = connector();
    let rules = Rules::of(whatsapp.descriptor(), Post::new("look", &[]));
    let together = "one picture, video or document in a message";
    rules.because(&format!("media_mixed {FILES}"), together, |p| p.shows(&[film(), still("image/png")]));
    rules.because("unsupported /poll", "ask in words", poll);
    rules.because("unsupported /kind", "no status updates", story);
    rules.because("unsupported /kind", "only messages", article);
    rules.because("unsupported /kind", "only messages", reel);
    rules.because("unsupported /quote", "only messages", quote);
    rules.because("unsupported /first_comment", "nobody comments a message", comment);
    rules.because("unsupported /draft", "keep it here", draft);
    for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
        rules.because("unsupported /visibility", "for its recipient alone", |p| p.visibility = visibility);
    }
    rules.give_every_reason();
}
