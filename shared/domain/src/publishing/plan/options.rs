//! The check of what stands beside the texts: kind, choices, link, titles, poll, first comment.

use super::{Violation, check_characters, check_length, check_links, check_marks, template};
use crate::platform::{Descriptor, Feature, PollRule, TagRule};
use crate::publishing::{
    ContentKind, MAX_THREAD_S, Media, MediaKind, Poll, ReplyRestriction, Spacing, Variant, Visibility,
};

/// Most minutes of a poll anywhere; a bound for the field, not a platform's.
const ANY_MINUTES: u32 = 366 * 24 * 60;

/// By `descriptor`, the platform as a post of its kind finds it. `platform` is what all else finds.
pub(super) fn check(
    variant: &Variant,
    descriptor: &Descriptor,
    platform: &Descriptor,
    media: &[Media],
    at: &str,
    out: &mut Vec<Violation>,
) {
    choices(variant, descriptor, at, out);
    kind(variant, descriptor, media, at, out);
    link(variant, descriptor, at, out);
    titles(variant, descriptor, at, out);
    if let Some(asked) = &variant.poll {
        match &descriptor.limits.poll {
            None => out.push(Violation::unsupported(descriptor, Feature::Poll, format!("{at}/poll"))),
            Some(rule) => poll(asked, rule, variant, descriptor, at, out),
        }
    }
    template::check(variant, descriptor, at, out);
    comment(variant, descriptor, platform, at, out);
    delay(variant, at, out);
    let asked = [
        (Feature::Reply, variant.reply_to.is_some(), "reply_to"),
        (Feature::Quote, variant.quote.is_some(), "quote"),
        (Feature::Draft, variant.draft, "draft"),
    ];
    for (feature, _, field) in asked.into_iter().filter(|(f, asked, _)| *asked && !descriptor.limits.has.contains(f)) {
        out.push(Violation::unsupported(descriptor, feature, format!("{at}/{field}")));
    }
    let restricted = variant.reply_restriction != ReplyRestriction::Everyone;
    if variant.reply_to.is_some() && restricted && descriptor.limits.has.contains(&Feature::Reply) {
        let detail =
            "an answer stands in somebody else's thread, who says who may reply there: leave the restriction out";
        out.push(Violation::of(descriptor, "unsupported", format!("{at}/reply_to"), detail.into()));
    }
    let quotes = variant.quote.is_some() && descriptor.limits.answers_without.contains(&Feature::Quote);
    if variant.reply_to.is_some() && quotes {
        let detail =
            format!("on {} a post answers another one or quotes one, not both: leave one of them out", descriptor.name);
        out.push(Violation::of(descriptor, "unsupported", format!("{at}/reply_to"), detail));
    }
    let filled = variant.template.is_some() && descriptor.limits.answers_without.contains(&Feature::Template);
    if variant.reply_to.is_some() && filled {
        let name = &descriptor.name;
        let detail =
            format!("{name} does not show what a template answers: answer in free words, or leave the answer out");
        out.push(Violation::of(descriptor, "unsupported", format!("{at}/reply_to"), detail));
    }
    if variant.draft && variant.kind == ContentKind::Story && descriptor.limits.has.contains(&Feature::Draft) {
        let detail = "a story is shown or it is not, and never left as a draft: keep the draft here";
        out.push(Violation::of(descriptor, "unsupported", format!("{at}/draft"), detail.into()));
    }
}

fn delay(variant: &Variant, at: &str, out: &mut Vec<Violation>) {
    let Some(Spacing { delay_s, parts }) = variant.spacing() else { return };
    let all = u64::from(delay_s) * u64::from(parts - 1);
    if all > MAX_THREAD_S.into() {
        let detail = "the parts of a thread wait at most twelve hours together: let each wait less";
        let v = Violation::new("thread_too_slow", format!("{at}/thread_delay_seconds"), detail);
        out.push(v.figures(MAX_THREAD_S.into(), all));
    }
}

fn choices(variant: &Variant, descriptor: &Descriptor, at: &str, out: &mut Vec<Violation>) {
    let (limits, name) = (&descriptor.limits, &descriptor.name);
    if variant.visibility != Visibility::Public && !limits.visibilities.contains(&variant.visibility) {
        let plain = || format!("{name} has no such visibility: leave it public");
        let detail = limits.reasons.get(&Feature::Visibility).cloned().unwrap_or_else(plain);
        out.push(Violation::of(descriptor, "unsupported", format!("{at}/visibility"), detail));
    }
    let reply = variant.reply_restriction;
    if reply != ReplyRestriction::Everyone && !limits.reply_restrictions.contains(&reply) {
        let what = if variant.kind == ContentKind::Article { " to articles" } else { "" };
        let others = limits.reply_restrictions.iter().filter(|other| **other != ReplyRestriction::Everyone);
        let others: Vec<&str> = others.map(|other| other.words()).collect();
        let mend = match others.as_slice() {
            [] => "let everyone reply".to_owned(),
            others => format!("let everyone reply, or {}", others.join(" or ")),
        };
        let detail = format!("{name} cannot restrict replies{what} like this: {mend}");
        out.push(Violation::of(descriptor, "unsupported", format!("{at}/reply_restriction"), detail));
    }
}

fn kind(variant: &Variant, descriptor: &Descriptor, media: &[Media], at: &str, out: &mut Vec<Violation>) {
    let (limits, name) = (&descriptor.limits, &descriptor.name);
    let field = format!("{at}/kind");
    let feature = match variant.kind {
        ContentKind::Post => None,
        ContentKind::Article => Some(Feature::Article),
        ContentKind::Story => Some(Feature::Story),
        ContentKind::Reel => Some(Feature::Reel),
    };
    if !limits.kinds.contains(&variant.kind) {
        let plain = format!("{name} has no plain posts: choose another kind");
        out.push(feature.map_or_else(
            || Violation::of(descriptor, "unsupported", field.clone(), plain),
            |feature| Violation::unsupported(descriptor, feature, field.clone()),
        ));
        return;
    }
    let kind_of = |id| media.iter().find(|m| m.id == id).and_then(|m| m.probe.as_ref()).map(super::super::Probe::kind);
    let all: Vec<_> = variant.media().map(|reference| kind_of(reference.id)).collect();
    let videos = all.iter().filter(|kind| matches!(kind, Some(MediaKind::Video) | None)).count();
    let (has_cover, pictures) = (limits.has_cover(variant.kind), all.len() - videos);
    let one_video = videos == 1 && pictures <= usize::from(has_cover) && !all.contains(&Some(MediaKind::Document));
    let one_shown = matches!(all.as_slice(), [Some(MediaKind::Video | MediaKind::Picture) | None]);
    let wrong = match variant.kind {
        ContentKind::Reel if !one_video && has_cover => {
            "a reel is one video, and a picture beside it is its cover: give it these, and nothing else"
        }
        ContentKind::Reel if !one_video => "a reel is one video: give it that, and nothing else",
        ContentKind::Story if !one_shown => "a story is one picture or one video: give it that, and nothing else",
        _ => return,
    };
    out.push(Violation::of(descriptor, "media_mixed", format!("{at}/parts/0/media"), wrong.into()));
}

fn link(variant: &Variant, descriptor: &Descriptor, at: &str, out: &mut Vec<Violation>) {
    let (limits, name) = (&descriptor.limits, &descriptor.name);
    let Some(link) = &variant.link else { return };
    if !(link.url.starts_with("https://") || link.url.starts_with("http://")) {
        out.push(Violation::new(
            "url_not_allowed",
            format!("{at}/link/url"),
            "a link starts with https:// or http://: give its whole address",
        ));
    }
    let host = url::Url::parse(&link.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let is_of = |of: &&String| host == **of || host.strip_suffix(of.as_str()).is_some_and(|rest| rest.ends_with('.'));
    if let Some(of) = limits.unlinked_hosts.iter().find(is_of) {
        let detail = format!("{name} takes no links to {of} in a post: link to another page, or leave it out");
        out.push(Violation::of(descriptor, "url_not_allowed", format!("{at}/link/url"), detail));
    }
    let title_missing = link.title.as_deref().is_none_or(|t| t.trim().is_empty());
    if limits.link_card.is_some_and(|card| card.needs_title) && title_missing {
        let detail = format!("{name} does not read the page: give the card a title");
        out.push(Violation::of(descriptor, "link_title_missing", format!("{at}/link/title"), detail));
    }
    if limits.link_card.is_some_and(|card| !card.beside_media) && variant.media().next().is_some() {
        let detail = format!("{name} shows a link card or media, not both: leave one of them out");
        out.push(Violation::of(descriptor, "link_and_media", format!("{at}/link"), detail));
    }
}

fn titles(variant: &Variant, descriptor: &Descriptor, at: &str, out: &mut Vec<Violation>) {
    let limits = &descriptor.limits;
    if let Some(rule) = &limits.title {
        let title = variant.title.as_deref().unwrap_or_default();
        if rule.required && title.trim().is_empty() {
            let what = if variant.kind == ContentKind::Article { "articles" } else { "posts" };
            let detail = format!("{what} on {} have a title: give one", descriptor.name);
            out.push(Violation::of(descriptor, "title_missing", format!("{at}/title"), detail));
        }
        check_length(title, &rule.text, descriptor, format!("{at}/title"), out);
        check_characters(title, descriptor, format!("{at}/title"), out);
    }
    if let (Some(rule), Some(summary)) = (&limits.summary, &variant.summary) {
        check_length(summary, rule, descriptor, format!("{at}/summary"), out);
    }
    tags("tags", limits.tags, &variant.tags, descriptor, at, out);
    tags("categories", limits.categories, &variant.categories, descriptor, at, out);
}

fn tags(
    what: &str,
    rule: Option<TagRule>,
    given: &[String],
    descriptor: &Descriptor,
    at: &str,
    out: &mut Vec<Violation>,
) {
    let Some(rule) = rule else { return };
    let name = &descriptor.name;
    if given.len() > usize::from(rule.most) {
        let detail = format!("a post on {name} has at most {} {what}: leave some out", rule.most);
        let v = Violation::of(descriptor, "too_many_tags", format!("{at}/{what}"), detail);
        out.push(v.figures(rule.most.into(), given.len() as u64));
    }
    let together = given.iter().map(|tag| tag.trim().chars().count() + if tag.trim().contains(' ') { 2 } else { 0 });
    let together = together.sum::<usize>() + given.len().saturating_sub(1);
    if let Some(most) = rule.together.filter(|most| together > usize::from(*most)) {
        let detail =
            format!("{name} takes {what} of {most} characters together, with the commas between them: leave some out");
        let v = Violation::of(descriptor, "content_too_long", format!("{at}/{what}"), detail);
        out.push(v.figures(most.into(), together as u64));
    }
    for (i, tag) in given.iter().enumerate() {
        let field = format!("{at}/{what}/{i}");
        check_characters(tag, descriptor, field.clone(), out);
        let chars = tag.trim().chars().count();
        if chars == 0 {
            out.push(Violation::new("content_empty", field, "write a word, or leave it out"));
        } else if chars > usize::from(rule.chars) {
            let detail = format!("{name} takes {} characters here: shorten it", rule.chars);
            let v = Violation::of(descriptor, "content_too_long", field, detail);
            out.push(v.figures(rule.chars.into(), chars as u64));
        }
    }
}

fn poll(asked: &Poll, rule: &PollRule, variant: &Variant, descriptor: &Descriptor, at: &str, out: &mut Vec<Violation>) {
    let name = &descriptor.name;
    let mut wrong = |field: String, detail: String| {
        out.push(Violation::of(descriptor, "poll_invalid", format!("{at}/poll{field}"), detail));
    };
    let (fewest, most) = rule.options;
    if !(usize::from(fewest)..=usize::from(most)).contains(&asked.options.len()) {
        wrong("/options".into(), format!("a poll on {name} has {fewest} to {most} answers: give so many"));
    }
    for (i, option) in asked.options.iter().enumerate() {
        let chars = option.trim().chars().count();
        if chars == 0 || option.chars().count() > usize::from(rule.option_chars) {
            wrong(
                format!("/options/{i}"),
                format!("an answer has 1 to {} characters on {name}: write one of that length", rule.option_chars),
            );
        } else if asked.options[..i].iter().any(|other| other.trim() == option.trim()) {
            wrong(format!("/options/{i}"), "this answer is there twice: leave one of them out".into());
        }
    }
    let minutes = asked.duration_minutes;
    let (shortest, longest) = rule.minutes;
    if !(shortest..=longest.min(ANY_MINUTES)).contains(&minutes) {
        wrong(
            "/duration_minutes".into(),
            format!("a poll on {name} is open for {shortest} to {longest} minutes: choose such a time"),
        );
    } else if !rule.durations.is_empty() && !rule.durations.contains(&minutes) {
        let all: Vec<String> = rule.durations.iter().map(u32::to_string).collect();
        wrong(
            "/duration_minutes".into(),
            format!("a poll on {name} is open for one of {} minutes: choose one of these", all.join(", ")),
        );
    } else if rule.whole_hours && !minutes.is_multiple_of(60) {
        wrong("/duration_minutes".into(), format!("a poll on {name} is open for whole hours: give a multiple of 60"));
    }
    if asked.multiple && !rule.multiple {
        wrong("/multiple".into(), format!("one answer can be chosen on {name}: let people choose one"));
    }
    let question = asked.question.as_deref().unwrap_or_default();
    match rule.question_chars {
        Some(most) if question.trim().is_empty() || question.chars().count() > usize::from(most) => {
            wrong(
                "/question".into(),
                format!("the question has 1 to {most} characters on {name}: write one of that length"),
            );
        }
        None if !question.is_empty() => {
            wrong("/question".into(), format!("on {name} the post's text is the question: write it there"));
        }
        _ => {}
    }
    if !rule.beside_media && (variant.media().next().is_some() || variant.link.is_some()) {
        wrong(
            String::new(),
            format!("{name} shows a poll, or pictures or a link card, not both: leave one of them out"),
        );
    }
    if variant.parts.len() > 1 {
        wrong(String::new(), "a poll stands in a post of one part: give one text, or leave the poll out".into());
    }
}

/// A comment is a post, whatever it stands below.
fn comment(variant: &Variant, descriptor: &Descriptor, platform: &Descriptor, at: &str, out: &mut Vec<Violation>) {
    let Some(comment) = &variant.first_comment else { return };
    let field = format!("{at}/first_comment");
    if variant.kind == ContentKind::Story {
        let detail = "a story takes no comments: leave the first one out, or give this platform a content of its own";
        out.push(Violation::of(descriptor, "unsupported", field, detail.into()));
        return;
    }
    // Nobody comments a comment of their own that answers another.
    let rule = platform.limits.comment_rule().filter(|_| platform.limits.of_answer(variant).is_none());
    let Some(rule) = rule else {
        out.push(Violation::unsupported(descriptor, Feature::FirstComment, field));
        return;
    };
    if variant.draft && descriptor.limits.has.contains(&Feature::Draft) {
        let detail =
            "a draft takes no comments: leave the first one out, and write it when the post is published there";
        out.push(Violation::of(descriptor, "unsupported", field, detail.into()));
        return;
    }
    let children = variant.made_for_kids && descriptor.limits.has.contains(&Feature::MadeForKids);
    let hidden = descriptor.limits.uncommented.contains(&variant.visibility);
    if children || hidden {
        let what = if children { "what is declared made for children" } else { "a post of this visibility" };
        let detail = format!("on {} {what} takes no comments: leave the first one out", descriptor.name);
        out.push(Violation::of(descriptor, "unsupported", field, detail));
        return;
    }
    if variant.parts.len() > 1 {
        let detail = "a thread goes on with its parts: add the comment as the last one";
        out.push(Violation::new("content_ambiguous", field.clone(), detail));
    }
    if comment.trim().is_empty() {
        out.push(Violation::new("content_empty", field.clone(), "write the comment, or leave it out"));
    }
    if platform.limits.first_comment.is_none() {
        // It is one more part.
        check_marks(comment, platform, &field, out);
        check_links(comment, None, platform, field.clone(), out);
    }
    check_length(comment, rule, descriptor, field, out);
}
