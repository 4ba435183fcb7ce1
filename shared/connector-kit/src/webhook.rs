//! Webhooks by the Standard Webhooks specification 1.0.0: who receives one can prove that it is ours, whole and fresh.

mod validation;

use crate::egress::Egress;
use async_trait::async_trait;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::egress::EgressPolicy;
use domain::webhooks::{KEPT_BODY, TIMEOUT_S};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ports::{Agreed, NotAgreed, UrlNotAllowed, ValidationCall, WebhookAnswer, WebhookCall, WebhookSender};
use reqwest::Response;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Who calls.
const AGENT: &str = "Herald-Webhooks/1";
/// Headers of an answer that are kept.
const KEPT_HEADERS: usize = 20;
/// Characters of each.
const KEPT_VALUE: usize = 200;

/// A signing secret that is neither `whsec_` nor `whsk_` and base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing secret is malformed")]
pub struct BadSecret;

/// One signature over `id.timestamp.body`: by a secret (`whsec_`) `v1,` and the base64 of its HMAC-SHA256, by a private key
/// (`whsk_`, a seed of RFC 8032) `v1a,` and the base64 of its Ed25519 signature.
///
/// # Errors
/// The secret is neither of the two.
pub fn sign(secret: &SecretString, id: &str, timestamp: i64, body: &str) -> Result<String, BadSecret> {
    let signed = format!("{id}.{timestamp}.{body}");
    let (prefix, encoded) = secret.expose_secret().split_once('_').ok_or(BadSecret)?;
    let bytes = STANDARD.decode(encoded).ok().filter(|bytes| !bytes.is_empty()).ok_or(BadSecret)?;
    match prefix {
        "whsec" => {
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &bytes), signed.as_bytes());
            Ok(format!("v1,{}", STANDARD.encode(tag)))
        }
        "whsk" => {
            let pair = Ed25519KeyPair::from_seed_unchecked(&bytes).map_err(|_| BadSecret)?;
            Ok(format!("v1a,{}", STANDARD.encode(pair.sign(signed.as_bytes()))))
        }
        _ => Err(BadSecret),
    }
}

/// Sends webhooks through the guarded client.
#[derive(Clone)]
pub struct Webhooks(Arc<Egress>);

impl Webhooks {
    /// Sends through these clients.
    pub fn new(egress: Arc<Egress>) -> Self {
        Self(egress)
    }
}

fn headers(call: &WebhookCall<'_>) -> Result<HeaderMap, BadSecret> {
    let mut out = HeaderMap::new();
    let belongs_to_the_body = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("ce-") || name.starts_with("content-")
    };
    let theirs = call.headers.iter().filter(|(name, _)| !belongs_to_the_body(name));
    for (name, value) in theirs.chain(call.content_headers) {
        // Registration refuses bad names; what slipped through must not stop the event.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            out.insert(name, value);
        }
    }
    // The framing of the request is the client's affair.
    for name in [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION, header::UPGRADE] {
        out.remove(name);
    }
    out.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    if call.secrets.is_empty() {
        out.entry(header::USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
        return Ok(out);
    }
    let signatures: Result<Vec<_>, _> =
        call.secrets.iter().map(|secret| sign(secret, &call.id, call.timestamp, call.body)).collect();
    let ours = [
        ("webhook-id", call.id.clone()),
        ("webhook-timestamp", call.timestamp.to_string()),
        ("webhook-signature", signatures?.join(" ")),
        ("user-agent", AGENT.to_owned()),
    ];
    for (name, value) in ours {
        out.insert(HeaderName::from_static(name), HeaderValue::try_from(value).map_err(|_| BadSecret)?);
    }
    Ok(out)
}

#[async_trait]
impl WebhookSender for Webhooks {
    async fn check(&self, url: &str, policy: &EgressPolicy) -> Result<(), UrlNotAllowed> {
        self.0.check(url, policy).await
    }

    async fn validate(&self, call: ValidationCall<'_>) -> Result<Agreed, NotAgreed> {
        validation::ask(self, call).await
    }

    async fn send(&self, call: WebhookCall<'_>) -> WebhookAnswer {
        let lost = |what: String| WebhookAnswer { excerpt: what, ..WebhookAnswer::default() };
        let (client, url) = match self.0.customer(call.url, call.policy) {
            Ok(admitted) => admitted,
            Err(refused) => return lost(refused.to_string()),
        };
        let headers = match headers(&call) {
            Ok(headers) => headers,
            Err(bad) => return lost(bad.to_string()),
        };
        let request = client.post(url).headers(headers).timeout(self.0.at_most(Duration::from_secs(TIMEOUT_S)));
        match request.body(call.body.to_owned()).send().await {
            Ok(response) => {
                let retry_after_s = response.headers().get(header::RETRY_AFTER).and_then(|v| wait(v, call.timestamp));
                let status = Some(response.status().as_u16());
                let headers = if response.status().is_success() { BTreeMap::new() } else { told(response.headers()) };
                WebhookAnswer { status, excerpt: excerpt(response).await, retry_after_s, headers }
            }
            Err(error) if error.is_connect() => lost("no connection could be made".into()),
            Err(error) if error.is_timeout() => lost(format!("no answer within {TIMEOUT_S} s")),
            Err(_) => lost("the connection broke before the answer".into()),
        }
    }
}

/// The first headers of an answer, each cut to what is worth keeping.
fn told(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &HeaderValue| -> String {
        let text = String::from_utf8_lossy(value.as_bytes());
        text.chars().filter(|c| !c.is_control()).take(KEPT_VALUE).collect()
    };
    headers.iter().take(KEPT_HEADERS).map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// The beginning of the body as text without control characters. A body that breaks off keeps its beginning.
async fn excerpt(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = KEPT_BODY - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if bytes.len() >= KEPT_BODY {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// Seconds of a `Retry-After` (RFC 9110, 10.2.3): a number, however large, or a date in one of the three forms that a
/// recipient has to read (5.6.7), which is compared with the time of this attempt.
fn wait(value: &HeaderValue, now_s: i64) -> Option<u64> {
    let text = value.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.parse().unwrap_or(u64::MAX));
    }
    let at = date(text)?;
    Some(u64::try_from(at.as_second() - now_s).unwrap_or(0))
}

fn date(text: &str) -> Option<Timestamp> {
    let imf = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    let civil = |format| jiff::civil::DateTime::strptime(format, text).ok()?.to_zoned(TimeZone::UTC).ok();
    let obsolete = || civil("%A, %d-%b-%y %H:%M:%S GMT").or_else(|| civil("%a %b %e %H:%M:%S %Y"));
    imf.or_else(|| obsolete().map(|zoned| zoned.timestamp()))
}

#[cfg(test)]
mod tests;
