//! The template engine with exactly what the language of mails has.

use crate::formats::{Formats, Length, moment};
use crate::links::{Link, Utm, host};
use crate::token::{MAX_TARGET_BYTES, Token};
use jiff::tz::TimeZone;
use minijinja::value::{Kwargs, Object};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value, filters, tests as is};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Steps of one part of one mail. The newsletter that is measured takes some hundreds.
const FUEL: u64 = 100_000;
/// Depth of what holds what.
const DEPTH: usize = 50;
/// Longest `range`.
const MAX_RANGE: i64 = 1_000;
/// Longest text that a filter makes, in bytes.
const MAX_FILTERED_BYTES: usize = 64 * 1024;

/// What an address from data is refused for.
#[derive(Debug, thiserror::Error)]
#[error("an address from data is not for mails")]
pub(crate) struct BadAddress;

/// What the functions of one mail know of its recipient; stands in the context under [`PERSON`].
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) zone: TimeZone,
    /// None: links lead where they lead.
    pub(crate) token: Option<Token>,
    /// `<base>/c/<token>/`.
    pub(crate) clicks: String,
}

impl Object for Person {}

/// The name of [`Person`] in the context, which no template can say.
pub(crate) const PERSON: &str = "_r";

/// What is the same for everybody who gets a compiled mail.
#[derive(Debug)]
pub(crate) struct Common {
    /// Dates and amounts are in its words.
    pub(crate) locale: String,
    pub(crate) texts: BTreeMap<String, String>,
    pub(crate) links: Vec<Link>,
    pub(crate) utm: Utm,
}

/// An engine.
pub(crate) fn environment(common: Arc<Common>) -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(DEPTH);
    env.set_auto_escape_callback(|name| if name == "html" { AutoEscape::Html } else { AutoEscape::None });
    plain_filters(&mut env);
    local_filters(&mut env, &common);
    env.add_test("defined", is::is_defined);
    env.add_test("undefined", is::is_undefined);
    env.add_test("none", is::is_none);
    env.add_test("number", is::is_number);
    env.add_test("string", is::is_string);
    env.add_test("odd", is::is_odd);
    env.add_test("even", is::is_even);
    env.add_test("in", is::is_in);
    env.add_function("range", range);
    let texts = Arc::clone(&common);
    env.add_function("translate", move |key: &str, values: Kwargs| translate(&texts.texts, key, &values));
    env.add_function("_link", move |state: &State, index: usize, target: &Value| link(&common, state, index, target));
    env.add_function("_source", source);
    env
}

/// Locales whose habits a thread keeps.
const KEPT_LOCALES: usize = 32;

thread_local! {
    /// The library's formatters stay on the thread that made them.
    static FORMATS: RefCell<BTreeMap<String, Rc<Formats>>> = const { RefCell::new(BTreeMap::new()) };
}

fn formats<R>(common: &Common, with: impl FnOnce(&Formats) -> R) -> R {
    let formats = FORMATS.with_borrow_mut(|kept| {
        if let Some(formats) = kept.get(&common.locale) {
            return Rc::clone(formats);
        }
        if kept.len() >= KEPT_LOCALES {
            kept.clear();
        }
        let formats = Rc::new(Formats::new(&common.locale));
        kept.insert(common.locale.clone(), Rc::clone(&formats));
        formats
    });
    with(&formats)
}

fn refused(words: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, words.into())
}

fn plain_filters(env: &mut Environment<'static>) {
    env.add_filter("abs", filters::abs);
    env.add_filter("capitalize", filters::capitalize);
    env.add_filter("count", filters::length);
    env.add_filter("default", filters::default);
    env.add_filter("e", filters::escape);
    env.add_filter("escape", filters::escape);
    env.add_filter("first", filters::first);
    env.add_filter("float", filters::float);
    env.add_filter("int", filters::int);
    env.add_filter("last", filters::last);
    env.add_filter("length", filters::length);
    env.add_filter("lower", filters::lower);
    env.add_filter("reverse", filters::reverse);
    env.add_filter("round", filters::round);
    env.add_filter("sort", filters::sort);
    env.add_filter("title", filters::title);
    env.add_filter("trim", filters::trim);
    env.add_filter("upper", filters::upper);
    env.add_filter("replace", |text: String, from: String, to: String| {
        let more = if from.is_empty() { text.len() + 1 } else { text.matches(&from).count() };
        if text.len() + more * to.len() > MAX_FILTERED_BYTES {
            return Err(refused("`replace` would make too long a text"));
        }
        Ok(text.replace(&from, &to))
    });
    env.add_filter("join", |values: &Value, between: Option<String>| {
        let mut out = String::new();
        for (n, value) in values.try_iter()?.enumerate() {
            if n > 0 {
                out.push_str(between.as_deref().unwrap_or_default());
            }
            out.push_str(&value.to_string());
            if out.len() > MAX_FILTERED_BYTES {
                return Err(refused("`join` would make too long a text"));
            }
        }
        Ok(out)
    });
    env.add_filter("times", |number: &Value, by: &Value| match (number.as_i64(), by.as_i64()) {
        (Some(a), Some(b)) if number.is_number() && by.is_number() => {
            a.checked_mul(b).map(Value::from).ok_or_else(|| refused("`times` makes too large a number"))
        }
        _ => Ok(Value::from(float(number)? * float(by)?)),
    });
}

fn float(value: &Value) -> Result<f64, Error> {
    if value.is_number() {
        value.to_string().parse().map_err(|_| refused("not a number"))
    } else {
        Err(refused("not a number"))
    }
}

fn local_filters(env: &mut Environment<'static>, common: &Arc<Common>) {
    let length = |name: Option<&str>| {
        Length::of(name.unwrap_or("medium")).ok_or_else(|| refused("a date is `short`, `medium` or `long`"))
    };
    let own = Arc::clone(common);
    env.add_filter("date", move |state: &State, value: &str, name: Option<&str>| {
        let (at, length) = (local(state, value)?, length(name)?);
        formats(&own, |f| f.date(at, length)).ok_or_else(|| refused("not a date"))
    });
    let own = Arc::clone(common);
    env.add_filter("datetime", move |state: &State, value: &str, name: Option<&str>| {
        let (at, length) = (local(state, value)?, length(name)?);
        formats(&own, |f| f.moment(at, length)).ok_or_else(|| refused("not a date"))
    });
    let own = Arc::clone(common);
    env.add_filter("time", move |state: &State, value: &str| {
        let at = local(state, value)?;
        formats(&own, |f| f.time(at)).ok_or_else(|| refused("not a time"))
    });
    let own = Arc::clone(common);
    env.add_filter("number", move |value: &Value, places: Option<u8>| {
        let places = places.map(|places| i16::from(places.min(12)));
        float(value)?;
        formats(&own, |f| f.number(&value.to_string(), places)).ok_or_else(|| refused("not a number"))
    });
    let own = Arc::clone(common);
    env.add_filter("money", move |value: &Value, currency: &str| {
        let minor = value.as_i64().filter(|_| value.is_integer());
        let minor = minor.ok_or_else(|| refused("money is a whole number of the currency's smallest unit"))?;
        formats(&own, |f| f.money(minor, currency)).ok_or_else(|| refused("a currency is three letters (ISO 4217)"))
    });
}

fn person<R>(state: &State, with: impl FnOnce(&Person) -> R) -> Result<R, Error> {
    let value = state.lookup(PERSON);
    let person = value.as_ref().and_then(|value| value.downcast_object_ref::<Person>());
    person.map(with).ok_or_else(|| refused("there is no recipient"))
}

fn local(state: &State, value: &str) -> Result<jiff::civil::DateTime, Error> {
    person(state, |person| moment(value, &person.zone))?
        .ok_or_else(|| refused("a date is like 2026-12-01 or 2026-12-01T09:00:00Z"))
}

fn range(first: i64, second: Option<i64>) -> Result<Vec<i64>, Error> {
    let (from, to) = second.map_or((0, first), |second| (first, second));
    if to.saturating_sub(from) > MAX_RANGE {
        return Err(refused(format!("`range` counts at most {MAX_RANGE}, by one")));
    }
    Ok((from..to).collect())
}

/// The text of a key with `{name}` for the values that it is given.
fn translate(texts: &BTreeMap<String, String>, key: &str, values: &Kwargs) -> Result<String, Error> {
    let text = texts.get(key).ok_or_else(|| refused("the template has no text of this key"))?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, after)) if values.has(name) => {
                out.push_str(&values.get::<Value>(name)?.to_string());
                rest = after;
            }
            _ => {
                out.push('{');
                rest = after;
            }
        }
        if out.len() > MAX_FILTERED_BYTES {
            return Err(refused("`translate` would make too long a text"));
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Where a link leads whose target comes from data: over us where its host is one that the template names, else straight there.
fn link(common: &Common, state: &State, index: usize, target: &Value) -> Result<Value, Error> {
    let target = target.to_string();
    let target = target.trim();
    let bad = || refused("an address from data is not for mails").with_source(BadAddress);
    if target.chars().any(char::is_control) || target.len() > MAX_TARGET_BYTES {
        return Err(bad());
    }
    let small = target.get(..7).unwrap_or(target).to_ascii_lowercase();
    if small.starts_with("mailto:") || small.starts_with("tel:") || small.starts_with("sms:") {
        return Ok(address(state, target));
    }
    let hosts = common.links.get(index).map_or(&[][..], |link| &link.hosts);
    // Written in another way, or elsewhere: the parser of addresses knows.
    let plainly = hosts.iter().any(|host| is_at(target, host));
    let known = plainly || hosts.contains(&host(target).ok_or_else(bad)?);
    let utm = &common.utm;
    let target = if utm.parameters.is_empty() { target.to_owned() } else { utm.on(target) };
    person(state, |person| match &person.token {
        Some(token) if known => {
            Value::from_safe_string(format!("{}{index}/{}", person.clicks, token.seal(index, &target)))
        }
        _ => address(state, &target),
    })
}

/// Whether an address is plainly at this host: nothing stands before it, and nothing after it that could belong to its name.
fn is_at(target: &str, host: &str) -> bool {
    let after = target.strip_prefix("https://").or_else(|| target.strip_prefix("http://"));
    after.and_then(|after| after.strip_prefix(host)).is_some_and(|path| path.starts_with('/'))
}

/// The address of a picture from data; one of nothing, or that no mail program loads, is refused.
fn source(state: &State, said: &Value) -> Result<Value, Error> {
    let text = said.to_string();
    let fits = host(&text).is_some() || text.starts_with("cid:");
    if fits && !text.chars().any(char::is_control) {
        Ok(address(state, &text))
    } else {
        Err(refused("an address from data is not for mails").with_source(BadAddress))
    }
}

/// An address as it stands in the part: with nothing in it that could end an attribute, and readable, which escaping each slash is not.
fn address(state: &State, text: &str) -> Value {
    let mut out = String::with_capacity(text.len() + 16);
    let html = matches!(state.auto_escape(), AutoEscape::Html);
    for c in text.chars() {
        match c {
            '"' => out.push_str("%22"),
            '\'' => out.push_str("%27"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            ' ' => out.push_str("%20"),
            '&' if html => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    Value::from_safe_string(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{FILTERS, FUNCTIONS, TESTS};

    #[test]
    fn the_engine_has_exactly_what_the_language_has() {
        let common = Common { locale: "en".into(), texts: BTreeMap::new(), links: Vec::new(), utm: Utm::default() };
        let env = environment(Arc::new(common));
        let unknown =
            |source: &str, kind: ErrorKind| env.render_str(source, ()).is_err_and(|error| error.kind() == kind);
        for name in FILTERS {
            assert!(!unknown(&format!("{{{{ 1 | {name} }}}}"), ErrorKind::UnknownFilter), "{name}");
        }
        for name in TESTS {
            assert!(!unknown(&format!("{{{{ 1 is {name}(1) }}}}"), ErrorKind::UnknownTest), "{name}");
        }
        for name in FUNCTIONS {
            assert!(!unknown(&format!("{{{{ {name}(1) }}}}"), ErrorKind::UnknownFunction), "{name}");
        }
        for name in ["safe", "tojson", "attr", "map", "indent", "format", "pprint", "groupby"] {
            assert!(unknown(&format!("{{{{ 1 | {name} }}}}"), ErrorKind::UnknownFilter), "{name}");
        }
        for name in ["debug", "dict", "namespace"] {
            assert!(env.render_str(&format!("{{{{ {name}() }}}}"), ()).is_err(), "{name}");
        }
    }

    #[test]
    fn what_a_template_could_waste_ends_soon() {
        let common = Common { locale: "en".into(), texts: BTreeMap::new(), links: Vec::new(), utm: Utm::default() };
        let env = environment(Arc::new(common));
        let loops = "{% for a in range(1000) %}".repeat(4) + "x" + &"{% endfor %}".repeat(4);
        assert_eq!(env.render_str(&loops, ()).map_err(|error| error.kind()), Err(ErrorKind::OutOfFuel));
        for source in ["{{ range(1000000000) }}", "{{ 'aaaa' | replace('a', b) | replace('b', b) }}"] {
            let context = minijinja::context! { b => "b".repeat(10_000) };
            assert_eq!(
                env.render_str(source, context).map_err(|error| error.kind()),
                Err(ErrorKind::InvalidOperation),
                "{source}"
            );
        }
    }
}
