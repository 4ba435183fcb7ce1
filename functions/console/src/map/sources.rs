//! Sources and what came in at them.

use super::{Book, Reader};
use crate::view::{Action, ActionStyle, FieldError, IncomingRow, SecretInput, SourceFormPage, SourceOption, SourceRow};
use crate::words;
use app::inbound::Listed;
use domain::access::Permission;
use domain::accounts::Account;
use domain::inbound::{Incoming, Person, Said, What};
use domain::publishing::Violation;
use ports::{Made, SourceForm};

/// Where the list is.
pub const SOURCES_HREF: &str = "/console/webhooks/sources";

/// A source in the list. `forms` are those of everybody who may call.
pub fn source_row(reader: &Reader<'_>, forms: &[&SourceForm], listed: &Listed) -> SourceRow {
    let source = &listed.source;
    let href = format!("{SOURCES_HREF}/{}", source.id);
    let form = forms.iter().find(|form| form.slug == source.platform.as_str());
    let delete = reader
        .action(format!("{href}/delete"), "Delete", ActionStyle::Danger)
        .asking("From now on its calls are refused, and its account is not asked. What came in stays.");
    SourceRow {
        name: source.name.clone(),
        platform: form.map_or_else(|| source.platform.to_string(), |form| form.name.to_owned()),
        created: reader.moment(source.created_at),
        every_minutes: listed.asking.as_ref().map(|asking| asking.every_min),
        heard: listed.asking.as_ref().and_then(|asking| asking.heard_at).map(|at| reader.moment(at)),
        next: listed.asking.as_ref().and_then(|asking| asking.wake_at).map(|at| reader.moment(at)),
        failing: listed.asking.as_ref().and_then(|asking| asking.failing.as_ref()).map(|failing| failing.code.clone()),
        delete: reader.may(Permission::ManageWebhooks).then_some(delete),
        href,
    }
}

/// The button that has an account asked what was said to it.
pub fn ask_action(reader: &Reader<'_>, account: &Account) -> Action {
    let label = format!("{} ({})", account.profile.name, account.platform);
    reader.action(format!("{SOURCES_HREF}/ask/{}", account.id), &label, ActionStyle::Plain)
}

/// Whose calls can be taken, by their names.
pub fn source_options(reader: &Reader<'_>, forms: &[&SourceForm]) -> Vec<SourceOption> {
    if !reader.may(Permission::ManageWebhooks) {
        return Vec::new();
    }
    let option =
        |form: &&SourceForm| SourceOption { href: format!("{SOURCES_HREF}/new/{}", form.slug), name: form.name.into() };
    let mut options: Vec<_> = forms.iter().map(option).collect();
    options.sort_by_key(|option| option.name.to_lowercase());
    options
}

/// The field of a secret in the form.
pub fn secret_field(name: &str) -> String {
    format!("secret_{name}")
}

/// The form that makes a source.
pub fn source_form(reader: &Reader<'_>, form: &SourceForm, name: &str, errors: Vec<FieldError>) -> SourceFormPage {
    let input = |field: &ports::SourceField| SecretInput {
        id: secret_field(field.name),
        label: words::sentence(&field.what.replace('`', "")).trim_end_matches('.').to_owned(),
        made: field.made != Made::Nothing,
    };
    SourceFormPage {
        href: format!("{SOURCES_HREF}/new/{}", form.slug),
        idempotency_key: reader.fresh(),
        platform: form.name.into(),
        help: form.help.into(),
        name: name.to_owned(),
        fields: form.fields.iter().map(input).collect(),
        errors,
    }
}

/// Violations of a source, beside the fields of its form.
pub fn source_errors(form: &SourceForm, violations: &[Violation]) -> Vec<FieldError> {
    let field = |place: &str| match place.strip_prefix("/secrets") {
        // Where none was given the place is that of all: the first that is missing.
        Some("") => form.fields.iter().find(|field| field.made == Made::Nothing).map(|field| secret_field(field.name)),
        Some(name) => Some(secret_field(name.trim_start_matches('/'))),
        None => (place == "/name").then(|| "name".to_owned()),
    };
    let error = |wrong: &Violation| FieldError {
        field: field(&wrong.field).unwrap_or_else(|| "source".into()),
        text: words::sentence(&wrong.detail.replace('`', "")),
    };
    violations.iter().map(error).collect()
}

/// Something that came in.
pub fn incoming_row(reader: &Reader<'_>, book: &Book, incoming: &Incoming) -> IncomingRow {
    let account = incoming.account.and_then(|id| book.accounts.iter().find(|account| account.id == id));
    let row = IncomingRow {
        at: reader.precise(incoming.at),
        what: words::incoming(&incoming.what).into(),
        account: account.map(|account| {
            let named = book.named(account);
            format!("{} on {}", named.name, named.platform.name)
        }),
        ..IncomingRow::default()
    };
    match &incoming.what {
        What::Comment(said) | What::Mention(said) | What::Message(said) | What::Reaction(said) => of_said(row, said),
        What::Status { message, recipient, standing } => {
            let code = standing.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
            let text = Some(format!("{}{code}", words::message_standing(standing.status)));
            IncomingRow { who: recipient.clone(), text, about: Some(message.clone()), ..row }
        }
        What::OptOut(person) | What::OptIn(person) | What::Complaint(person) | What::Bounce { person, .. } => {
            of_person(row, person)
        }
        What::Unknown { kind } => IncomingRow { text: Some(kind.clone()), ..row },
    }
}

fn of_said(row: IncomingRow, said: &Said) -> IncomingRow {
    let who = said.handle.clone().or_else(|| said.author.clone());
    IncomingRow { who, text: said.text.clone(), about: said.on.clone(), ..row }
}

fn of_person(row: IncomingRow, person: &Person) -> IncomingRow {
    let Person { address, reason, message } = person.clone();
    IncomingRow { who: Some(address), text: reason, about: message, ..row }
}
