//! The fields of a request, which Telegram takes as JSON, as a form or as a multipart form.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header;
use axum::response::Response;
use axum::{Form, Json};
use serde_json::Value;

use super::refused;

/// The fields: texts (anything else as its JSON), and files.
#[derive(Default)]
pub(super) struct Fields {
    texts: BTreeMap<String, String>,
    /// Each with what it is called.
    files: BTreeMap<String, (String, Bytes)>,
}

impl Fields {
    /// A field's text; empty when it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }

    /// A field that holds JSON.
    pub(super) fn json(&self, name: &str) -> Option<Value> {
        serde_json::from_str(self.text(name)).ok()
    }

    /// A file.
    pub(super) fn file(&self, name: &str) -> Option<&Bytes> {
        self.files.get(name).map(|(_, bytes)| bytes)
    }

    /// What a file is called.
    pub(super) fn file_name(&self, name: &str) -> Option<String> {
        self.files.get(name).map(|(called, _)| called.clone())
    }

    /// Bytes of all of it.
    pub(super) fn bytes(&self) -> usize {
        self.texts.values().map(String::len).sum::<usize>()
            + self.files.values().map(|(_, bytes)| bytes.len()).sum::<usize>()
    }

    /// Names of the texts.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }
}

/// Reads them.
pub(super) async fn read(request: Request) -> Result<Fields, Response> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let broken = |what: String| refused(400, &format!("Bad Request: {what}"));
    let mut fields = Fields::default();
    if kind.starts_with("application/json") {
        let Json(body) = Json::<Value>::from_request(request, &()).await.map_err(|e| broken(e.body_text()))?;
        for (name, value) in body.as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            fields.texts.insert(name.clone(), text);
        }
    } else if kind.starts_with("multipart/form-data") {
        let mut form = Multipart::from_request(request, &()).await.map_err(|e| broken(e.body_text()))?;
        while let Some(field) = form.next_field().await.map_err(|e| broken(e.body_text()))? {
            let name = field.name().unwrap_or_default().to_owned();
            if let Some(called) = field.file_name().map(str::to_owned) {
                fields.files.insert(name, (called, field.bytes().await.map_err(|e| broken(e.body_text()))?));
            } else {
                fields.texts.insert(name, field.text().await.map_err(|e| broken(e.body_text()))?);
            }
        }
    } else {
        let Form(body) = Form::<BTreeMap<String, String>>::from_request(request, &()).await.unwrap_or_default();
        fields.texts = body;
    }
    Ok(fields)
}
