//! What a content can have besides texts, link and media: title and tags, a first comment, a poll, who may see it, a template. The
//! composer's form offers what one of the connected platforms has.

mod options;

use super::draft::one_line;
use crate::view::{ExtraFields, FieldError, ListField, Offered, PollFields, TemplateFields};
use domain::platform::{Descriptor, Feature, Limits};
use domain::publishing::{ContentKind, Poll, ReplyRestriction, Targeting, Template, Variant, Visibility};
use options::{KINDS, REPLIES, VISIBILITIES, choice, chosen, minutes};

/// What the lists of whom it is shown to are called, in the order of [`Targeting::lists`].
const LISTS: [&str; 4] = ["Industries", "Seniorities", "Functions at work", "Regions"];

/// What the form has of it, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extras {
    title: String,
    summary: String,
    tags: String,
    categories: String,
    first_comment: String,
    kind: ContentKind,
    visibility: Visibility,
    replies: ReplyRestriction,
    native_draft: bool,
    made_for_kids: bool,
    answers: String,
    quote: String,
    thread_delay: String,
    poll_question: String,
    poll_options: String,
    poll_minutes: String,
    poll_multiple: bool,
    template_name: String,
    template_language: String,
    template_parameters: String,
    targeting: [String; 4],
}

impl Extras {
    /// What was typed, and what of it is none of the form's choices.
    pub fn typed<'a>(field: impl Fn(&str) -> &'a str) -> (Self, Vec<FieldError>) {
        let text = |name: &str| field(name).trim().replace("\r\n", "\n");
        let mut errors = Vec::new();
        let kind = chosen(field("kind"), "kind", &mut errors);
        let visibility = chosen(field("visibility"), "visibility", &mut errors);
        let replies = chosen(field("replies"), "replies", &mut errors);
        let thread_delay = text("thread_delay");
        if !thread_delay.is_empty() && thread_delay.parse::<u32>().is_err() {
            errors.push(FieldError { field: "thread_delay".into(), text: "Give whole seconds, such as 60.".into() });
        }
        let extras = Self {
            title: text("title"),
            summary: text("summary"),
            tags: text("tags"),
            categories: text("categories"),
            first_comment: text("first_comment"),
            kind,
            visibility,
            replies,
            native_draft: !field("native_draft").is_empty(),
            made_for_kids: !field("made_for_kids").is_empty(),
            answers: text("answers"),
            quote: text("quote"),
            thread_delay,
            poll_question: text("poll_question"),
            poll_options: text("poll_options"),
            poll_minutes: text("poll_minutes"),
            poll_multiple: !field("poll_multiple").is_empty(),
            template_name: text("template_name"),
            template_language: text("template_language"),
            template_parameters: text("template_parameters"),
            targeting: Targeting::default().lists().map(|(name, _)| text(&format!("targeting_{name}"))),
        };
        (extras, errors)
    }

    /// What a content has of it.
    pub fn of(variant: &Variant) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let (poll, template) = (variant.poll.as_ref(), variant.template.as_ref());
        let delay = variant.thread_delay_s;
        Self {
            title: text(&variant.title),
            summary: text(&variant.summary),
            tags: variant.tags.join(", "),
            categories: variant.categories.join(", "),
            first_comment: text(&variant.first_comment),
            kind: variant.kind,
            visibility: variant.visibility,
            replies: variant.reply_restriction,
            native_draft: variant.draft,
            made_for_kids: variant.made_for_kids,
            answers: text(&variant.reply_to),
            quote: text(&variant.quote),
            thread_delay: if delay == 0 { String::new() } else { delay.to_string() },
            poll_question: poll.map(|poll| text(&poll.question)).unwrap_or_default(),
            poll_options: poll.map(|poll| poll.options.join("\n")).unwrap_or_default(),
            poll_minutes: poll.map(|poll| poll.duration_minutes.to_string()).unwrap_or_default(),
            poll_multiple: poll.is_some_and(|poll| poll.multiple),
            template_name: template.map(|template| template.name.clone()).unwrap_or_default(),
            template_language: template.map(|template| template.language.clone()).unwrap_or_default(),
            template_parameters: template.map(|template| template.parameters.join("\n")).unwrap_or_default(),
            targeting: variant.targeting.lists().map(|(_, entries)| entries.join(", ")),
        }
    }

    /// The same as a browser sends it back that nobody typed anything into.
    pub(super) fn sent_back(mut self) -> Self {
        let posts = [&mut self.answers, &mut self.quote];
        for line in
            [&mut self.title, &mut self.tags, &mut self.categories, &mut self.poll_question].into_iter().chain(posts)
        {
            *line = one_line(line);
        }
        for line in [&mut self.template_name, &mut self.template_language].into_iter().chain(&mut self.targeting) {
            *line = one_line(line);
        }
        for lines in [&mut self.summary, &mut self.first_comment, &mut self.poll_options, &mut self.template_parameters]
        {
            *lines = lines.trim().to_owned();
        }
        self
    }

    /// Gives a content all of it.
    pub fn write_into(&self, variant: &mut Variant) {
        let text = |value: &String| Some(value.clone()).filter(|value| !value.is_empty());
        variant.title = text(&self.title);
        variant.summary = text(&self.summary);
        variant.tags = listed(&self.tags);
        variant.categories = listed(&self.categories);
        variant.first_comment = text(&self.first_comment);
        variant.kind = self.kind;
        variant.visibility = self.visibility;
        variant.reply_restriction = self.replies;
        variant.draft = self.native_draft;
        variant.made_for_kids = self.made_for_kids;
        variant.reply_to = text(&self.answers);
        variant.quote = text(&self.quote);
        variant.thread_delay_s = self.thread_delay.parse().unwrap_or(0);
        let options: Vec<String> =
            self.poll_options.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        variant.poll = (!options.is_empty() || !self.poll_question.is_empty()).then(|| Poll {
            question: text(&self.poll_question),
            options,
            duration_minutes: self.poll_minutes.parse().unwrap_or(0),
            multiple: self.poll_multiple,
        });
        let Self { template_name: name, template_language: language, template_parameters: parameters, .. } = self;
        // An empty line is a place at which nothing would stand, and that is told.
        variant.template = [name, language, parameters].iter().any(|typed| !typed.is_empty()).then(|| Template {
            name: name.clone(),
            language: language.clone(),
            parameters: parameters.lines().map(|line| line.trim().to_owned()).collect(),
        });
        let [industries, seniorities, functions, regions] = self.targeting.each_ref().map(|list| listed(list));
        variant.targeting = Targeting { industries, seniorities, functions, regions };
    }

    /// The kind of the post.
    pub fn kind(&self) -> ContentKind {
        self.kind
    }

    /// The form's fields: what one of these platforms has, and what is typed already.
    pub fn fields(&self, platforms: &[&Descriptor]) -> ExtraFields {
        let on = |has: &dyn Fn(&Limits) -> bool| {
            let anywhere = |limits: &Limits| has(limits) || limits.article.as_deref().is_some_and(has);
            let names: Vec<&str> = platforms
                .iter()
                .filter(|platform| anywhere(&platform.limits))
                .map(|platform| platform.name.as_str())
                .collect();
            names.join(", ")
        };
        let offered = |value: &str, has: &dyn Fn(&Limits) -> bool| Offered { value: value.to_owned(), on: on(has) };
        let ticked = |feature: Feature| on(&|limits| limits.has.contains(&feature));
        let kinds = |kind: ContentKind| platforms.iter().any(|platform| platform.limits.kinds.contains(&kind));
        let seen = |who: Visibility| platforms.iter().any(|platform| platform.limits.visibilities.contains(&who));
        let replied =
            |who: ReplyRestriction| platforms.iter().any(|platform| platform.limits.reply_restrictions.contains(&who));
        let poll = PollFields {
            question: self.poll_question.clone(),
            options: self.poll_options.clone(),
            minutes: minutes(&self.poll_minutes),
            multiple: self.poll_multiple,
            on: on(&|limits| limits.poll.is_some()),
        };
        ExtraFields {
            // How long a poll would be open comes with every form.
            used: Self { poll_minutes: String::new(), ..self.clone() } != Self::default(),
            title: offered(&self.title, &|limits| {
                limits.title.is_some() || limits.pictures.as_ref().is_some_and(|rule| rule.title.is_some())
            }),
            summary: offered(&self.summary, &|limits| limits.summary.is_some()),
            tags: offered(&self.tags, &|limits| limits.tags.is_some()),
            categories: offered(&self.categories, &|limits| limits.categories.is_some()),
            first_comment: offered(&self.first_comment, &|limits| limits.comment_rule().is_some()),
            kind: choice(self.kind, KINDS, kinds, on(&|limits| limits.kinds != [ContentKind::Post])),
            visibility: choice(self.visibility, VISIBILITIES, seen, on(&|limits| !limits.visibilities.is_empty())),
            replies: choice(self.replies, REPLIES, replied, on(&|limits| !limits.reply_restrictions.is_empty())),
            native_draft: Offered { value: tick(self.native_draft), on: ticked(Feature::Draft) },
            made_for_kids: Offered { value: tick(self.made_for_kids), on: ticked(Feature::MadeForKids) },
            answers: Offered { value: self.answers.clone(), on: ticked(Feature::Reply) },
            quote: Offered { value: self.quote.clone(), on: ticked(Feature::Quote) },
            thread_delay: offered(&self.thread_delay, &|limits| limits.thread_parts > 1),
            poll,
            template: TemplateFields {
                name: self.template_name.clone(),
                language: self.template_language.clone(),
                parameters: self.template_parameters.clone(),
                on: on(&|limits| limits.template.is_some()),
            },
            targeting: lists(&self.targeting, platforms, &on(&|limits| limits.targeting.is_some())),
        }
    }
}

fn tick(ticked: bool) -> String {
    if ticked { "1".into() } else { String::new() }
}

/// Names with commas between them.
fn listed(names: &str) -> Vec<String> {
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The fields of whom it is shown to.
fn lists(typed: &[String; 4], platforms: &[&Descriptor], on: &str) -> Vec<ListField> {
    let rule = platforms.iter().find_map(|platform| platform.limits.targeting.as_ref());
    let empty = Targeting::default();
    let field = |i: usize| ListField {
        name: format!("targeting_{}", empty.lists()[i].0),
        label: LISTS[i].into(),
        value: typed[i].clone(),
        on: on.to_owned(),
        example: rule.map(|rule| format!("{}1", rule.prefixes[i])).unwrap_or_default(),
    };
    (0..LISTS.len()).map(field).collect()
}

#[cfg(test)]
mod tests;
