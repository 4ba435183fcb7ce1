//! What a post can have besides text, link and media, in the composer's form.

use serde::Serialize;

/// What a content can have besides texts, link and media; a field is offered where one of the connected platforms has it. Its names on
/// the form: `title`, `summary`, `tags` and `categories` (with commas), `first_comment`, `kind`, `visibility`, `replies`, `native_draft`,
/// `made_for_kids`, `answers`, `quote`, `thread_delay` (seconds), `poll_question`, `poll_options` (one a line), `poll_minutes`, `poll_multiple`,
/// `template_name`, `template_language`, `template_parameters` (one a line), and the names of `targeting` (with commas).
#[derive(Debug, Clone, Default, Serialize)]
pub struct ExtraFields {
    /// Whether one of them is filled in.
    pub used: bool,
    /// The title.
    pub title: Offered,
    /// The summary.
    pub summary: Offered,
    /// Tags beside the text.
    pub tags: Offered,
    /// Categories.
    pub categories: Offered,
    /// What the author says below it.
    pub first_comment: Offered,
    /// What kind of post it is.
    pub kind: Select,
    /// Who may see it.
    pub visibility: Select,
    /// Who may reply.
    pub replies: Select,
    /// Whether it is left on the platform as a draft.
    pub native_draft: Offered,
    /// Whether it is made for children.
    pub made_for_kids: Offered,
    /// The post that it answers.
    pub answers: Offered,
    /// The post that it quotes.
    pub quote: Offered,
    /// Seconds between the parts of a thread.
    pub thread_delay: Offered,
    /// A poll.
    pub poll: PollFields,
    /// An approved template.
    pub template: TemplateFields,
    /// Whom it is shown to.
    pub targeting: Vec<ListField>,
}

/// A list of names, with commas between them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListField {
    /// The field's name on the form.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// What is typed.
    pub value: String,
    /// The connected platforms that have it, with commas; empty where none does.
    pub on: String,
    /// What an entry looks like; empty where no platform says.
    pub example: String,
}

/// A template that the platform has approved.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplateFields {
    /// Its name there.
    pub name: String,
    /// Its language.
    pub language: String,
    /// What stands at the places that vary, one a line.
    pub parameters: String,
    /// The connected platforms that have templates, with commas; empty where none does.
    pub on: String,
}

/// A field, or a tick (`1` or empty).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Offered {
    /// What is typed.
    pub value: String,
    /// The connected platforms that have it, with commas; empty where none does.
    pub on: String,
}

/// One of several.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Select {
    /// What there is to choose from.
    pub options: Vec<Pick>,
    /// The connected platforms that have it, with commas; empty where none does.
    pub on: String,
}

/// One to choose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pick {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is the one.
    pub chosen: bool,
}

/// A poll.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PollFields {
    /// The question, where it stands apart from the text.
    pub question: String,
    /// The answers, one a line.
    pub options: String,
    /// How long it is open.
    pub minutes: Vec<Pick>,
    /// Whether several answers may be chosen.
    pub multiple: bool,
    /// The connected platforms that have polls, with commas; empty where none does.
    pub on: String,
}
