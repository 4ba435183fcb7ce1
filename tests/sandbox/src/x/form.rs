//! The two forms an X media request may have: multipart with raw bytes, or JSON with base64.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::BTreeMap;

use super::invalid;

/// The fields: texts, and the bytes of `media`.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) texts: BTreeMap<String, String>,
    pub(super) media: Bytes,
}

/// Reads either form.
pub(super) async fn parts(request: Request) -> Result<Parts, Response> {
    let json_body = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"));
    let mut found = Parts::default();
    if json_body {
        let Json(fields) = Json::<BTreeMap<String, Value>>::from_request(request, &())
            .await
            .map_err(|rejection| invalid("body", &Value::Null, &rejection.body_text()))?;
        for (name, value) in fields {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if name == "media" {
                let bytes =
                    STANDARD.decode(text).map_err(|_| invalid("media", &Value::Null, "media is not base64."))?;
                found.media = Bytes::from(bytes);
            } else {
                found.texts.insert(name, text);
            }
        }
        return Ok(found);
    }
    let broken = |message: String| invalid("body", &Value::Null, &message);
    let mut form = Multipart::from_request(request, &()).await.map_err(|rejection| broken(rejection.body_text()))?;
    while let Some(field) = form.next_field().await.map_err(|error| broken(error.body_text()))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "media" {
            found.media = field.bytes().await.map_err(|error| broken(error.body_text()))?;
        } else {
            let text = field.text().await.map_err(|error| broken(error.body_text()))?;
            found.texts.insert(name, text);
        }
    }
    Ok(found)
}
