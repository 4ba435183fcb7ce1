//! What is asked of what people enter.

use super::edit::PersonEdit;
use crate::Error;
use domain::audience::{
    Address, AttributeSet, AttributeValue, BadAddress, MAX_EVIDENCE, MAX_SOURCE, MAX_TAG, MAX_TAGS, MAX_WORDING,
    NewConsent, Person,
};
use domain::publishing::Violation;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Most characters of a name of a person.
const MAX_NAME: usize = 100;
/// Most characters of a locale: the longest that the standard promises to fit (RFC 5646, 4.4.1).
const MAX_LOCALE: usize = 35;
/// Seconds for which clocks may differ: what somebody agreed to lies in the past.
const CLOCKS_S: i64 = 300;

pub(super) fn address(text: &str, field: &str) -> Result<Address, Error> {
    Address::parse(text).map_err(|bad: BadAddress| Error::invalid("address_invalid", field, bad.to_string()))
}

/// A text on one line, trimmed; of at most so many characters.
pub(super) fn line(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    (text.chars().count() <= most && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// Applies an edit to a person, or tells everything that is wrong with it.
pub(super) fn person(mut person: Person, edit: &PersonEdit, declared: &AttributeSet) -> Result<Person, Error> {
    let mut wrong = Vec::new();
    let (given, family) = (&mut person.given_name, &mut person.family_name);
    for (field, new, at) in [("/given_name", &edit.given_name, given), ("/family_name", &edit.family_name, family)] {
        let Some(new) = new else { continue };
        match line(new, MAX_NAME) {
            Some(name) => *at = Some(name).filter(|name| !name.is_empty()),
            None => wrong.push(Violation::new("name_invalid", field, "give at most 100 characters on one line")),
        }
    }
    if let Some(zone) = &edit.zone {
        if !zone.is_empty() && TimeZone::get(zone).is_err() {
            wrong.push(Violation::new("unknown_zone", "/zone", "give an IANA time zone such as Europe/Berlin"));
        }
        person.zone = Some(zone.clone()).filter(|zone| !zone.is_empty());
    }
    if let Some(given) = &edit.locale {
        match locale(given) {
            Some(locale) => person.locale = Some(locale),
            None if given.is_empty() => person.locale = None,
            None => wrong.push(Violation::new("locale_invalid", "/locale", "give a language tag such as de or pt-BR")),
        }
    }
    if let Some(tags) = &edit.tags {
        match tags.iter().map(|tag| line(tag, MAX_TAG).filter(|tag| !tag.is_empty())).collect::<Option<_>>() {
            Some(tags) => person.tags = tags,
            None => wrong.push(Violation::new("tag_invalid", "/tags", "give tags of 1 to 50 characters on one line")),
        }
        if person.tags.len() > MAX_TAGS {
            wrong.push(Violation::new("too_many_tags", "/tags", format!("a contact has at most {MAX_TAGS} tags")));
        }
    }
    attributes(&mut person.attributes, edit, declared, &mut wrong);
    if wrong.is_empty() { Ok(person) } else { Err(Error::Invalid(wrong)) }
}

fn attributes(
    known: &mut BTreeMap<String, AttributeValue>,
    edit: &PersonEdit,
    declared: &AttributeSet,
    wrong: &mut Vec<Violation>,
) {
    for (name, json) in &edit.attributes {
        let at = format!("/attributes/{}", name.replace('~', "~0").replace('/', "~1"));
        let Some(kind) = declared.kinds.get(name) else {
            let names: Vec<&str> = declared.kinds.keys().map(String::as_str).collect();
            let known = if names.is_empty() { "none so far".to_owned() } else { names.join(", ") };
            wrong.push(Violation::new("unknown_attribute", at, format!("declare it first; declared are: {known}")));
            continue;
        };
        if json.is_null() {
            known.remove(name);
        } else if let Some(value) = kind.take(json) {
            known.insert(name.clone(), value);
        } else {
            wrong.push(Violation::new("attribute_invalid", at, format!("give {}", kind.example())));
        }
    }
}

/// A BCP 47 tag in its usual case: language, then subtags.
fn locale(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let language = parts.next().filter(|l| (2..=3).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_alphabetic()))?;
    let mut tag = language.to_ascii_lowercase();
    for part in parts {
        if !(1..=8).contains(&part.len()) || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        let letters = part.bytes().all(|b| b.is_ascii_alphabetic());
        let lower = part.to_ascii_lowercase();
        tag.push('-');
        match part.len() {
            2 if letters => tag.push_str(&part.to_ascii_uppercase()),
            4 if letters => {
                tag.push_str(&part[..1].to_ascii_uppercase());
                tag.push_str(&lower[1..]);
            }
            _ => tag.push_str(&lower),
        }
    }
    (tag.len() <= MAX_LOCALE).then_some(tag)
}

/// What a consent says of itself. It lies in the past, and names the words that were read and where.
pub(super) fn consent(consent: &NewConsent, now: Timestamp) -> Result<NewConsent, Error> {
    let mut wrong = Vec::new();
    let mut text = |text: &str, most, field| {
        let line = line(text, most).filter(|line| !line.is_empty());
        if line.is_none() {
            let detail = format!("give 1 to {most} characters on one line");
            wrong.push(Violation::new("consent_invalid", field, detail));
        }
        line.unwrap_or_default()
    };
    let wording = text(&consent.wording, MAX_WORDING, "/consent/wording");
    let source = text(&consent.source, MAX_SOURCE, "/consent/source");
    if consent.at > now + SignedDuration::from_secs(CLOCKS_S) {
        wrong.push(Violation::new(
            "consent_invalid",
            "/consent/at",
            "nobody has agreed to it yet: give a time that has passed",
        ));
    }
    let kept = NewConsent { wording, source, ..consent.clone() };
    if wrong.is_empty() { Ok(kept) } else { Err(Error::Invalid(wrong)) }
}

/// What proves something, or why it is done: on one line.
pub(super) fn evidence(text: &str, field: &str) -> Result<Option<String>, Error> {
    let detail = || format!("give at most {MAX_EVIDENCE} characters on one line");
    let line = line(text, MAX_EVIDENCE).ok_or_else(|| Error::invalid("evidence_invalid", field, detail()))?;
    Ok(Some(line).filter(|line| !line.is_empty()))
}
