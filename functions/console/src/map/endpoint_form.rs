//! The form of an endpoint: what stands in it, what it asks for, and what is wrong with that.

use super::way_form::WayDraft;
use super::{Book, Reader};
use crate::view::{AccountRef, AccountTick, EndpointForm, EventOption, FieldError, Platform, SelectOption};
use crate::words::{self, FORMATS, ORDERS, SIGNATURES};
use app::webhooks::{EndpointEdit, NewEndpoint};
use domain::events::EVENT_TYPES;
use domain::publishing::Violation;
use domain::webhooks::{Endpoint, Format, Order, Signature};
use ports::SourceForm;
use secrecy::SecretString;
use std::collections::BTreeMap;

/// Characters of an address that are an endpoint's name where nobody gave it one.
const MAX_NAME: usize = 100;

/// What stands in the form, but for what is never shown again: the values of headers, a secret, and the address of a chat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointDraft {
    way: WayDraft,
    name: String,
    description: String,
    events: Vec<String>,
    accounts: Vec<String>,
    platforms: Vec<String>,
    /// Most requests a minute, as it was typed; empty where there is no limit.
    rate: String,
    validate: bool,
    order: Order,
    format: Format,
    signature: Signature,
}

impl EndpointDraft {
    /// As it was typed; `field` reads a field by its name, `all` each value of one. None when a choice is none of ours.
    pub fn typed<'a>(field: impl Fn(&str) -> &'a str, all: impl Fn(&str) -> Vec<String>) -> Option<Self> {
        let signature = match field("signature") {
            // The form of an endpoint that there is does not ask.
            "" => Signature::V1,
            named => SIGNATURES.iter().find(|(signature, _)| signature.name() == named)?.0,
        };
        Some(Self {
            way: WayDraft::typed(&field)?,
            name: field("name").trim().to_owned(),
            description: field("description").trim().to_owned(),
            events: all("event"),
            accounts: all("account"),
            platforms: all("platform"),
            rate: field("rate_per_minute").trim().to_owned(),
            validate: field("validate") == "1",
            order: match field("order") {
                "" => Order::None,
                named => ORDERS.iter().find(|(order, _)| order.name() == named)?.0,
            },
            format: match field("format") {
                "" => Format::Standard,
                named => FORMATS.iter().find(|(format, _)| format.name() == named)?.0,
            },
            signature,
        })
    }

    /// As the endpoint is.
    pub fn of(endpoint: &Endpoint) -> Self {
        Self {
            way: WayDraft::of(endpoint),
            name: own_name(endpoint).unwrap_or_default(),
            description: endpoint.description.clone(),
            events: endpoint.events.clone(),
            accounts: endpoint.accounts.iter().map(ToString::to_string).collect(),
            platforms: endpoint.platforms.iter().map(ToString::to_string).collect(),
            rate: endpoint.rate_per_minute.map(|rate| rate.to_string()).unwrap_or_default(),
            validate: endpoint.validated.is_some(),
            order: endpoint.order,
            format: endpoint.format,
            signature: endpoint.signature,
        }
    }

    /// The endpoint to register, without headers and secret; `chat` is the address of one. None when an id is none.
    pub fn new_endpoint(&self, chat: Option<SecretString>) -> Option<NewEndpoint> {
        let (url, destination) = self.way.given(chat);
        Some(NewEndpoint {
            name: self.name.clone(),
            description: self.description.clone(),
            url,
            destination,
            events: self.events.clone(),
            accounts: parsed(&self.accounts)?,
            platforms: parsed(&self.platforms)?,
            rate_per_minute: (!self.rate.is_empty()).then(|| self.rate()),
            validate: self.validate,
            order: self.order,
            format: self.format,
            signature: self.signature,
            ..NewEndpoint::default()
        })
    }

    /// What to change of `old` to have it as the form says, without headers; `chat` is another address of one. None when an id is none.
    pub fn edit(&self, old: &Endpoint, chat: Option<SecretString>) -> Option<EndpointEdit> {
        let was = Self::of(old);
        let changed = |now: &String, was: &String| (now != was).then(|| now.clone());
        let (accounts, platforms) = (parsed(&self.accounts)?, parsed(&self.platforms)?);
        let (url, destination) = self.way.changed(old, chat);
        // Who has no name of its own is called by its address, also by another one.
        let address = Some(self.way.address()).filter(|address| !address.is_empty()).unwrap_or(&old.url);
        let name = if self.name.is_empty() { by_address(address) } else { self.name.clone() };
        Some(EndpointEdit {
            name: changed(&name, &old.name),
            description: changed(&self.description, &was.description),
            url,
            destination,
            events: (sorted(&self.events) != sorted(&was.events)).then(|| self.events.clone()),
            accounts: (sorted(&accounts) != sorted(&old.accounts)).then_some(accounts),
            platforms: (sorted(&platforms) != sorted(&old.platforms)).then_some(platforms),
            rate_per_minute: (self.rate != was.rate).then(|| if self.rate.is_empty() { 0 } else { self.rate() }),
            validate: (self.validate != was.validate).then_some(self.validate),
            order: (self.order != old.order).then_some(self.order),
            format: (self.format != old.format).then_some(self.format),
            ..EndpointEdit::default()
        })
    }

    /// The limit that was typed. What is no number is one that no limit may be.
    fn rate(&self) -> u32 {
        self.rate.parse().unwrap_or(u32::MAX)
    }

    /// What is wrong with it, beside its fields.
    pub fn errors(&mut self, violations: &[Violation]) -> Vec<FieldError> {
        self.way.errors(violations)
    }

    /// The form. It has to know the sources that there can be, and in words which addresses a chat may have; `old` is the endpoint that it
    /// changes, with its revision.
    pub fn form(
        &self,
        reader: &Reader<'_>,
        book: &Book,
        (sources, chats): (&[&SourceForm], String),
        href: String,
        old: Option<(&Endpoint, u64)>,
    ) -> EndpointForm {
        let order = |(order, label): &(Order, &str)| option(order.name(), label, *order == self.order);
        let format = |(format, label): &(Format, &str)| option(format.name(), label, *format == self.format);
        let signature = |(kind, label): &(Signature, &str)| option(kind.name(), label, *kind == self.signature);
        EndpointForm {
            href,
            idempotency_key: reader.fresh(),
            rev: old.map(|(_, rev)| rev),
            way: self.way.form(reader, chats, old.is_some()),
            name: self.name.clone(),
            description: self.description.clone(),
            events: event_options(&self.events),
            accounts: self.account_ticks(book),
            platforms: self.platform_options(book, sources),
            narrowed: !self.accounts.is_empty() || !self.platforms.is_empty(),
            rate: self.rate.clone(),
            validate: self.validate,
            orders: ORDERS.iter().map(order).collect(),
            formats: FORMATS.iter().map(format).collect(),
            signatures: if old.is_some() { Vec::new() } else { SIGNATURES.iter().map(signature).collect() },
            headers: old.map(|(endpoint, _)| endpoint.headers.keys().cloned().collect()).unwrap_or_default(),
        }
    }

    /// The connected accounts, and whatever else is ticked: what is not shown would be lost by saving.
    fn account_ticks(&self, book: &Book) -> Vec<AccountTick> {
        let shown: Vec<_> = book
            .accounts
            .iter()
            .filter(|account| !account.is_disconnected() || self.accounts.contains(&account.id.to_string()))
            .map(|account| (account.id.to_string(), book.named(account)))
            .collect();
        let gone = self.accounts.iter().filter(|id| !shown.iter().any(|(known, _)| known == *id));
        let gone: Vec<_> = gone.map(|id| (id.clone(), gone_account(id))).collect();
        let tick = |(id, account): (String, AccountRef)| {
            let checked = self.accounts.contains(&id);
            AccountTick { id, account, checked }
        };
        shown.into_iter().chain(gone).map(tick).collect()
    }

    /// The platforms of this build, those that only tell us something, and whatever else is ticked.
    fn platform_options(&self, book: &Book, sources: &[&SourceForm]) -> Vec<SelectOption> {
        let mut known: Vec<(String, String)> =
            book.platforms.iter().map(|platform| (platform.id.to_string(), platform.name.clone())).collect();
        for form in sources.iter().filter(|form| book.platforms.iter().all(|known| known.id.as_str() != form.slug)) {
            known.push((form.slug.into(), form.name.into()));
        }
        for slug in &self.platforms {
            if !known.iter().any(|(name, _)| name == slug) {
                known.push((slug.clone(), slug.clone()));
            }
        }
        known.sort_by_key(|(_, name)| name.to_lowercase());
        known.into_iter().map(|(slug, name)| option(&slug, &name, self.platforms.contains(&slug))).collect()
    }
}

fn gone_account(id: &str) -> AccountRef {
    let platform = Platform {
        name: "not connected any more".into(),
        color: "#6b7280".into(),
        mark: "?".into(),
        ..Platform::default()
    };
    AccountRef { platform, name: id.to_owned(), handle: None }
}

pub(super) fn option(value: &str, label: &str, selected: bool) -> SelectOption {
    SelectOption { value: value.into(), label: label.into(), selected }
}

fn parsed<T: std::str::FromStr>(texts: &[String]) -> Option<Vec<T>> {
    texts.iter().map(|text| text.parse().ok()).collect()
}

fn sorted<T: Clone + Ord>(list: &[T]) -> Vec<T> {
    let mut list = list.to_vec();
    list.sort();
    list
}

/// What an endpoint is called to which nobody gave a name.
fn by_address(url: &str) -> String {
    url.chars().take(MAX_NAME).collect()
}

/// What people call an endpoint, where that is not its address.
pub(super) fn own_name(endpoint: &Endpoint) -> Option<String> {
    (endpoint.name != by_address(&endpoint.url)).then(|| endpoint.name.clone())
}

/// The headers that were typed, a line each. What is wrong is told by its line: the values may be secret.
pub fn typed_headers(lines: &str) -> Result<BTreeMap<String, String>, FieldError> {
    let mut headers = BTreeMap::new();
    for (i, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |what: &str| FieldError { field: "headers".into(), text: format!("Line {} {what}", i + 1) };
        let (name, value) =
            line.split_once(':').ok_or_else(|| wrong("is no header: write its name, a colon and its value."))?;
        if headers.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
            return Err(wrong("names a header a second time."));
        }
    }
    Ok(headers)
}

/// The event types to choose from. A test is sent by its own button, whatever an endpoint subscribed to.
fn event_options(ticked: &[String]) -> Vec<EventOption> {
    let option = |name: &&str| EventOption {
        name: (*name).into(),
        text: words::event(name).into(),
        checked: ticked.iter().any(|event| event == name),
    };
    let offered = |name: &&&str| **name != "webhook.test" || ticked.iter().any(|event| event == **name);
    EVENT_TYPES.iter().filter(offered).map(option).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_line_by_line_and_what_is_none_is_told_without_its_value() {
        let read = typed_headers("Authorization: Bearer a:b\n\n x-of : 1 \n").unwrap();
        assert_eq!(
            read,
            [("Authorization", "Bearer a:b"), ("x-of", "1")].map(|(n, v)| (n.to_owned(), v.to_owned())).into()
        );
        for (typed, line) in [("a: 1\nBearer canary", "Line 2"), ("a: 1\na: canary", "Line 2")] {
            let wrong = typed_headers(typed).unwrap_err();
            assert!(wrong.field == "headers" && wrong.text.starts_with(line) && !wrong.text.contains("canary"));
        }
    }
}
