//! The template engine, set so that a mistake is an error in a test and never a hole or a script on a page.
//!
//! Undefined values are errors, a `none` cannot be printed, every value is escaped for HTML, addresses are checked
//! for their scheme, and there is no loader: the templates are compiled in and parsed once per process.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, escape_formatter};
use serde::Serialize;

use crate::{assets, pages};

/// A page could not be rendered. It is always a mistake of ours (a template that asks for a value the view does not
/// have), so callers answer 500 and log it; the text names templates and fields, never what a person wrote.
#[derive(Debug, thiserror::Error)]
#[error("template {template} does not fit its view: {source}")]
pub struct RenderError {
    /// The template's name.
    pub template: &'static str,
    /// What the engine says, with line and field.
    #[source]
    pub source: Error,
}

static ENGINE: LazyLock<Result<Environment<'static>, (&'static str, String)>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::Html);
    engine.set_formatter(|out, state, value| {
        if value.kind() == ValueKind::None {
            return Err(Error::new(ErrorKind::InvalidOperation, "an absent value cannot be printed"));
        }
        escape_formatter(out, state, value)
    });
    engine.add_function("asset", asset);
    engine.add_filter("href", href);
    engine.add_filter("ink", ink);
    engine.add_filter("of", of);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    engine.set_syntax(syntax.map_err(|error| ("syntax", error.to_string()))?);
    for (name, source) in pages::TEMPLATES {
        engine.add_template(name, source).map_err(|error| (*name, error.to_string()))?;
    }
    Ok(engine)
});

/// Renders `template` with `context`, which must serialise to a map.
pub(crate) fn render(template: &'static str, context: &impl Serialize) -> Result<String, RenderError> {
    let failed = |source| RenderError { template, source };
    match &*ENGINE {
        Ok(engine) => engine.get_template(template).and_then(|page| page.render(Serde(context))).map_err(failed),
        Err((name, text)) => Err(failed(Error::new(ErrorKind::SyntaxError, format!("{name}: {text}")))),
    }
}

/// The address of an embedded file: `{{ asset("app.css") }}`.
fn asset(name: &str) -> Result<&'static str, Error> {
    assets::href(name)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("there is no asset called {name}")))
}

/// An address that is safe in `href` or `src`: a path of ours, a place on the page, or `http(s)`. Escaping does not stop
/// `javascript:`, so anything else becomes `#`.
fn href(address: &str) -> String {
    let local = address.starts_with('/') && !address.starts_with("//") && !address.starts_with("/\\");
    let scheme = address.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let web = matches!(scheme.as_deref(), Some("http" | "https"));
    // Browsers drop tabs and line ends inside an address before they read its scheme.
    let plain = !address.chars().any(char::is_control);
    if plain && (local || web || address.starts_with('#') || address.starts_with('?')) {
        address.to_owned()
    } else {
        "#".to_owned()
    }
}

/// Black or white, whichever is read better on the `#rrggbb` given (relative luminance of WCAG 2.2; 0.179 is where the
/// contrast to black and to white is equal).
fn ink(colour: &str) -> &'static str {
    let channel = |at: usize| {
        let value = colour
            .get(at..at + 2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .map_or(0.0, |value| f64::from(value) / 255.0);
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    if luminance > 0.179 { "#000" } else { "#fff" }
}

/// The texts of the field errors that belong to `field`: `{{ page.errors|of("text") }}`.
fn of(errors: &Value, field: &str) -> Result<Vec<Value>, Error> {
    let mut texts = Vec::new();
    for error in errors.try_iter()? {
        if error.get_attr("field")?.as_str() == Some(field) {
            texts.push(error.get_attr("text")?);
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_that_lacks_what_its_page_shows_is_an_error() {
        let missing = serde_json::json!({ "shell": null, "section": null, "page": { "status": 404 } });
        assert!(render("error.html", &missing).is_err());
    }

    #[test]
    fn an_absent_value_is_never_printed() {
        let absent = serde_json::json!({ "shell": null, "section": null, "page": {
            "status": 404, "title": null, "text": "", "correlation_id": "", "back_href": "/", "back_label": "" } });
        assert!(render("error.html", &absent).is_err());
    }

    #[test]
    fn only_our_paths_and_web_addresses_are_links() {
        for good in ["/console/queue?state=failed", "https://x.example/a", "HTTP://a.example", "#text", "?after=1"] {
            assert_eq!(href(good), good);
        }
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "java\tscript://x",
            "",
            "vbscript://a",
        ] {
            assert_eq!(href(bad), "#", "{bad}");
        }
    }

    #[test]
    fn the_letter_on_a_platforms_colour_is_readable() {
        assert_eq!(ink("#000000"), "#fff");
        assert_eq!(ink("#0a66c2"), "#fff");
        assert_eq!(ink("#ffdd00"), "#000");
        assert_eq!(ink("nonsense"), "#fff");
    }
}
