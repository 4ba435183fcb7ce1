//! The templates of the business, and what a message makes of one.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Asked, BUSINESS, refused};
use crate::state::State;

/// One template in one language.
struct Template {
    name: &'static str,
    language: &'static str,
    status: &'static str,
    /// The format of the header, if it has one, and its text.
    header: Option<(&'static str, &'static str)>,
    body: &'static str,
    /// The type of a button, if there is one, and where it leads to.
    button: Option<(&'static str, &'static str)>,
}

const fn plain(name: &'static str, language: &'static str, status: &'static str, body: &'static str) -> Template {
    Template { name, language, status, header: None, body, button: None }
}

const ALL: [Template; 14] = [
    plain("order_ready", "en_US", "APPROVED", "Hi {{1}}, your order {{2}} is ready at the harbour."),
    plain("order_ready", "de", "APPROVED", "Hallo {{1}}, die Bestellung {{2}} liegt am Hafen bereit."),
    plain("order_ready_soon", "fr", "APPROVED", "Bientôt, {{1}}."),
    plain("hello_harbour", "en_US", "APPROVED", "Hello from the harbour."),
    plain("winter_sale", "en_US", "PENDING", "Winter sale, {{1}}."),
    plain("autumn_sale", "en_US", "REJECTED", "Autumn sale, {{1}}."),
    plain("summer_sale", "en_US", "PAUSED", "Summer sale, {{1}}."),
    plain("spring_sale", "en_US", "DISABLED", "Spring sale, {{1}}."),
    plain("named_places", "en_US", "APPROVED", "Hi {{first_name}}."),
    Template {
        header: Some(("IMAGE", "")),
        ..plain("new_menu", "en_US", "APPROVED", "The menu of {{1}} is out. Ask for {{1}}!")
    },
    Template { header: Some(("DOCUMENT", "")), ..plain("invoice", "en_US", "APPROVED", "Your invoice.") },
    Template { header: Some(("VIDEO", "")), ..plain("tour", "en_US", "APPROVED", "A walk through the harbour.") },
    Template { header: Some(("TEXT", "For {{1}}")), ..plain("headline", "en_US", "APPROVED", "Something new.") },
    Template {
        button: Some(("URL", "https://harbour.example/{{1}}")),
        ..plain("tracking", "en_US", "APPROVED", "Follow your order.")
    },
];

impl Template {
    fn view(&self, at: usize) -> Value {
        let mut components = Vec::new();
        if let Some((format, text)) = self.header {
            let mut header = json!({ "type": "HEADER", "format": format });
            if format == "TEXT" {
                header["text"] = json!(text);
            }
            components.push(header);
        }
        components.push(json!({ "type": "BODY", "text": self.body }));
        components.push(json!({ "type": "FOOTER", "text": "Harbour Coffee" }));
        if let Some((kind, url)) = self.button {
            let mut button = json!({ "type": kind, "text": "Open" });
            if kind == "URL" {
                button["url"] = json!(url);
            }
            components.push(json!({ "type": "BUTTONS", "buttons": [button] }));
        }
        json!({ "id": format!("92007035264{at:04}"), "name": self.name, "language": self.language,
                "status": self.status, "category": "UTILITY", "components": components })
    }

    /// The number of different places of the body.
    fn places(&self) -> usize {
        (1..=9).filter(|n| self.body.contains(&format!("{{{{{n}}}}}"))).count()
    }
}

/// A page of the templates whose names have what is asked for in them.
pub(super) fn list(state: &State, asked: &Asked) -> Response {
    if let Some(other) = asked.keys().find(|name| !matches!(name.as_str(), "name" | "after" | "fields" | "limit")) {
        return refused(400, 100, &format!("the sandbox does not know the parameter {other}"));
    }
    let name = asked.get("name").map_or("", String::as_str);
    let found: Vec<Value> =
        ALL.iter().enumerate().filter(|(_, one)| one.name.contains(name)).map(|(at, one)| one.view(at)).collect();
    let size = state.world().settings.whatsapp_page.max(1);
    let from: usize = asked.get("after").and_then(|after| after.parse().ok()).unwrap_or(0);
    let shown: Vec<&Value> = found.iter().skip(from).take(size).collect();
    let (after, more) = (from + shown.len(), from + size < found.len());
    let mut paging = json!({ "cursors": { "before": from.to_string(), "after": after.to_string() } });
    if more {
        let at = format!("{}/whatsapp/graph/v23.0/{BUSINESS}/message_templates", state.public_url());
        paging["next"] = json!(format!("{at}?after={after}"));
    }
    Json(json!({ "data": shown, "paging": paging })).into_response()
}

/// The values of the parameters of one part, and whether all are of this type.
fn parameters<'a>(components: &'a [Value], part: &str) -> Vec<&'a Value> {
    let of_part = components.iter().filter(|component| component["type"] == part);
    of_part.filter_map(|component| component["parameters"].as_array()).flatten().collect()
}

/// What a template says with what is given, and the id of the medium of its header; or what is wrong.
pub(super) fn filled(sent: &Value) -> Result<(String, Option<(String, String)>), Response> {
    let (name, language) = (sent["name"].as_str().unwrap_or_default(), &sent["language"]);
    if language["policy"].as_str().is_some_and(|policy| policy != "deterministic") {
        return Err(refused(400, 100, "template.language.policy must be deterministic"));
    }
    let code = language["code"].as_str().unwrap_or_default();
    let found = ALL.iter().find(|one| one.name == name && one.language == code);
    let Some(found) = found.filter(|one| !matches!(one.status, "PENDING" | "REJECTED")) else {
        return Err(refused(404, 132_001, "Template name does not exist in the translation"));
    };
    match found.status {
        "PAUSED" => return Err(refused(400, 132_015, "Template is paused")),
        "DISABLED" => return Err(refused(400, 132_016, "Template is disabled")),
        _ => {}
    }
    let components = sent["components"].as_array().map_or(&[][..], Vec::as_slice);
    let known = |component: &Value| matches!(component["type"].as_str(), Some("header" | "body" | "button"));
    if !components.iter().all(known) {
        return Err(refused(400, 100, "template.components: unknown type"));
    }
    let body = parameters(components, "body");
    let header = parameters(components, "header");
    let buttons = components.iter().filter(|component| component["type"] == "button").count();
    let of_button = usize::from(found.button.is_some_and(|(_, url)| url.contains("{{")));
    if body.len() != found.places() || buttons != of_button {
        return Err(refused(400, 132_000, "Number of parameters does not match the expected number of params"));
    }
    let mut text = found.body.to_owned();
    for (n, parameter) in body.iter().enumerate() {
        let Some(value) = parameter["text"].as_str().filter(|_| parameter["type"] == "text") else {
            return Err(refused(400, 132_012, "Parameter format does not match format in the created template"));
        };
        text = text.replace(&format!("{{{{{}}}}}", n + 1), value);
    }
    if text.chars().count() > 1_024 {
        return Err(refused(400, 132_005, "Template hydrated text too long"));
    }
    let wrong = || refused(400, 132_012, "Parameter format does not match format in the created template");
    let wanted = match found.header {
        Some(("TEXT", text)) if text.contains("{{") => Some("text"),
        Some(("TEXT", _)) | None => None,
        Some((format, _)) => Some(if format == "IMAGE" {
            "image"
        } else if format == "VIDEO" {
            "video"
        } else {
            "document"
        }),
    };
    match (wanted, header.as_slice()) {
        (None, []) => Ok((text, None)),
        (Some("text"), [one]) if one["type"] == "text" => Ok((text, None)),
        (Some(kind), [one]) if one["type"] == kind && one[kind]["caption"].is_null() => {
            let id = one[kind]["id"].as_str().ok_or_else(wrong)?;
            Ok((text, Some((kind.to_owned(), id.to_owned()))))
        }
        _ => Err(wrong()),
    }
}
