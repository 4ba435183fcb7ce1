//! Logs: one JSON object per line on standard output, where Lambda picks them up.
//!
//! A line has `timestamp`, `level`, `function`, `message`, the fields of the spans around it (above all `cid`) and its
//! own. Values are serialised, so that a line break in a value cannot make a second line. Of libraries only warnings are
//! let through, whatever level is asked for: at their chattier levels the SDKs and the HTTP stack write requests with
//! their headers and bodies.

use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;
use std::fmt;
use std::io::Write;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};

/// Crates of this workspace that a function links, all of them (a test compares): these are let through at the configured
/// level.
const OURS: &[&str] = &[
    "domain",
    "ports",
    "app",
    "connector_kit",
    "connectors",
    "store",
    "aws",
    "runtime",
    "wire",
    "wiring",
    "accounts_api",
    "publishing_api",
    "webhooks_api",
    "audience_api",
    "admin_api",
    "console",
    "scheduler",
    "publisher",
    "reconciler",
    "notifier",
    "receiver",
    "ingest",
];

/// Lambda's runtime: its span names the request.
const LIBRARY_SPANS: &str = "lambda_runtime";

/// Starts logging and makes a panic a log line. Safe to call twice (tests): the first one stands.
pub(crate) fn start(function: &'static str, level: Level) {
    let lines = JsonLines { function, write: write_stdout };
    let filter = tracing_subscriber::filter::filter_fn(move |metadata| lets_through(metadata, level));
    let subscriber = tracing_subscriber::registry().with(lines.with_filter(filter));
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let at = panic.location().map(ToString::to_string).unwrap_or_default();
            // Only a literal: a formatted message may hold anything.
            let what = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(a formatted message)");
            tracing::error!(at, what, "panic");
        }));
    }
}

fn lets_through(metadata: &Metadata<'_>, level: Level) -> bool {
    let crate_name = metadata.target().split("::").next().unwrap_or_default();
    let ours = OURS.contains(&crate_name);
    if metadata.is_span() && (ours || crate_name == LIBRARY_SPANS) {
        // A span carries the correlation id: it must be there even when only errors are logged.
        return *metadata.level() <= level.max(Level::INFO);
    }
    *metadata.level() <= if ours { level } else { level.min(Level::WARN) }
}

fn write_stdout(line: &[u8]) {
    // With the lock held for the whole line; nothing sensible can be done when standard output is gone.
    let _ = std::io::stdout().lock().write_all(line);
}

struct JsonLines<W> {
    function: &'static str,
    write: W,
}

#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn set(&mut self, field: &Field, value: Value) {
        match self.0.iter_mut().find(|(name, _)| *name == field.name()) {
            Some((_, old)) => *old = value,
            None => self.0.push((field.name(), value)),
        }
    }
}

impl Visit for Fields {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value.into());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.into());
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}").into());
    }
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&[u8]) + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = Fields::default();
        event.record(&mut own);
        let mut all = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                all.0.extend(fields.0.iter().cloned());
            }
        }
        all.0.append(&mut own.0);
        let mut line = Vec::with_capacity(256);
        if line_of(&mut line, self.function, event.metadata(), all).is_ok() {
            line.push(b'\n');
            (self.write)(&line);
        }
    }
}

fn line_of(
    line: &mut Vec<u8>,
    function: &str,
    metadata: &Metadata<'_>,
    fields: Fields,
) -> Result<(), serde_json::Error> {
    // A nearer field hides a farther one of the same name, so that each key occurs once.
    let mut last: Vec<(&str, Value)> = Vec::with_capacity(fields.0.len());
    for (name, value) in fields.0 {
        last.retain(|(there, _)| *there != name);
        last.push((name, value));
    }
    let mut serializer = serde_json::Serializer::new(line);
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("timestamp", &format!("{:.3}", crate::clock::now()))?;
    map.serialize_entry("level", metadata.level().as_str())?;
    map.serialize_entry("function", function)?;
    for (name, value) in last.iter().filter(|(name, _)| !matches!(*name, "timestamp" | "level" | "function")) {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

#[cfg(test)]
pub(crate) mod capture {
    //! Log lines of a test.

    use super::*;
    use std::sync::{Arc, Mutex, OnceLock};
    use tracing::Dispatch;
    use tracing::subscriber::DefaultGuard;

    /// While only one subscriber lives, `tracing` asks just the current thread's whether anyone wants a call site. Another
    /// test's thread has none, and its "no" would be remembered for ours. With a second one alive it asks all of them.
    static SECOND: OnceLock<Dispatch> = OnceLock::new();

    /// Captures the lines of this thread until the guard goes.
    pub(crate) fn lines(level: Level) -> (Arc<Mutex<Vec<String>>>, DefaultGuard) {
        SECOND.get_or_init(|| Dispatch::new(tracing_subscriber::registry()));
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let sink = seen.clone();
        let write = move |line: &[u8]| {
            if let Ok(mut seen) = sink.lock() {
                seen.push(String::from_utf8_lossy(line).into_owned());
            }
        };
        let lines = JsonLines { function: "test", write };
        let filter = tracing_subscriber::filter::filter_fn(move |metadata| lets_through(metadata, level));
        let subscriber = tracing_subscriber::registry().with(lines.with_filter(filter));
        (seen, tracing::subscriber::set_default(subscriber))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_is_one_json_object_with_the_correlation_id_of_its_span() {
        let (seen, _guard) = capture::lines(Level::INFO);
        let span = tracing::info_span!("outer", cid = "c1", route = "/a");
        let _entered = span.enter();
        let inner = tracing::info_span!("inner", route = "/b", ms = tracing::field::Empty);
        inner.record("ms", 5);
        let _inner = inner.enter();
        tracing::info!(count = 2, note = "two\nlines \"quoted\"", "done {}", 1);
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].matches('\n').count(), 1);
        let line: Value = serde_json::from_str(&seen[0]).unwrap();
        assert_eq!(line["cid"], "c1");
        assert_eq!((&line["route"], &line["ms"], &line["count"]), (&"/b".into(), &5.into(), &2.into()));
        assert_eq!((&line["level"], &line["message"]), (&"INFO".into(), &"done 1".into()));
        assert_eq!(line["note"], "two\nlines \"quoted\"");
        assert!(line["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
        assert_eq!(seen[0].matches("\"route\"").count(), 1);
    }

    #[test]
    fn libraries_are_heard_from_warnings_on_whatever_level_is_asked_for() {
        let (seen, _guard) = capture::lines(Level::TRACE);
        tracing::debug!(target: "aws_smithy_runtime::client", "request with a token");
        tracing::info!(target: "hyper_util", "connected");
        tracing::warn!(target: "aws_config", "odd");
        tracing::trace!(target: "store::dynamo", "ours");
        assert_eq!(seen.lock().unwrap().len(), 2);
    }

    #[test]
    fn the_correlation_id_stays_when_only_errors_are_logged() {
        let (seen, _guard) = capture::lines(Level::ERROR);
        let _entered = tracing::info_span!("outer", cid = "c1").entered();
        tracing::info!("not this");
        tracing::error!("this");
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 1);
        assert!(seen[0].contains(r#""cid":"c1""#));
    }
}
