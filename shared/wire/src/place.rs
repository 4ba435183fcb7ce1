//! Where in a request a broken rule lies. The use cases speak of a post's targets, parts and time; each form has other names for
//! them, and an error names the field that the client sent.

use crate::content::ContentBody;
use crate::publish::PublishBody;
use app::Error;
use domain::publishing::Violation;
use runtime::http::{FieldError, Problem};
use std::collections::BTreeMap;

/// A form of a request.
pub trait Places {
    /// JSON Pointer into this body for a field as the use cases call it.
    fn place(&self, code: &str, field: &str) -> String;

    /// The problem that an error of the use case is for who sent this body.
    fn problem(&self, error: Error) -> Problem {
        let Error::Invalid(mut violations) = error else { return error.into() };
        for violation in &mut violations {
            violation.field = self.place(&violation.code, &violation.field);
        }
        // What is no time at all is no reading of the field, whatever the rules say.
        let unreadable = |v: &Violation| v.code == "not_a_time";
        if violations.iter().any(unreadable) {
            let found = violations.iter().filter(|v| unreadable(v));
            return Problem::validation(found.map(|v| FieldError::new(&v.field, &v.code, &v.detail)).collect());
        }
        Error::Invalid(violations).into()
    }
}

/// The place below `at`, the content's own, of `rest`: `/parts/0/text` is a thread's first text, or the only one.
pub fn in_content(at: &str, content: &ContentBody, rest: &str) -> String {
    let Some(parts) = rest.strip_prefix("/parts") else { return format!("{at}{rest}") };
    if !content.thread.is_empty() {
        return format!("{at}/thread{parts}");
    }
    let inner = parts.get(1..).and_then(|parts| parts.split_once('/')).map_or("text", |(_, inner)| inner);
    format!("{at}/{inner}")
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Places for PublishBody {
    fn place(&self, code: &str, field: &str) -> String {
        match (field, code) {
            ("/range", _) | ("/when", "no_free_time") => return "/date_range".to_owned(),
            ("/when", "unknown_zone") => return "/timezone".to_owned(),
            ("/when", _) => return if self.optimize_time { "/optimize_time" } else { "/scheduled_at" }.to_owned(),
            _ => {}
        }
        in_post(field, &self.content, &self.variants, self.accounts.len(), self.platforms.is_empty())
    }
}

/// A place in a form that has a post's content, variants, accounts and platforms.
pub fn in_post(
    field: &str,
    content: &ContentBody,
    variants: &BTreeMap<String, ContentBody>,
    accounts: usize,
    no_platforms: bool,
) -> String {
    if let Some(target) = field.strip_prefix("/targets") {
        let Some(index) = target.get(1..).and_then(|n| n.parse::<usize>().ok()) else {
            return if no_platforms { "/accounts" } else { "/platforms" }.to_owned();
        };
        // Accounts come first in the command, then platforms.
        return match index.checked_sub(accounts) {
            None => format!("/accounts/{index}"),
            Some(platform) => format!("/platforms/{platform}"),
        };
    }
    if let Some(rest) = field.strip_prefix("/content") {
        return in_content("/content", content, rest);
    }
    variant(variants, field).unwrap_or_else(|| field.to_owned())
}

/// A place in one of the variants; the whole rest is a name where the name itself is what is wrong.
fn variant(variants: &BTreeMap<String, ContentBody>, field: &str) -> Option<String> {
    let named = field.strip_prefix("/variants/")?;
    if variants.contains_key(named) {
        return Some(format!("/variants/{}", escaped(named)));
    }
    let (name, _) = named.split_once('/')?;
    let rest = &named[name.len()..];
    let content = variants.get(name);
    Some(content.map_or_else(|| "/variants".to_owned(), |own| in_content(&format!("/variants/{name}"), own, rest)))
}

/// A place in a form that may have new content, variants and accounts.
pub fn in_edit(
    field: &str,
    content: Option<&ContentBody>,
    variants: Option<&BTreeMap<String, ContentBody>>,
    accounts: bool,
) -> String {
    if let Some(target) = field.strip_prefix("/targets") {
        return format!("/accounts{}", if accounts { target } else { "" });
    }
    match (field.strip_prefix("/content"), content) {
        (Some(rest), Some(content)) => in_content("/content", content, rest),
        // The content is the old one, and stands nowhere in the edit.
        (Some(_), None) => "/content".to_owned(),
        (None, _) => {
            let own = variants.and_then(|variants| variant(variants, field));
            own.unwrap_or_else(|| if field.starts_with("/variants") { "/variants" } else { field }.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_names_the_field_that_was_sent() {
        let account = "acc_00000000000000000000000000000001";
        let text = json!({
            "content": { "text": "a" }, "accounts": [account], "platforms": ["x"],
            "variants": { "x": { "thread": [{ "text": "a" }, { "text": "b" }] }, "a/b": {} },
        });
        let read: PublishBody = serde_json::from_value(text).unwrap();
        for (field, place) in [
            ("/targets", "/platforms"),
            ("/targets/0", "/accounts/0"),
            ("/targets/1", "/platforms/0"),
            ("/content/parts/0/text", "/content/text"),
            ("/content/parts/0/media/1/alt_text", "/content/media/1/alt_text"),
            ("/content/link/url", "/content/link/url"),
            ("/variants/x/parts/1/text", "/variants/x/thread/1/text"),
            ("/variants/x/parts", "/variants/x/thread"),
            ("/variants/a/b", "/variants/a~1b"),
            ("/when", "/scheduled_at"),
            ("/range", "/date_range"),
        ] {
            assert_eq!(read.place("content_too_long", field), place, "{field}");
        }
    }

    #[test]
    fn what_is_no_time_is_400_and_a_time_against_the_rules_422() {
        let body = PublishBody::default();
        for (code, status, field) in [
            ("not_a_time", 400, "/scheduled_at"),
            ("due_in_past", 422, "/scheduled_at"),
            ("unknown_zone", 422, "/timezone"),
        ] {
            let problem = body.problem(Error::invalid(code, "/when", "no"));
            assert_eq!((problem.status().as_u16(), problem.errors()[0].field.as_str()), (status, field), "{code}");
        }
    }
}
