//! What a condition can be about.

use super::super::{AttributeKind, AttributeSet, AttributeValue, Contact, Decimal, Person, SubscriptionState};
use jiff::Timestamp;
use jiff::civil::Date;

/// What a field holds, which says what can be asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A text. Upper and lower case are the same.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// An instant.
    Instant,
    /// Some texts.
    Set,
    /// Lists that the contact is on.
    Lists,
}

/// A field of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    Attribute(String, AttributeKind),
    GivenName,
    FamilyName,
    Domain,
    Locale,
    Zone,
    Tags,
    Lists,
    CreatedAt,
    Mails,
    Opens,
    Clicks,
    LastMailAt,
    LastOpenAt,
    LastClickAt,
}

/// The fields that every contact has, by name.
const FIELDS: [(&str, Field); 14] = [
    ("given_name", Field::GivenName),
    ("family_name", Field::FamilyName),
    ("domain", Field::Domain),
    ("locale", Field::Locale),
    ("zone", Field::Zone),
    ("tags", Field::Tags),
    ("lists", Field::Lists),
    ("created_at", Field::CreatedAt),
    ("mails", Field::Mails),
    ("opens", Field::Opens),
    ("clicks", Field::Clicks),
    ("last_mail_at", Field::LastMailAt),
    ("last_open_at", Field::LastOpenAt),
    ("last_click_at", Field::LastClickAt),
];

/// What a field says of one contact.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said<'a> {
    Text(&'a str),
    Number(Decimal),
    Boolean(bool),
    Date(Date),
    Instant(Timestamp),
    Set(Vec<&'a str>),
    Lists(&'a Contact),
}

impl Field {
    /// The field of this name: one that every contact has, or `attributes.` and the name of one that was declared.
    pub(super) fn named(name: &str, declared: &AttributeSet) -> Option<Self> {
        if let Some(attribute) = name.strip_prefix("attributes.") {
            return declared.kinds.get(attribute).map(|kind| Self::Attribute(attribute.to_owned(), *kind));
        }
        FIELDS.into_iter().find(|(known, _)| *known == name).map(|(_, field)| field)
    }

    /// All names that can be given.
    pub(super) fn names(declared: &AttributeSet) -> String {
        let own = declared.kinds.keys().map(|name| format!("attributes.{name}"));
        let all: Vec<String> = FIELDS.iter().map(|(name, _)| (*name).to_owned()).chain(own).collect();
        all.join(", ")
    }

    pub(super) fn kind(&self) -> FieldKind {
        match self {
            Self::Attribute(_, AttributeKind::Text)
            | Self::GivenName
            | Self::FamilyName
            | Self::Domain
            | Self::Locale
            | Self::Zone => FieldKind::Text,
            Self::Attribute(_, AttributeKind::Whole | AttributeKind::Decimal)
            | Self::Mails
            | Self::Opens
            | Self::Clicks => FieldKind::Number,
            Self::Attribute(_, AttributeKind::Boolean) => FieldKind::Boolean,
            Self::Attribute(_, AttributeKind::Date) => FieldKind::Date,
            Self::CreatedAt | Self::LastMailAt | Self::LastOpenAt | Self::LastClickAt => FieldKind::Instant,
            Self::Attribute(_, AttributeKind::List) | Self::Tags => FieldKind::Set,
            Self::Lists => FieldKind::Lists,
        }
    }

    /// What it says of a contact; none where nothing is known.
    pub(super) fn of<'a>(&self, contact: &'a Contact, person: &'a Person) -> Option<Said<'a>> {
        let did = &contact.responses;
        let text = |text: &'a Option<String>| text.as_deref().map(Said::Text);
        let count = |n: u32| Some(Said::Number(i64::from(n).into()));
        match self {
            Self::Attribute(name, kind) => attribute(person.attributes.get(name)?, *kind),
            Self::GivenName => text(&person.given_name),
            Self::FamilyName => text(&person.family_name),
            Self::Domain => Some(Said::Text(person.address.domain())),
            Self::Locale => text(&person.locale),
            Self::Zone => text(&person.zone),
            Self::Tags => {
                let tags: Vec<&str> = person.tags.iter().map(String::as_str).collect();
                (!tags.is_empty()).then_some(Said::Set(tags))
            }
            Self::Lists => {
                let on = |state| state == SubscriptionState::Subscribed;
                contact.subscriptions.values().any(|known| on(known.state)).then_some(Said::Lists(contact))
            }
            Self::CreatedAt => Some(Said::Instant(contact.created_at)),
            Self::Mails => count(did.mails),
            Self::Opens => count(did.opens),
            Self::Clicks => count(did.clicks),
            Self::LastMailAt => did.last_mail_at.map(Said::Instant),
            Self::LastOpenAt => did.last_open_at.map(Said::Instant),
            Self::LastClickAt => did.last_click_at.map(Said::Instant),
        }
    }
}

/// A value of a kind that it had before it was declared otherwise says nothing.
fn attribute(value: &AttributeValue, declared: AttributeKind) -> Option<Said<'_>> {
    if value.kind() != declared {
        return None;
    }
    Some(match value {
        AttributeValue::Text(text) => Said::Text(text),
        AttributeValue::Whole(n) => Said::Number((*n).into()),
        AttributeValue::Decimal(n) => Said::Number(n.clone()),
        AttributeValue::Boolean(is) => Said::Boolean(*is),
        AttributeValue::Date(day) => Said::Date(*day),
        AttributeValue::List(items) => Said::Set(items.iter().map(String::as_str).collect()),
    })
}
