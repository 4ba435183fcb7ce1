// cargo add standardwebhooks http
use http::HeaderMap;
use standardwebhooks::{Webhook, WebhookError};

/// Whether the request is Herald's, whole, and not older than five minutes. `body` is its body byte for byte.
pub fn verified(secret: &str, body: &[u8], headers: &HeaderMap) -> Result<(), WebhookError> {
    Webhook::new(secret)?.verify(body, headers)
}
