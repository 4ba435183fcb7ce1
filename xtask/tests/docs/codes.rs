//! The codes in docs/api.md are those of the code.
//!
//! They are collected from the text of the sources, without tests and fakes, by one rule: a code is a literal of small
//! letters and underscores that stands
//!
//! - as the argument of a call that makes a problem, a violation or an end ([`PROBLEMS`], [`ENDS`]), or
//! - behind the arrow of an arm of `let code = match …`, or
//! - first in a pair, in a file that has the type `(&'static str, String)` of a code with its detail, or
//! - as `code: "…".into()`, the field of a failure.
//!
//! A code that is made otherwise is not seen: make it like the others.

use super::{quoted, read, tree};
use std::collections::BTreeSet;

/// Calls with the code of a problem, and which of their arguments it is.
const PROBLEMS: [(&str, usize); 10] = [
    ("::bad_request(", 0),
    ("::conflict(", 0),
    ("::invalid(", 0),
    ("::unprocessable(", 0),
    ("FieldError::new(", 1),
    ("Problem::new(", 1),
    ("Self::new(", 1),
    ("Unread::new(", 0),
    ("Violation::new(", 0),
    ("Violation::of(", 1),
];
/// Where problems are made that an API answers with. The console puts its own into words.
const ANSWERING: [&str; 10] = [
    "functions/accounts-api/src/",
    "functions/admin-api/src/",
    "functions/audience-api/src/",
    "functions/publishing-api/src/",
    "functions/receiver/src/",
    "functions/webhooks-api/src/",
    "shared/app/src/",
    "shared/domain/src/",
    "shared/runtime/src/",
    "shared/wire/src/",
];

/// Calls with the code of a delivery's end.
const ENDS: [(&str, usize); 1] = [("gives_up(", 1)];
/// Where failures of deliveries are made.
const FAILING: [&str; 5] = [
    "functions/publishing-api/src/wire/",
    "shared/app/src/",
    "shared/connector-kit/src/",
    "shared/connectors/src/",
    "shared/domain/src/",
];
/// Codes of failures that end no delivery, each with what comes instead.
const NEVER_ENDING: [(&str, &str); 6] = [
    ("rate_limited", "tried again until its time is over: `exhausted`"),
    ("revoked", "parked as `blocked_auth`"),
    ("unauthorized", "tried again with a fresh token, then parked"),
    ("unavailable", "tried again until `exhausted`"),
    ("unconfirmed", "read back, then a person is asked"),
    ("taken", "asked after, then it is published or refused, or a person is asked"),
];

fn is_code(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// The sources below `folders` with their text up to their tests.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let ours = tree(&["rs"]).into_iter().filter(|file| folders.iter().any(|folder| file.starts_with(folder)));
    let shipped = ours.filter(|file| !file.contains("/tests") && !file.contains("/fakes/"));
    let source = |file: &str| read(file).split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    shipped.map(|file| (file.clone(), source(&file))).collect()
}

/// The code that is argument `nth` of a call whose arguments `text` begins with; none when that is not a literal.
fn argument(text: &str, nth: usize) -> Option<&str> {
    let (mut depth, mut at, mut start) = (0, 0, 0);
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => {
                let mut escaped = false;
                chars.find(|(_, c)| {
                    let ends = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    ends
                });
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth > 0 => depth -= 1,
            ',' | ')' if depth == 0 => {
                if at == nth {
                    let literal = text[start..i].trim().strip_prefix('"')?.strip_suffix('"')?;
                    return Some(literal).filter(|code| is_code(code));
                }
                if c == ')' {
                    return None;
                }
                (at, start) = (at + 1, i + 1);
            }
            _ => {}
        }
    }
    None
}

fn in_calls<'a>(source: &'a str, calls: &[(&'a str, usize)]) -> Vec<&'a str> {
    let each = calls.iter().flat_map(|&(call, nth)| source.split(call).skip(1).map(move |rest| argument(rest, nth)));
    each.flatten().collect()
}

fn in_arms(source: &str) -> Vec<&str> {
    let blocks = source.split("let code = match ").skip(1).map(|rest| rest.split("};").next().unwrap());
    blocks.flat_map(behind_arrows).collect()
}

fn behind_arrows(block: &str) -> Vec<&str> {
    block.split("=> \"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(code, _)| code).collect()
}

fn in_pairs(source: &str) -> Vec<&str> {
    if !source.contains("(&'static str, String)") {
        return Vec::new();
    }
    let is_call = |before: &str| before.ends_with(|c: char| c.is_ascii_alphanumeric() || "_!>)".contains(c));
    let pairs = source.match_indices("(\"").filter(|(at, _)| !is_call(&source[..*at]));
    pairs.filter_map(|(at, _)| argument(&source[at + 1..], 0)).collect()
}

fn in_fields(source: &str) -> Vec<&str> {
    let fields = source.split("code: \"").skip(1).filter_map(|rest| rest.split_once('"'));
    fields.filter(|(_, rest)| rest.starts_with(".into()")).map(|(code, _)| code).collect()
}

/// The rows of the table below a heading of docs/api.md.
fn rows(heading: &str) -> Vec<String> {
    let page = read("docs/api.md");
    let (_, rest) = page.split_once(&format!("\n### {heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    let section = rest.split("\n#").next().unwrap();
    section.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect()
}

/// The codes in the first column of the table below a heading of docs/api.md.
fn described(heading: &str) -> BTreeSet<String> {
    let rows = rows(heading);
    let cells = rows.iter().map(|line| line.split(" | ").next().unwrap());
    let mut all = BTreeSet::new();
    for code in cells.flat_map(quoted) {
        assert!(is_code(code), "{heading}: {code} is no code");
        assert!(all.insert(code.to_owned()), "{heading}: {code} has two rows");
    }
    all
}

/// `made` and what `heading` describes must be the same, but for what is `left_out`, each of which the rule must have seen.
fn compare(heading: &str, mut made: BTreeSet<String>, left_out: &[(&str, &str)]) {
    for (code, reason) in left_out {
        assert!(made.remove(*code), "{code} is not made any more ({reason}): take it off the list");
    }
    let described = described(heading);
    let missing: Vec<_> = made.difference(&described).collect();
    assert!(missing.is_empty(), "docs/api.md, {heading}: not described: {missing:?}");
    let gone: Vec<_> = described.difference(&made).collect();
    assert!(gone.is_empty(), "docs/api.md, {heading}: the code has no {gone:?}");
}

#[test]
fn every_code_of_a_problem_is_described_and_every_described_one_exists() {
    let mut made = BTreeSet::new();
    for (_, source) in sources(&ANSWERING) {
        let found = [in_calls(&source, &PROBLEMS), in_arms(&source), in_pairs(&source)].concat();
        made.extend(found.into_iter().map(str::to_owned));
    }
    assert!(made.len() > 90, "the rule sees only {made:?}");
    compare("Problem codes", made, &[]);
}

#[test]
fn every_code_of_a_delivery_is_described_and_every_described_one_exists() {
    let mut made = BTreeSet::new();
    for (file, source) in sources(&FAILING) {
        let mut found = [in_fields(&source), in_calls(&source, &ENDS)].concat();
        if file.starts_with("shared/connector") {
            found.extend(in_arms(&source));
        }
        // The kinds of failures that have one code each.
        if file == "shared/domain/src/publishing/outcome.rs" {
            found.extend(behind_arrows(&source));
        }
        made.extend(found.into_iter().map(str::to_owned));
    }
    assert!(made.len() > 15, "the rule sees only {made:?}");
    compare("Codes of deliveries", made, &NEVER_ENDING);
}

/// With the test above: whatever a delivery ends with, people are told what to do, here and in the console alike.
#[test]
fn what_to_do_about_a_delivery_stands_in_the_table_as_the_console_says_it() {
    for row in rows("Codes of deliveries") {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [codes, _, _, what_to_do] = cells[..] else { panic!("four cells: {row}") };
        for code in quoted(codes) {
            assert_eq!(domain::publishing::remedy(code), Some(what_to_do), "{code}");
        }
    }
}

#[test]
fn a_code_is_the_literal_at_its_place_and_nothing_else() {
    assert_eq!(argument("\"a_b\", format!(\"{x}, (\"))", 0), Some("a_b"));
    assert_eq!(argument("of(a, b), \"code\", [1, 2])", 1), Some("code"));
    assert_eq!(argument("\"x \\\" , y\", \"code\")", 1), Some("code"));
    for other in ["code, \"detail of it\")", "\"Two Words\", 1)", ")"] {
        assert_eq!(argument(other, 0), None, "{other}");
    }
    assert_eq!(
        in_arms("let code = match s { 1 => return F { d }, _ if says(\"a b\") => \"one\", _ => \"two\" };"),
        ["one", "two"]
    );
    assert_eq!(in_pairs("(&'static str, String) Err((\"one\", d)) f(\"two\", d) => (\"three\", d)"), ["one", "three"]);
    assert_eq!(in_fields("{ code: \"one\".into() } { code: \"two\", .. }"), ["one"]);
}
