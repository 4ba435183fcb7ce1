//! What the template language of customers has: a closed part of what the engine could do.
//!
//! Fuel bounds how long a template runs, and the cap on what is written bounds how much comes out. Neither bounds what a template
//! holds in between: a text made a million times longer by one operator, or doubled by each of thirty lines. So what makes texts longer is refused
//! here, before anything runs: `*` (there is the filter `times`, for numbers), and `~` or `+` where the result gets a name. What is left makes no
//! more than a tag is long times what its values are long.

use crate::fault::{Fault, Place};
use crate::tags::{Does, Tag};
use std::ops::Range;

/// Words that begin a `{% … %}`.
const STATEMENTS: [&str; 9] = ["if", "elif", "else", "endif", "for", "endfor", "set", "with", "endwith"];
/// Filters; [`crate::engine`] adds exactly these.
pub(crate) const FILTERS: [&str; 26] = [
    "abs",
    "capitalize",
    "count",
    "date",
    "datetime",
    "default",
    "e",
    "escape",
    "first",
    "float",
    "int",
    "join",
    "last",
    "length",
    "lower",
    "money",
    "number",
    "replace",
    "reverse",
    "round",
    "sort",
    "time",
    "times",
    "title",
    "trim",
    "upper",
];
/// Filters that may stand where the result gets a name: none makes a text longer.
const NAMING_FILTERS: [&str; 10] =
    ["abs", "count", "default", "first", "int", "last", "length", "lower", "reverse", "sort"];
/// Tests after `is`.
pub(crate) const TESTS: [&str; 8] = ["defined", "undefined", "none", "number", "string", "odd", "even", "in"];
/// Functions.
pub(crate) const FUNCTIONS: [&str; 2] = ["range", "translate"];
/// Longest tag, in bytes.
const MAX_TAG_BYTES: usize = 1_000;
/// Most operators that join texts, in one tag.
const MAX_JOINS: usize = 20;

/// A token of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Text,
    Number,
    Sign(&'a str),
}

/// What is wrong with one tag: a code, where in the text, and words.
pub(crate) struct Wrong {
    pub(crate) code: &'static str,
    pub(crate) at: usize,
    pub(crate) words: String,
}

impl Wrong {
    pub(crate) fn into_fault(self, place: Place) -> Fault {
        Fault::error(self.code, place, self.words)
    }
}

fn wrong(code: &'static str, at: usize, words: impl Into<String>) -> Wrong {
    Wrong { code, at, words: words.into() }
}

/// Everything that a text's tags must not do.
pub(crate) fn check(text: &str, tags: &[Tag]) -> Vec<Wrong> {
    tags.iter().filter(|tag| tag.does != Does::Notes).filter_map(|tag| of_tag(text, tag).err()).collect()
}

fn of_tag(text: &str, tag: &Tag) -> Result<(), Wrong> {
    let start = tag.range.start;
    if tag.range.len() > MAX_TAG_BYTES {
        return Err(wrong("tag_too_long", start, format!("A tag has at most {MAX_TAG_BYTES} bytes; part it.")));
    }
    let tokens = tokens(text, tag.inner.clone())?;
    let mut rest = tokens.as_slice();
    let mut names = false;
    if tag.does == Does::Decides {
        let keyword = tag.keyword(text);
        if !STATEMENTS.contains(&keyword) {
            let list = STATEMENTS.join(", ");
            return Err(wrong(
                "statement_refused",
                start,
                format!("`{keyword}` is not a statement of mails; there are {list}."),
            ));
        }
        names = matches!(keyword, "for" | "set" | "with");
        rest = rest.get(1..).unwrap_or_default();
        if keyword == "set" && !rest.iter().any(|(token, _)| *token == Token::Sign("=")) {
            return Err(wrong("statement_refused", start, "`set` gives a name to one value: {% set name = value %}."));
        }
        if let Some((_, range)) = rest.iter().find(|(token, _)| keyword == "for" && *token == Token::Word("recursive"))
        {
            return Err(wrong("statement_refused", range.start, "A loop cannot be `recursive` in a mail."));
        }
    }
    if tag.does == Does::Says && rest.is_empty() {
        return Err(wrong("syntax", start, "There is nothing between the braces."));
    }
    expression(rest, names)
}

fn expression(tokens: &[(Token<'_>, Range<usize>)], names: bool) -> Result<(), Wrong> {
    let mut joins = 0;
    for (n, (token, range)) in tokens.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|n| tokens.get(n)).map(|(token, _)| *token);
        let after = tokens.get(n + 1).map(|(token, _)| *token);
        let at = range.start;
        match *token {
            Token::Word(name) => word(name, at, before, after, tokens.get(..n).unwrap_or_default(), names)?,
            Token::Sign("*" | "**") => {
                return Err(wrong(
                    "operator_refused",
                    at,
                    "Mails have no `*`; numbers are multiplied by a filter: {{ price | times(3) }}.",
                ));
            }
            Token::Sign("{" | "}") => {
                return Err(wrong(
                    "operator_refused",
                    at,
                    "Mails have no maps in braces; give the values as variables.",
                ));
            }
            Token::Sign(sign @ ("~" | "+")) => {
                joins += 1;
                if names {
                    let words = format!(
                        "`{sign}` cannot stand in `set`, `with` or `for`; join where it is said: {{{{ a ~ b }}}}."
                    );
                    return Err(wrong("operator_refused", at, words));
                }
                if joins > MAX_JOINS {
                    return Err(wrong(
                        "operator_refused",
                        at,
                        format!("One tag joins at most {MAX_JOINS} times; part it."),
                    ));
                }
            }
            // A call of whatever an expression gave.
            Token::Sign("(") if matches!(before, Some(Token::Sign(")" | "]") | Token::Text)) => {
                return Err(wrong("function_refused", at, "Only functions can be called: range, translate."));
            }
            _ => {}
        }
    }
    Ok(())
}

fn word(
    name: &str,
    at: usize,
    before: Option<Token<'_>>,
    after: Option<Token<'_>>,
    earlier: &[(Token<'_>, Range<usize>)],
    names: bool,
) -> Result<(), Wrong> {
    if name.starts_with('_') {
        return Err(wrong("name_refused", at, "Names that begin with `_` are Herald's own; take another."));
    }
    let is_test = match before {
        Some(Token::Word("is")) => name != "not",
        Some(Token::Word("not")) => earlier
            .len()
            .checked_sub(2)
            .and_then(|n| earlier.get(n))
            .is_some_and(|(token, _)| *token == Token::Word("is")),
        _ => false,
    };
    if before == Some(Token::Sign("|")) {
        if !FILTERS.contains(&name) {
            return Err(wrong(
                "filter_unknown",
                at,
                format!("There is no filter `{name}`; there are {}.", FILTERS.join(", ")),
            ));
        }
        if names && !NAMING_FILTERS.contains(&name) {
            let words = format!(
                "`{name}` cannot stand in `set`, `with` or `for`; filter where it is said. There: {}.",
                NAMING_FILTERS.join(", ")
            );
            return Err(wrong("filter_refused", at, words));
        }
    } else if is_test {
        if !TESTS.contains(&name) {
            return Err(wrong(
                "test_unknown",
                at,
                format!("There is no test `{name}`; there are {}.", TESTS.join(", ")),
            ));
        }
    } else if after == Some(Token::Sign("(")) {
        if before == Some(Token::Sign(".")) {
            return Err(wrong(
                "function_refused",
                at,
                format!("Values have no functions, so `{name}(…)` cannot be called."),
            ));
        }
        // `not (…)`, `a and (…)`.
        let operator = matches!(name, "not" | "and" | "or" | "in" | "if" | "else" | "is");
        if !operator && !FUNCTIONS.contains(&name) {
            return Err(wrong(
                "function_unknown",
                at,
                format!("There is no function `{name}`; there are {}.", FUNCTIONS.join(", ")),
            ));
        }
    }
    Ok(())
}

/// Signs of two characters.
const PAIRS: [&str; 7] = ["**", "//", "==", "!=", "<=", ">=", ".."];

fn tokens(text: &str, inner: Range<usize>) -> Result<Vec<(Token<'_>, Range<usize>)>, Wrong> {
    let (mut found, mut at) = (Vec::new(), inner.start);
    let bytes = text.as_bytes();
    while at < inner.end {
        let start = at;
        let rest = text.get(at..inner.end).unwrap_or_default();
        let Some(first) = rest.chars().next() else { break };
        let run = |ok: fn(char) -> bool| rest.find(|c| !ok(c)).unwrap_or(rest.len());
        let token = if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if first.is_alphabetic() || first == '_' {
            at += run(|c| c.is_alphanumeric() || c == '_');
            Token::Word(&text[start..at])
        } else if first.is_ascii_digit() {
            at += run(|c| c.is_ascii_alphanumeric() || c == '_');
            Token::Number
        } else if first == '"' || first == '\'' {
            at += 1;
            while at < inner.end && bytes[at] != bytes[start] {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            at = (at + 1).min(inner.end);
            Token::Text
        } else {
            let pair = rest.get(..2).filter(|pair| PAIRS.contains(pair));
            at += pair.map_or(first.len_utf8(), str::len);
            let sign = &text[start..at];
            if !sign.is_ascii() || matches!(sign, "&" | "$" | "?" | "`" | "\\" | "@" | "#" | ";" | "^") {
                return Err(wrong("syntax", start, format!("`{sign}` is no sign of the template language.")));
            }
            Token::Sign(sign)
        };
        found.push((token, start..at));
    }
    Ok(found)
}

/// Where a name first stands in a text's tags.
pub(crate) fn find(text: &str, tags: &[Tag], name: &str) -> Option<usize> {
    tags.iter().filter(|tag| tag.does != Does::Notes).find_map(|tag| {
        let tokens = tokens(text, tag.inner.clone()).ok()?;
        tokens.iter().find(|(token, _)| *token == Token::Word(name)).map(|(_, range)| range.start)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::tags;

    fn codes(text: &str) -> Vec<&'static str> {
        check(text, &tags(text).expect("tags end")).into_iter().map(|wrong| wrong.code).collect()
    }

    #[test]
    fn what_mails_need_is_in_the_language() {
        for text in [
            "{{ first_name | default('you') | title }}",
            "{% for p in products if p.price > 5 %}{{ loop.index }}. {{ p['name'] }}{% else %}-{% endfor %}",
            "{% if not (a and b) or c is not defined %}{{ 500 - points }}{% elif d in [1, 2] %}{% else %}{% endif %}",
            "{% set n = items | length %}{% with a = 1 %}{{ a }}{% endwith %}",
            "{{ price | money('EUR') }} {{ sent_at | date('long') }} {{ translate('hi', name=first_name) }}",
            "{{ 'a' if b else 'c' }} {{ a ~ ' * ' ~ b }} {# {% include 'x' %} #}",
            "{{ price | times(3) }} {% for n in range(3) %}{% endfor %}",
        ] {
            assert_eq!(codes(text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn what_could_load_call_hide_escape_or_grow_is_not_in_the_language() {
        for (text, code) in [
            ("{% include 'x' %}", "statement_refused"),
            ("{% import 'x' as y %}", "statement_refused"),
            ("{% from 'x' import y %}", "statement_refused"),
            ("{% extends 'x' %}", "statement_refused"),
            ("{% macro a() %}", "statement_refused"),
            ("{% autoescape false %}", "statement_refused"),
            ("{% raw %}", "statement_refused"),
            ("{% set a %}", "statement_refused"),
            ("{% for a in b recursive %}", "statement_refused"),
            ("{{ a | safe }}", "filter_unknown"),
            ("{{ a | nonsense }}", "filter_unknown"),
            ("{{ self() }}", "function_unknown"),
            ("{{ debug() }}", "function_unknown"),
            ("{{ loop(a) }}", "function_unknown"),
            ("{{ a.items() }}", "function_refused"),
            ("{{ a.b[0](c) }}", "function_refused"),
            ("{{ a.__class__ }}", "name_refused"),
            ("{{ _link(0, a) }}", "name_refused"),
            ("{{ range(10**9) }}", "operator_refused"),
            ("{{ 'a' * 1000000 }}", "operator_refused"),
            ("{% set a = a ~ a %}", "operator_refused"),
            ("{% for a in [a + a] %}", "operator_refused"),
            ("{% set a = [a, a] | join %}", "filter_refused"),
            ("{{ {'a': 1} }}", "operator_refused"),
            ("{{ a is callable }}", "test_unknown"),
            ("{{ a is not callable }}", "test_unknown"),
            ("{{ }}", "syntax"),
            ("{{ a & b }}", "syntax"),
        ] {
            assert_eq!(codes(text), [code], "{text}");
        }
        assert_eq!(codes(&format!("{{{{ a {} }}}}", "~ a ".repeat(21))), ["operator_refused"]);
        assert_eq!(codes(&format!("{{{{ '{}' }}}}", "a".repeat(1_000))), ["tag_too_long"]);
    }
}
