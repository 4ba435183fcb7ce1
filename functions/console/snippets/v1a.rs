// cargo add aws-lc-rs base64 http
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderMap;

/// Whether the request is Herald's, whole, and not older than five minutes. `body` is its body byte for byte, `now_s` the second
/// it is.
pub fn verified(public_key: &str, body: &[u8], headers: &HeaderMap, now_s: i64) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let sent_at = header("webhook-timestamp");
    let is_fresh = sent_at.parse::<i64>().is_ok_and(|sent_at| now_s.abs_diff(sent_at) <= 300);
    let key = STANDARD.decode(public_key.trim_start_matches("whpk_")).unwrap_or_default();
    let signed = [format!("{}.{sent_at}.", header("webhook-id")).as_bytes(), body].concat();
    let is_signed = |one: &str| {
        let signature = one.strip_prefix("v1a,").and_then(|encoded| STANDARD.decode(encoded).ok());
        signature.is_some_and(|it| UnparsedPublicKey::new(&ED25519, &key).verify(&signed, &it).is_ok())
    };
    // While a key is replaced there are two signatures.
    is_fresh && header("webhook-signature").split(' ').any(is_signed)
}
