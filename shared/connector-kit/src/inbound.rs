//! What those who call us have in common: the checks of their signatures, which compare in constant time, and how their bodies
//! are read. Whose signature is made how stands in the connectors' folders; no platform's name occurs here.

mod query;
mod standard;
pub mod suite;
mod tree;
mod verify;

pub use query::{Pairs, param};
pub use standard::{STANDARD, Standard};
pub use tree::{Tree, seconds, unreadable};
pub use verify::{
    WINDOW_S, base64_of, ecdsa_p256, ed25519, fresh, hex_of, hmac_sha1, hmac_sha256, hmac_sha256_base64, is_hash_of,
    is_key_of_p256, rsa_sha256, same,
};

use domain::inbound::{Heard, What};

/// Something there is no word for.
pub fn unknown(id: impl Into<String>, kind: impl Into<String>) -> Heard {
    Heard { id: id.into(), at: None, to: None, what: What::Unknown { kind: kind.into() } }
}

/// Whether a secret of visible ASCII characters can be one: what people copy has no spaces within.
pub fn is_secret(text: &str) -> bool {
    (1..=1_024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
