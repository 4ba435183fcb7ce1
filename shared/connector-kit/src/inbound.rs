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
use ports::Ask;
use serde_json::Value;

/// Most bytes of a call that only asks whether somebody is here: such a question is a line of text.
const MAX_QUESTION: usize = 16 * 1024;

/// The body of a call that may be a question. A larger one is none, and nothing of it is read before it is proved: as JSON it could
/// take a hundred times its size, and anybody can send it.
pub fn question(ask: &Ask<'_>) -> Option<Value> {
    if ask.body.len() > MAX_QUESTION { None } else { serde_json::from_slice(ask.body).ok() }
}

/// Something there is no word for.
pub fn unknown(id: impl Into<String>, kind: impl Into<String>) -> Heard {
    Heard { id: id.into(), at: None, to: None, what: What::Unknown { kind: kind.into() } }
}

/// Whether a secret of visible ASCII characters can be one: what people copy has no spaces within.
pub fn is_secret(text: &str) -> bool {
    (1..=1_024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_longer_than_a_question_is_not_read_as_one() {
        let ask = |body| Ask { method: "POST", url: "", query: "", headers: &[], body };
        assert!(question(&ask(b"{\"type\":1}")).is_some() && question(&ask(b"{")).is_none());
        let longer = format!("{{\"type\":1{}}}", " ".repeat(MAX_QUESTION));
        assert!(question(&ask(longer.as_bytes())).is_none());
    }
}
