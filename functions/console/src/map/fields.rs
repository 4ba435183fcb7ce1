//! From the rules a request broke to the fields of the form it was sent with.

use super::Draft;
use super::series::times_field;
use crate::view::FieldError;
use crate::words::sentence;
use domain::publishing::Violation;

/// Violations of a post, beside the composer's fields. `rows[j]` is the form's row of the post's medium `j`.
pub fn post_errors(violations: &[Violation], draft: &Draft, rows: &[usize]) -> Vec<FieldError> {
    let mut out: Vec<FieldError> = Vec::new();
    for violation in violations {
        let error = FieldError { field: field(violation, draft, rows), text: sentence(&violation.detail) };
        let known = |other: &FieldError| other.field == error.field && other.text == error.text;
        if !out.iter().any(known) {
            out.push(error);
        }
    }
    out
}

fn field(violation: &Violation, draft: &Draft, rows: &[usize]) -> String {
    let path: Vec<&str> = violation.field.trim_start_matches('/').split('/').collect();
    let (platform, rest) = match path.as_slice() {
        ["targets", ..] => return "targets".into(),
        ["recurrence" | "missed_run", ..] => return times_field(&violation.field).unwrap_or("when").into(),
        ["when", ..] => return when(&violation.code).into(),
        ["content", rest @ ..] => (None, rest),
        ["variants", slug, rest @ ..] => (Some(*slug), rest),
        _ => return "composer".into(),
    };
    match rest {
        ["link", "title"] => "link_title".into(),
        ["link", "description"] => "link_description".into(),
        [name @ ("title" | "summary" | "tags" | "categories" | "first_comment" | "kind" | "visibility"), ..] => {
            (*name).into()
        }
        [name @ ("made_for_kids" | "quote"), ..] => (*name).into(),
        ["reply_to"] => "answers".into(),
        ["reply_restriction"] => "replies".into(),
        ["draft"] => "native_draft".into(),
        ["thread_delay_seconds"] => "thread_delay".into(),
        ["poll", "question"] => "poll_question".into(),
        ["poll", "duration_minutes"] => "poll_minutes".into(),
        ["poll", "multiple"] => "poll_multiple".into(),
        ["poll", ..] => "poll_options".into(),
        ["link", ..] => "link".into(),
        ["targeting"] => "targeting_industries".into(),
        ["targeting", list, ..] => format!("targeting_{list}"),
        ["template", name @ ("language" | "parameters"), ..] => format!("template_{name}"),
        ["template", ..] => "template_name".into(),
        ["parts", i, "media", rest @ ..] => {
            // Rows of earlier parts stand before it.
            let i = i.parse().unwrap_or(0);
            let earlier = rows.iter().filter(|row| draft.rows.get(**row).is_some_and(|row| row.part() < i)).count();
            let row = |j: usize| rows.get(earlier + j).map(|row| format!("media_{row}"));
            match rest.first().map(|j| j.parse()) {
                None => row(0).unwrap_or_else(|| "media_0".into()),
                Some(j) => j.ok().and_then(row).unwrap_or_else(|| "composer".into()),
            }
        }
        ["parts", ..] => match platform.filter(|slug| draft.variants.contains_key(*slug)) {
            Some(slug) => format!("variant_{slug}"),
            // A thread that was split from the common text is mended there.
            None => "text".into(),
        },
        _ => "composer".into(),
    }
}

fn when(code: &str) -> &'static str {
    match code {
        "unknown_zone" => "zone",
        "time_in_gap" => "time",
        "due_in_past" | "due_too_far" | "out_of_range" => "date",
        _ => "when",
    }
}

/// The field of an endpoint's form, or of the one that changes its secret, that mends what an API's field says.
pub(super) fn endpoint_field(field: &str) -> &'static str {
    match field {
        "name" => "name",
        "description" => "description",
        "events" => "events",
        "accounts" => "accounts",
        "platforms" => "platforms",
        "rate_per_minute" => "rate_per_minute",
        "validate" => "validate",
        "format" => "format",
        "signature" => "signature",
        "headers" => "headers",
        "secret" => "own_secret",
        _ => "endpoint",
    }
}

/// Violations of another secret, beside the fields of its form.
pub fn secret_errors(violations: &[Violation]) -> Vec<FieldError> {
    by(violations, endpoint_field)
}

/// Violations of a member or a key, whose fields start with `prefix`.
pub fn team_errors(violations: &[Violation], prefix: &str) -> Vec<FieldError> {
    let mut errors = by(violations, |field| match field {
        "scopes" | "role" => "role",
        "member" => "member",
        _ => "name",
    });
    for error in &mut errors {
        error.field = format!("{prefix}_{}", error.field);
    }
    errors
}

fn by(violations: &[Violation], name: impl Fn(&str) -> &'static str) -> Vec<FieldError> {
    let first = |field: &str| field.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
    violations.iter().map(|v| FieldError { field: name(&first(&v.field)).into(), text: sentence(&v.detail) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::Row;

    #[test]
    fn each_violation_stands_beside_the_field_that_mends_it() {
        let later = Row { part: "2".into(), ..Row::default() };
        let mut draft = Draft { rows: vec![Row::default(), Row::default(), later], ..Draft::default() };
        draft.variants.insert("one".into(), "own".into());
        let at = |field: &str, code: &str| {
            post_errors(&[Violation::new(code, field, "mend it")], &draft, &[0, 2]).remove(0).field
        };
        for (pointer, code, expected) in [
            ("/targets", "targets_missing", "targets"),
            ("/targets/0", "account_not_found", "targets"),
            ("/content/parts/0/text", "content_empty", "text"),
            ("/content/parts/0/media/1", "media_type", "media_2"),
            ("/content/parts/0/media/1/alt_text", "alt_text_too_long", "media_2"),
            ("/content/parts/0/media", "media_too_many", "media_0"),
            ("/content/parts/0/media/1/captions/0/language", "captions_invalid", "media_2"),
            ("/content/parts/0/media/0/cover_ms", "out_of_range", "media_0"),
            ("/variants/two/parts/1/media/0", "media_type", "media_2"),
            ("/content/targeting", "unsupported", "targeting_industries"),
            ("/content/targeting/regions/1", "targeting_invalid", "targeting_regions"),
            ("/content/template", "unsupported", "template_name"),
            ("/content/template/language", "template_invalid", "template_language"),
            ("/content/template/parameters/1", "template_invalid", "template_parameters"),
            ("/content/link/url", "url_not_allowed", "link"),
            ("/content/link/title", "link_title_missing", "link_title"),
            ("/content/title", "title_missing", "title"),
            ("/variants/one/tags/1", "content_too_long", "tags"),
            ("/content/first_comment", "content_too_long", "first_comment"),
            ("/content/reply_restriction", "unsupported", "replies"),
            ("/content/draft", "unsupported", "native_draft"),
            ("/content/poll", "unsupported", "poll_options"),
            ("/content/poll/options/1", "poll_invalid", "poll_options"),
            ("/content/poll/duration_minutes", "poll_invalid", "poll_minutes"),
            ("/content/thread_delay_seconds", "thread_too_slow", "thread_delay"),
            ("/variants/one/parts/0/text", "content_too_long", "variant_one"),
            ("/variants/two/parts/1/text", "content_too_long", "text"),
            ("/when", "time_in_gap", "time"),
            ("/when", "unknown_zone", "zone"),
            ("/when", "due_in_past", "date"),
            ("/recurrence/rule", "no_run", "freq"),
            ("/recurrence/start", "out_of_range", "date"),
            ("/recurrence/timezone", "unknown_zone", "zone"),
            ("/missed_run/at_most_seconds", "out_of_range", "missed"),
            ("/something/new", "new", "composer"),
        ] {
            assert_eq!(at(pointer, code), expected, "{pointer}");
        }
    }

    #[test]
    fn the_same_sentence_is_told_once() {
        let twice = [
            Violation::new("media_type", "/content/parts/0/media/0", "no"),
            Violation::new("media_type", "/variants/two/parts/0/media/0", "no"),
        ];
        assert_eq!(post_errors(&twice, &Draft::default(), &[0]).len(), 1);
    }
}
