//! Every page with sample data: what the gallery shows and the tests render.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, unreachable_pub)]

mod composer;
mod content;
mod files;
mod hooks;
mod inbox;
mod planning;
mod posts;
mod settings;
mod sources;

use console::pages::{self, Page};
use console::render::RenderError;
use console::view::{
    AccountsPage, ApprovalsPage, AttentionPage, CalendarPage, ChoosePage, ComposerPage, ConversationPage,
    EndpointEditPage, EndpointPage, ErrorPage, EventTypePage, EventTypesPage, ExportPage, Flash, HomePage, ImportPage,
    ImportedPage, InboxPage, KeyPage, LibraryPage, MessagePage, PostPage, QueuePage, Section, SeriesListPage,
    SeriesPage, Shell, SignInPage, SlotsPage, SourceFormPage, SourcePage, SourcesPage, TeamPage, Tone, WebhooksPage,
};
use serde::Serialize;
use serde_json::Value;

type Render = dyn Fn(Option<&str>) -> Result<String, RenderError>;

/// One page to render. The argument replaces every text of the view (and of what surrounds it) first.
pub struct Sample {
    pub name: String,
    pub render: Box<Render>,
}

/// The page of `P`, shown with other data of the same shape.
struct Altered<P>(Value, std::marker::PhantomData<P>);

impl<P> Serialize for Altered<P> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<P: Page> Page for Altered<P> {
    const TEMPLATE: &'static str = P::TEMPLATE;
    const SECTION: Option<Section> = P::SECTION;
}

fn replace(value: &mut Value, with: &str) {
    match value {
        Value::String(text) => with.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, with)),
        Value::Object(fields) => fields.iter_mut().for_each(|(name, field)| {
            // Ids, slugs and field names are made by the system, never by a person; so are the closed sets.
            if !matches!(name.as_str(), "id" | "slug" | "field" | "tone" | "style" | "when" | "unit" | "color")
                || field.is_object()
            {
                replace(field, with);
            }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn sample<P: Page + 'static>(name: &str, shell: Option<Shell>, page: P) -> Sample {
    let name = name.to_owned();
    let render = Box::new(move |with: Option<&str>| {
        let Some(with) = with else { return pages::render(shell.as_ref(), &page) };
        let mut value = serde_json::to_value(&page).unwrap();
        replace(&mut value, with);
        let text = with.to_owned();
        let around = shell.as_ref().map(|shell| Shell {
            tenant: text.clone(),
            member: text.clone(),
            role: text.clone(),
            writes: shell.writes,
            csrf: text.clone(),
            environment: shell.environment.as_ref().map(|_| text.clone()),
            flash: shell.flash.as_ref().map(|flash| Flash { tone: flash.tone, text: text.clone() }),
            attention: shell.attention,
            approvals: shell.approvals,
        });
        pages::render(around.as_ref(), &Altered::<P>(value, std::marker::PhantomData))
    });
    Sample { name, render }
}

fn shell() -> Shell {
    Shell {
        tenant: "Northwind Coffee".into(),
        member: "Mira Lindqvist".into(),
        role: "Owner".into(),
        writes: true,
        csrf: "csrf-token".into(),
        attention: 2,
        approvals: 1,
        environment: Some("Local".into()),
        flash: None,
    }
}

fn said(tone: Tone, text: &str) -> Shell {
    Shell { flash: Some(Flash { tone, text: text.into() }), ..shell() }
}

/// Pages as they look after some weeks of use.
pub fn full() -> Vec<Sample> {
    vec![
        sample("sign-in", None, content::sign_in()),
        sample("home", Some(shell()), content::home()),
        sample("accounts", Some(said(Tone::Good, "Northwind Coffee on LinkedIn is connected.")), content::accounts()),
        sample("choose", Some(shell()), content::choose()),
        sample("enter", Some(shell()), content::enter()),
        sample("composer", Some(shell()), composer::composer()),
        sample("composer-errors", Some(shell()), composer::composer_with_errors()),
        sample("series-content", Some(shell()), composer::series_content()),
        sample("live-words", Some(shell()), composer::live_words()),
        sample("calendar", Some(shell()), posts::calendar()),
        sample("calendar-week", Some(shell()), posts::week()),
        sample("calendar-list", Some(shell()), posts::list()),
        sample("queue", Some(shell()), posts::queue()),
        sample("import", Some(shell()), files::import()),
        sample("import-checked", Some(shell()), files::import_checked()),
        sample("import-refused", Some(shell()), files::import_refused()),
        sample("imported", Some(shell()), files::imported()),
        sample("export", Some(shell()), files::export()),
        sample("slots", Some(shell()), planning::slots()),
        sample("series-list", Some(shell()), planning::series_list()),
        sample("series", Some(shell()), planning::series()),
        sample("series-paused", Some(shell()), planning::series_paused()),
        sample("slots-read", Some(shell()), planning::slots_read()),
        sample("library", Some(shell()), posts::library()),
        sample("post", Some(said(Tone::Info, "Scheduled for Tue 10 Mar 2026, 09:00 Europe/Berlin.")), posts::post()),
        sample("approvals", Some(shell()), posts::approvals()),
        sample("attention", Some(shell()), posts::attention()),
        sample("inbox", Some(shell()), inbox::inbox()),
        sample("conversation", Some(shell()), inbox::conversation()),
        sample("webhooks", Some(shell()), hooks::webhooks()),
        sample("endpoint", Some(shell()), hooks::endpoint()),
        sample("endpoint-edit", Some(shell()), hooks::edit()),
        sample("message", Some(shell()), hooks::message_page()),
        sample("event-types", Some(shell()), hooks::event_types()),
        sample("event-type", Some(shell()), hooks::event_type()),
        sample("sources", Some(shell()), sources::sources()),
        sample("source-form", Some(shell()), sources::form()),
        sample("source", Some(shell()), sources::source()),
        sample("team", Some(shell()), settings::team()),
        sample("team-read", Some(shell()), settings::team_read()),
        sample("error", Some(shell()), content::error()),
        sample("error-out", None, content::error()),
    ]
}

/// The same pages with nothing in them.
pub fn empty() -> Vec<Sample> {
    let shell = || Some(Shell { attention: 0, approvals: 0, environment: None, ..shell() });
    vec![
        sample("empty-sign-in", None, SignInPage::default()),
        sample("empty-home", shell(), HomePage { steps: content::steps(), ..HomePage::default() }),
        sample("empty-home-bare", shell(), HomePage::default()),
        sample(
            "empty-accounts",
            shell(),
            AccountsPage { platforms: content::accounts().platforms, ..AccountsPage::default() },
        ),
        sample("empty-accounts-bare", shell(), AccountsPage::default()),
        sample("empty-choose", shell(), ChoosePage::default()),
        sample("empty-enter", shell(), KeyPage::default()),
        sample("empty-composer", shell(), ComposerPage::default()),
        sample(
            "empty-calendar",
            shell(),
            CalendarPage { upcoming: Vec::new(), weeks: posts::weeks(false), ..posts::calendar() },
        ),
        sample("empty-calendar-list", shell(), CalendarPage { list: true, ..CalendarPage::default() }),
        sample("empty-calendar-bare", shell(), CalendarPage::default()),
        sample("empty-library", shell(), LibraryPage::default()),
        sample("empty-queue", shell(), QueuePage::default()),
        sample("empty-import", shell(), ImportPage::default()),
        sample("empty-imported", shell(), ImportedPage::default()),
        sample("empty-export", shell(), ExportPage::default()),
        sample("empty-series-list", shell(), SeriesListPage::default()),
        sample("empty-series", shell(), SeriesPage::default()),
        sample("empty-slots", shell(), SlotsPage::default()),
        sample("empty-post", shell(), PostPage::default()),
        sample("empty-approvals", shell(), ApprovalsPage::default()),
        sample("empty-attention", shell(), AttentionPage::default()),
        sample("empty-inbox", shell(), InboxPage::default()),
        sample("empty-conversation", shell(), ConversationPage::default()),
        sample("empty-webhooks", shell(), WebhooksPage::default()),
        sample("empty-endpoint", shell(), EndpointPage::default()),
        sample("empty-endpoint-edit", shell(), EndpointEditPage::default()),
        sample("empty-message", shell(), MessagePage::default()),
        sample("empty-event-types", shell(), EventTypesPage::default()),
        sample("empty-event-type", shell(), EventTypePage::default()),
        sample("empty-sources", shell(), SourcesPage::default()),
        sample("empty-source-form", shell(), SourceFormPage::default()),
        sample("empty-source", shell(), SourcePage::default()),
        sample("empty-team", shell(), TeamPage::default()),
        sample("empty-error", None, ErrorPage::default()),
    ]
}
