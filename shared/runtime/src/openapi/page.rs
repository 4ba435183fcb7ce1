//! The description as a page that people read: plain HTML made here, without script and without anything from elsewhere.

use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::CONTENT_SECURITY_POLICY;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Write;

const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];
const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d9dee5;--tint:#f5f7fa;--mark:#2952cc}\
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa5b4;--line:#333c49;--tint:#1b222c;--mark:#8fabff}\
body{background:#12171e}}\
*{box-sizing:border-box}body{margin:0 auto;max-width:60rem;padding:1.5rem 1rem 4rem;color:var(--ink);\
font:16px/1.55 system-ui,sans-serif}h1{margin:0}h2{margin:2.5rem 0 .5rem;border-bottom:1px solid var(--line)}\
h3{margin:0;font-size:1rem;overflow-wrap:anywhere}h4{margin:1rem 0 .25rem;font-size:.85rem;color:var(--soft)}\
a{color:var(--mark)}code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}\
section{margin:1rem 0;padding:1rem;border:1px solid var(--line);border-radius:.5rem}\
.m{display:inline-block;min-width:4.2rem;font:700 .8rem ui-monospace,monospace;color:var(--mark)}\
p{margin:.4rem 0}.s{color:var(--soft)}div.t{overflow-x:auto}table{width:100%;border-collapse:collapse}\
td,th{padding:.3rem .6rem .3rem 0;text-align:left;vertical-align:top;border-top:1px solid var(--line)}\
th{font-size:.8rem;color:var(--soft);border:0}nav ul{columns:2;padding-left:1.1rem;overflow-wrap:anywhere}\
@media(max-width:36rem){nav ul{columns:1}}";

/// The page, with a policy that allows its one style and nothing else.
pub fn page_response(document: &Value) -> Response {
    let hash = STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, STYLE.as_bytes()).as_ref());
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'");
    let mut response = Html(page(document)).into_response();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The page.
pub fn page(document: &Value) -> String {
    Page { document, html: String::with_capacity(64 * 1024) }.render()
}

struct Page<'a> {
    document: &'a Value,
    html: String,
}

struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    id: String,
    value: &'a Value,
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// Text with `code` between backticks.
fn prose(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    pieces.map(|(n, s)| if n % 2 == 1 { format!("<code>{}</code>", escape(s)) } else { escape(s) }).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn object<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value[name].as_object().into_iter().flat_map(Map::iter)
}

impl<'a> Page<'a> {
    fn render(mut self) -> String {
        let info = &self.document["info"];
        self.add(format_args!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width,initial-scale=1\"><title>{0} API</title><style>{STYLE}</style></head><body>\
             <h1>{0} API</h1><p class=\"s\">Version {1} · <a href=\"/openapi.json\">OpenAPI document</a></p><p>{2}</p>",
            escape(text(info, "title")),
            escape(text(info, "version")),
            prose(text(info, "description")),
        ));
        let tags = self.by_tag();
        self.add(format_args!("<nav aria-label=\"Operations\"><ul>"));
        for operation in tags.values().flatten() {
            let (method, path) = (operation.method.to_uppercase(), escape(operation.path));
            self.add(format_args!("<li><a href=\"#{}\"><code>{method} {path}</code></a></li>", operation.id));
        }
        self.add(format_args!("</ul></nav>"));
        for (tag, operations) in &tags {
            self.add(format_args!("<h2>{}</h2>", escape(tag)));
            for operation in operations {
                self.operation(operation);
            }
        }
        self.add(format_args!("<h2>Forms</h2>"));
        let document = self.document;
        for (name, schema) in object(&document["components"], "schemas") {
            self.schema(name, schema);
        }
        self.add(format_args!("</body></html>"));
        self.html
    }

    fn add(&mut self, piece: std::fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = self.html.write_fmt(piece);
    }

    fn by_tag(&self) -> BTreeMap<String, Vec<Operation<'a>>> {
        let mut tags: BTreeMap<String, Vec<Operation<'a>>> = BTreeMap::new();
        for (path, item) in object(self.document, "paths") {
            for method in METHODS.into_iter().filter(|method| item[*method].is_object()) {
                let value = &item[method];
                let tag = value["tags"][0].as_str().unwrap_or("Other").to_owned();
                let slug: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
                tags.entry(tag).or_default().push(Operation { method, path, id: format!("{method}{slug}"), value });
            }
        }
        tags
    }

    fn operation(&mut self, operation: &Operation<'_>) {
        let value = operation.value;
        self.add(format_args!(
            "<section id=\"{}\"><h3><span class=\"m\">{}</span> <code>{}</code></h3><p>{}</p>",
            operation.id,
            operation.method.to_uppercase(),
            escape(operation.path),
            prose(text(value, "summary")),
        ));
        for paragraph in text(value, "description").split("\n\n").filter(|p| !p.is_empty()) {
            self.add(format_args!("<p>{}</p>", prose(paragraph)));
        }
        if value["security"].as_array().is_some_and(|list| list.iter().any(|one| one == &Value::Object(Map::new()))) {
            self.add(format_args!("<p class=\"s\">Open to everybody.</p>"));
        }
        let parameters: Vec<_> = value["parameters"].as_array().into_iter().flatten().collect();
        if !parameters.is_empty() {
            self.add(format_args!("<h4>Parameters</h4>"));
            self.table(parameters.into_iter().map(|p| {
                let name = format!("{} <span class=\"s\">in {}</span>", escape(text(p, "name")), escape(text(p, "in")));
                (name, form(&p["schema"]), p["required"] == true, prose(text(p, "description")))
            }));
        }
        for (media_type, content) in object(&value["requestBody"], "content") {
            let form = form(&content["schema"]);
            self.add(format_args!("<h4>Body</h4><p>{form} <span class=\"s\">as {}</span></p>", escape(media_type)));
        }
        self.add(format_args!("<h4>Answers</h4><div class=\"t\"><table>"));
        for (status, response) in object(value, "responses") {
            let response = self.resolve(response);
            let forms: Vec<_> = object(response, "content").map(|(_, content)| form(&content["schema"])).collect();
            let (status, description) = (escape(status), prose(text(response, "description")));
            self.add(format_args!("<tr><td>{status}</td><td>{description}</td><td>{}</td></tr>", forms.join(", ")));
        }
        self.add(format_args!("</table></div></section>"));
    }

    fn schema(&mut self, name: &str, schema: &Value) {
        let name = escape(name);
        self.add(format_args!("<section id=\"schema-{name}\"><h3><code>{name}</code></h3>"));
        self.add(format_args!("<p>{}</p>", prose(text(schema, "description"))));
        if schema["properties"].is_object() {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            self.table(object(schema, "properties").map(|(field, value)| {
                let must = required.iter().any(|r| r == field);
                (escape(field), form(value), must, prose(text(value, "description")))
            }));
        } else {
            self.add(format_args!("<p>{}</p>", form(schema)));
        }
        self.add(format_args!("</section>"));
    }

    fn table(&mut self, rows: impl Iterator<Item = (String, String, bool, String)>) {
        self.add(format_args!("<div class=\"t\"><table><tr><th>Name</th><th>Form</th><th>Meaning</th></tr>"));
        for (name, form, required, description) in rows {
            let must = if required { "" } else { " <span class=\"s\">optional</span>" };
            self.add(format_args!("<tr><td><code>{name}</code></td><td>{form}{must}</td><td>{description}</td></tr>"));
        }
        self.add(format_args!("</table></div>"));
    }

    fn resolve(&self, value: &'a Value) -> &'a Value {
        let target = value["$ref"].as_str().and_then(|r| self.document.pointer(r.trim_start_matches('#')));
        target.unwrap_or(value)
    }
}

/// What a schema allows, in a few words.
fn form(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#schema-{name}\"><code>{name}</code></a>");
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(list) = schema[several].as_array() {
            let glue = if several == "allOf" { " and " } else { " or " };
            return list.iter().map(form).collect::<Vec<_>>().join(glue);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let words = values.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
        return words.map(|word| format!("<code>{}</code>", escape(&word))).collect::<Vec<_>>().join(" ");
    }
    let types: Vec<_> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return "anything".to_owned(),
    };
    let named = types.into_iter().map(|name| match name {
        "array" => format!("list of {}", form(&schema["items"])),
        "object" => match object(schema, "properties").map(|(name, _)| escape(name)).collect::<Vec<_>>() {
            fields if fields.is_empty() => "object".to_owned(),
            fields => format!("object with <code>{}</code>", fields.join("</code>, <code>")),
        },
        other => {
            let mut words = escape(other);
            if let Some(format) = schema["format"].as_str() {
                let _ = write!(words, " ({})", escape(format));
            }
            for (limit, word) in [("minimum", "from"), ("maximum", "up to"), ("maxLength", "at most, in characters,")] {
                if schema[limit].is_number() {
                    let _ = write!(words, ", {word} {}", schema[limit]);
                }
            }
            words
        }
    });
    named.collect::<Vec<_>>().join(" or ")
}
