//! The outside on one loopback port, for functions under measurement: as much of `DynamoDB`, SQS, `EventBridge`, Secrets Manager
//! and of one platform's API as a post's life asks for. It runs in a process of its own, so that its work is not counted.

mod tables;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::IntoResponse;
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tables::Tables;

/// Client and secret of the app at the platform.
const APP: (&str, &str) = ("bench", "bench-secret");

/// Where a customer's endpoint is.
pub const HOOK: &str = "/hook";

struct Cloud {
    tables: Mutex<Tables>,
    secrets: Mutex<BTreeMap<String, String>>,
    posts: AtomicU64,
}

/// Serves until the process ends; says its port on standard output first.
pub async fn serve() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let apps = json!({ "x": {
        "client_id": APP.0, "client_secret": APP.1,
        "bases": { "api": format!("http://127.0.0.1:{port}/x"), "authorize": format!("http://127.0.0.1:{port}/x") },
    }});
    let ring = json!({ "active": 1, "1": "a key of sixty-four characters, as the template would have it made" });
    let secrets = BTreeMap::from([("apps".to_owned(), apps.to_string()), ("ring".to_owned(), ring.to_string())]);
    let cloud = Cloud { tables: Mutex::default(), secrets: Mutex::new(secrets), posts: AtomicU64::new(0) };
    #[allow(clippy::print_stdout)] // whoever started it waits for this line
    {
        println!("{port}");
    }
    axum::serve(listener, Router::new().fallback(answer).with_state(Arc::new(cloud))).await.unwrap();
}

async fn answer(
    State(cloud): State<Arc<Cloud>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let (status, body) = match target.and_then(|target| target.split_once('.')) {
        Some((service, operation)) => {
            let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
            if service.starts_with("DynamoDB") {
                cloud.tables.lock().unwrap().answer(operation, &asked)
            } else {
                (200, cloud.aws(operation, &asked))
            }
        }
        None => cloud.platform(&method, uri.path(), &headers, &body),
    };
    let status = StatusCode::from_u16(status).unwrap();
    let kind = if target.is_some() { "application/x-amz-json-1.0" } else { "application/json" };
    (status, [("content-type", kind)], body.to_string())
}

impl Cloud {
    fn aws(&self, operation: &str, asked: &Value) -> Value {
        let mut secrets = self.secrets.lock().unwrap();
        match operation {
            "SendMessageBatch" => {
                let taken =
                    |entry: &Value| json!({ "Id": entry["Id"], "MessageId": entry["Id"], "MD5OfMessageBody": "" });
                let entries = asked["Entries"].as_array().unwrap();
                json!({ "Successful": entries.iter().map(taken).collect::<Vec<_>>(), "Failed": [] })
            }
            "PutEvents" => {
                let entries = asked["Entries"].as_array().unwrap();
                let taken: Vec<Value> = (0..entries.len()).map(|n| json!({ "EventId": n.to_string() })).collect();
                json!({ "FailedEntryCount": 0, "Entries": taken })
            }
            "GetSecretValue" => {
                let text = secrets.get(asked["SecretId"].as_str().unwrap()).cloned();
                json!({ "Name": asked["SecretId"], "VersionId": "1", "SecretString": text })
            }
            "PutSecretValue" => {
                let (name, text) = (asked["SecretId"].as_str().unwrap(), asked["SecretString"].as_str().unwrap());
                secrets.insert(name.to_owned(), text.to_owned());
                json!({ "Name": name, "VersionId": "2" })
            }
            other => panic!("nobody asks for {other}"),
        }
    }

    /// The platform, where a code is its user and a token names its user, and a customer's endpoint.
    fn platform(&self, method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> (u16, Value) {
        let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
        let user = bearer.and_then(|value| value.strip_prefix("Bearer token-"));
        match (method.as_str(), path, user) {
            ("POST", HOOK, _) if headers.contains_key("webhook-signature") => (200, Value::Null),
            ("POST", "/x/2/tweets", Some(_)) => {
                let id = 1_900_000_000_000_000_000 + self.posts.fetch_add(1, Ordering::Relaxed);
                let asked: Value = serde_json::from_slice(body).unwrap();
                (201, json!({ "data": { "id": id.to_string(), "text": asked["text"] } }))
            }
            ("POST", "/x/2/oauth2/token", _) => {
                let form = String::from_utf8_lossy(body);
                let code = form.split('&').find_map(|pair| pair.strip_prefix("code=")).unwrap();
                let scope = "tweet.read tweet.write users.read offline.access media.write";
                let token = format!("token-{code}");
                (
                    200,
                    json!({ "token_type": "bearer", "expires_in": 7200, "access_token": token,
                              "refresh_token": format!("refresh-{code}"), "scope": scope }),
                )
            }
            ("GET", "/x/2/users/me", Some(user)) => {
                (200, json!({ "data": { "id": user, "name": "Workshop", "username": format!("workshop{user}") } }))
            }
            _ => (404, json!({ "title": "nobody asks for this" })),
        }
    }
}
