//! An event in people's words, made of the body of its message.

use super::catalogue::EventType;
use domain::webhooks::WebhookMessage;
use ports::ChatWords;
use serde_json::{Map, Value};
use url::Url;

/// Characters of a fact. What is ours is shorter; the rest is for whoever looks into the log.
const MAX_FACT: usize = 200;
/// Characters of a link.
const MAX_LINK: usize = 1_000;
/// What is told of an event besides what happened, in this order, and how people call it. An event has some of it.
const FACTS: [(&str, &str); 12] = [
    ("platform", "Platform"),
    ("kind", "Kind"),
    ("change", "Change"),
    ("status", "Status"),
    ("reason", "Reason"),
    ("error_code", "Code"),
    ("due_at", "Due"),
    ("approve_by", "Approve by"),
    ("post_id", "Post"),
    ("account_id", "Account"),
    ("series_id", "Series"),
    ("endpoint_id", "Endpoint"),
];
/// Of which events the catalogue's sentence is for programs, and what people are told instead.
const SENTENCES: [(&str, &str); 1] = [("post.failed", "A post ended on one account without success.")];

/// What a message says. A body that cannot be read still has the event's type.
pub(super) fn of(message: &WebhookMessage) -> ChatWords {
    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let none = Map::new();
    let data = body["data"].as_object().unwrap_or(&none);
    let text = |field: &str| data.get(field).and_then(Value::as_str);
    let facts = FACTS.iter().filter_map(|(field, name)| Some((*name, line(text(field)?))));
    let link = text("url").and_then(|url| Url::parse(url).ok()).filter(|url| matches!(url.scheme(), "http" | "https"));
    let mark = if body["test"] == true { "Test: " } else { "" };
    ChatWords {
        title: format!("{mark}{}", sentence(&message.kind)),
        facts: facts.collect(),
        link: link.map(String::from).filter(|link| link.len() <= MAX_LINK),
    }
}

fn sentence(kind: &str) -> &str {
    let own = SENTENCES.iter().find(|(name, _)| *name == kind).map(|(_, sentence)| *sentence);
    own.or_else(|| EventType::named(kind).map(|kind| kind.about)).unwrap_or(kind)
}

/// One line of a text that may come from anywhere.
fn line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_FACT).collect();
    if text.chars().count() > MAX_FACT { format!("{plain}…") } else { plain }
}
