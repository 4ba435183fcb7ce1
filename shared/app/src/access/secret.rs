//! The text of keys and cookies: where the tenant and the record are named, and a 256-bit secret nobody stores.

use crate::{Deps, sha256_hex};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{KeyId, SessionId, TenantId};
use secrecy::{ExposeSecret, SecretString};

/// Length of a secret in characters: 32 bytes in base64url.
const SECRET_CHARS: usize = 43;

/// A new secret: 256 random bits in base64url.
pub(super) fn random(deps: &Deps) -> SecretString {
    let mut bytes = [0_u8; 32];
    deps.entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes).into()
}

/// What is stored of a secret.
pub(super) fn hash(secret: &SecretString) -> String {
    sha256_hex(secret.expose_secret().as_bytes())
}

/// Whether `presented` is the secret of `stored_hash`. With no hash the same work is done and the answer is no, so that
/// an unknown key and a wrong secret take as long as each other.
pub(super) fn matches(stored_hash: Option<&str>, presented: &str) -> bool {
    let presented = sha256_hex(presented.as_bytes());
    let nothing = "0".repeat(presented.len());
    let equal = verify_slices_are_equal(stored_hash.unwrap_or(&nothing).as_bytes(), presented.as_bytes()).is_ok();
    equal && stored_hash.is_some()
}

/// Whether two texts are equal, in a time that tells nothing about where they differ.
pub(super) fn same(a: &SecretString, b: &str) -> bool {
    matches(Some(&hash(a)), b)
}

/// The text of a key, shown once.
pub(super) fn key_text(tenant: TenantId, key: KeyId, secret: &SecretString) -> SecretString {
    format!("hk_{}_{}_{}", tenant.uuid().simple(), key.uuid().simple(), secret.expose_secret()).into()
}

/// Takes a key's text apart. The secret comes last, since base64url has underscores of its own.
pub(super) fn parse_key(text: &str) -> Option<(TenantId, KeyId, &str)> {
    let mut parts = text.strip_prefix("hk_")?.splitn(3, '_');
    let tenant = format!("ten_{}", parts.next()?).parse().ok()?;
    let key = format!("key_{}", parts.next()?).parse().ok()?;
    let secret = parts.next().filter(|s| s.len() == SECRET_CHARS)?;
    Some((tenant, key, secret))
}

/// The value of a session's cookie.
pub(super) fn cookie_text(tenant: TenantId, session: SessionId, secret: &SecretString) -> SecretString {
    format!("{}.{}.{}", tenant.uuid().simple(), session.uuid().simple(), secret.expose_secret()).into()
}

/// Takes a cookie's value apart.
pub(super) fn parse_cookie(text: &str) -> Option<(TenantId, SessionId, &str)> {
    let mut parts = text.splitn(3, '.');
    let tenant = format!("ten_{}", parts.next()?).parse().ok()?;
    let session = format!("ses_{}", parts.next()?).parse().ok()?;
    let secret = parts.next().filter(|s| s.len() == SECRET_CHARS)?;
    Some((tenant, session, secret))
}
