//! Templates and recipients.

use jiff::tz::TimeZone;
use mail::token::{Keys, Subject, Token};
use mail::{
    Compiled, Fault, Kind, LinkPlace, Localised, Options, Recipient, Rendered, Template, Tracking, Variable,
    VariableType, compile,
};
use serde_json::{Map, Value};

pub(crate) const BASE: &str = "https://t.example.com";
pub(crate) const POSTAL: &str = "Herald's Ltd, 1 High St, London";

pub(crate) fn localised(texts: &[(&str, &str)]) -> Localised {
    texts.iter().map(|(locale, text)| ((*locale).to_owned(), (*text).to_owned())).collect()
}

pub(crate) fn variable(name: &str, kind: VariableType) -> Variable {
    Variable { name: name.into(), kind, ..Variable::default() }
}

/// A template in English with one body.
pub(crate) fn template(kind: Kind, body: &str) -> Template {
    Template {
        default_locale: "en".into(),
        subject: localised(&[("en", "News")]),
        kind,
        body: localised(&[("en", body)]),
        ..Template::default()
    }
}

pub(crate) fn html(body: &str, variables: &[(&str, VariableType)]) -> Template {
    let variables = variables.iter().map(|(name, kind)| variable(name, *kind)).collect();
    Template { variables, ..template(Kind::Html, body) }
}

pub(crate) fn tracked() -> Options {
    Options { tracking: Tracking { opens: true, clicks: true, trap: false }, ..Options::default() }
}

pub(crate) fn keys() -> Keys {
    Keys::new(1, b"0123456789abcdef0123456789abcdef")
}

pub(crate) fn subject() -> Subject {
    Subject {
        tenant: domain::TenantId::from_uuid(uuid::Uuid::from_u128(1)),
        run: [2; 16],
        contact: [3; 16],
        edition: 4,
    }
}

pub(crate) fn token() -> Token {
    Token::new(&keys(), &subject()).unwrap()
}

pub(crate) fn data(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(data) => data,
        other => panic!("{other} is no data"),
    }
}

pub(crate) fn recipient(value: Value, token: Option<&Token>) -> Recipient<'_> {
    Recipient {
        data: data(value).into(),
        zone: TimeZone::get("Europe/Vienna").unwrap(),
        place: token.map(|token| LinkPlace { base: BASE, token }),
        sent_at: "2026-11-30T23:30:00Z".parse().unwrap(),
        postal_address: POSTAL,
    }
}

pub(crate) fn compiled(template: &Template, options: &Options) -> Compiled {
    compile(template, "en", options).unwrap_or_else(|faults| panic!("{}", told(&faults)))
}

pub(crate) fn rendered(template: &Template, options: &Options, value: Value) -> Rendered {
    compiled(template, options).render(recipient(value, Some(&token()))).unwrap()
}

pub(crate) fn told(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("{}: {fault}", fault.code)).collect::<Vec<_>>().join("\n")
}

/// Code, part, line and column of what makes a template unusable.
pub(crate) fn refused(template: &Template, options: &Options) -> Vec<(String, String, usize, usize)> {
    let faults = compile(template, "en", options).err().unwrap_or_default();
    faults
        .into_iter()
        .filter(|fault| fault.severity == mail::Severity::Error)
        .inspect(|fault| assert!(fault.words.len() > 20 && fault.words.ends_with('.'), "{}", fault.words))
        .map(|fault| (fault.code, fault.place.part.to_string(), fault.place.line, fault.place.column))
        .collect()
}
