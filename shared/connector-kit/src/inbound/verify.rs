//! Signatures, each compared by the library's own verification: what it takes does not tell how much was right.

use aws_lc_rs::{digest, hmac, signature};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ports::Refused;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use webpki::EndEntityCert;
use webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA256;

/// Seconds that a signature may be old, or ahead: what Standard Webhooks and the platforms that say so allow.
pub const WINDOW_S: i64 = 300;

/// What a signature in hex says; none where it is not exactly that.
pub fn hex_of(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok()
}

/// What a signature in base64 (RFC 4648, padded) says; none where it is not exactly that.
pub fn base64_of(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

fn hmac(algorithm: hmac::Algorithm, key: &[u8], parts: &[&[u8]], tag: Option<Vec<u8>>) -> Result<(), Refused> {
    let key = hmac::Key::new(algorithm, key);
    // A tag that cannot be read costs as much as a wrong one.
    hmac::verify(&key, &parts.concat(), &tag.unwrap_or_default()).map_err(|_| Refused::Wrong)
}

/// HMAC-SHA256 over the parts, one behind the other.
///
/// # Errors
/// [`Refused::Wrong`]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]], tag: Option<Vec<u8>>) -> Result<(), Refused> {
    hmac(hmac::HMAC_SHA256, key, parts, tag)
}

/// HMAC-SHA1 over the parts, for those who sign with nothing better.
///
/// # Errors
/// [`Refused::Wrong`]
pub fn hmac_sha1(key: &[u8], parts: &[&[u8]], tag: Option<Vec<u8>>) -> Result<(), Refused> {
    hmac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key, parts, tag)
}

/// The HMAC-SHA256 of a text in base64: what some ask us to answer a question with.
pub fn hmac_sha256_base64(key: &[u8], text: &[u8]) -> String {
    STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text))
}

/// Ed25519 (RFC 8032) under a public key of 32 bytes.
///
/// # Errors
/// [`Refused::Wrong`]
pub fn ed25519(public: Option<Vec<u8>>, message: &[u8], tag: Option<Vec<u8>>) -> Result<(), Refused> {
    let key = signature::UnparsedPublicKey::new(&signature::ED25519, public.unwrap_or_default());
    key.verify(message, &tag.unwrap_or_default()).map_err(|_| Refused::Wrong)
}

/// What stands before the 65 bytes of a point of P-256 in a `SubjectPublicKeyInfo` (RFC 5480, 2).
const P256_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Whether this is the base64 of a public key of P-256 (`SubjectPublicKeyInfo`, DER).
pub fn is_key_of_p256(text: &str) -> bool {
    base64_of(text).is_some_and(|der| der.len() == 91 && der.starts_with(&P256_HEAD))
}

/// ECDSA over P-256 with SHA-256: the signature in DER, the public key as `SubjectPublicKeyInfo` in DER.
///
/// # Errors
/// [`Refused::Wrong`]
pub fn ecdsa_p256(public: Option<Vec<u8>>, message: &[u8], tag: Option<Vec<u8>>) -> Result<(), Refused> {
    let public = public.unwrap_or_default();
    let point = public.strip_prefix(&P256_HEAD).unwrap_or_default();
    let key = signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point);
    key.verify(message, &tag.unwrap_or_default()).map_err(|_| Refused::Wrong)
}

/// RSA (PKCS #1, 1.5) with SHA-256 by the key of an X.509 certificate in PEM, of 2,048 bits at least. What the certificate says of
/// itself is not looked at: it is believed for the place where it lay.
///
/// # Errors
/// [`Refused::Wrong`]
pub fn rsa_sha256(certificate: &[u8], message: &[u8], tag: Option<Vec<u8>>) -> Result<(), Refused> {
    let der = CertificateDer::from_pem_slice(certificate).map_err(|_| Refused::Wrong)?;
    let holder = EndEntityCert::try_from(&der).map_err(|_| Refused::Wrong)?;
    let tag = tag.unwrap_or_default();
    holder.verify_signature(RSA_PKCS1_2048_8192_SHA256, message, &tag).map_err(|_| Refused::Wrong)
}

/// Whether a text that was sent is the secret itself. Hashes are compared, so that not even the length shows.
///
/// # Errors
/// [`Refused::Wrong`]
pub fn same(secret: &[u8], sent: &[u8]) -> Result<(), Refused> {
    let hash = |bytes| digest::digest(&digest::SHA256, bytes);
    aws_lc_rs::constant_time::verify_slices_are_equal(hash(secret).as_ref(), hash(sent).as_ref())
        .map_err(|_| Refused::Wrong)
}

/// Whether a body has this SHA-256.
///
/// # Errors
/// [`Refused::Wrong`]
pub fn is_hash_of(hash: Option<Vec<u8>>, body: &[u8]) -> Result<(), Refused> {
    let own = digest::digest(&digest::SHA256, body);
    aws_lc_rs::constant_time::verify_slices_are_equal(own.as_ref(), &hash.unwrap_or_default())
        .map_err(|_| Refused::Wrong)
}

/// Whether seconds since 1970, as a signature names them, are of now.
///
/// # Errors
/// [`Refused::Stale`]; [`Refused::Unproved`] where it is no number.
pub fn fresh(seconds: &str, now: Timestamp) -> Result<(), Refused> {
    let plain = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
    let then: i64 = seconds.parse().ok().filter(|_| plain).ok_or(Refused::Unproved)?;
    let off = now.as_second().checked_sub(then).ok_or(Refused::Stale)?;
    if off.abs() <= WINDOW_S { Ok(()) } else { Err(Refused::Stale) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_tag_is_right_whole_and_in_its_one_form() {
        let tag = crate::hmac_hex(b"k", b"ab");
        assert_eq!(hmac_sha256(b"k", &[b"a", b"b"], hex_of(&tag)), Ok(()));
        for bad in ["", &tag[..62], &format!("{tag}00"), &format!(" {tag}"), "zz"] {
            assert_eq!(hmac_sha256(b"k", &[b"ab"], hex_of(bad)), Err(Refused::Wrong), "{bad}");
        }
        assert_eq!(hmac_sha256(b"", &[b"ab"], None), Err(Refused::Wrong));
    }

    #[test]
    fn time_is_a_plain_number_within_five_minutes() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for (seconds, expected) in [
            ("1800000300", Ok(())),
            ("1799999700", Ok(())),
            ("1800000301", Err(Refused::Stale)),
            ("1799999699", Err(Refused::Stale)),
            ("9223372036854775807", Err(Refused::Stale)),
            ("", Err(Refused::Unproved)),
            ("+1800000000", Err(Refused::Unproved)),
            (" 1800000000", Err(Refused::Unproved)),
            ("1800000000.5", Err(Refused::Unproved)),
            ("99999999999999999999", Err(Refused::Unproved)),
        ] {
            assert_eq!(fresh(seconds, now), expected, "{seconds}");
        }
    }

    /// The vector of the vendor's own helper library for signed events (an event webhook with ECDSA).
    #[test]
    fn a_signature_of_p256_is_that_of_the_published_example() {
        let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA==";
        let tag = "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0=";
        let body = r#"1588788367{"category":"example_payload","event":"test_event","message_id":"message_id"}"#;
        assert!(is_key_of_p256(key));
        assert_eq!(ecdsa_p256(base64_of(key), body.as_bytes(), base64_of(tag)), Ok(()));
        assert_eq!(ecdsa_p256(base64_of(key), format!("{body}\n").as_bytes(), base64_of(tag)), Err(Refused::Wrong));
        assert_eq!(ecdsa_p256(None, body.as_bytes(), base64_of(tag)), Err(Refused::Wrong));
        for bad in ["", "AAAA", &key[..60], &key.replace("MFkw", "MFkx")] {
            assert!(!is_key_of_p256(bad), "{bad}");
        }
    }
}
