//! With what an endpoint's requests are signed.

use serde::{Deserialize, Serialize};

/// The scheme of the signatures of an endpoint, chosen when it is registered (Standard Webhooks 1.0.0, "Signature scheme").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signature {
    /// HMAC-SHA256 under a secret that both sides know.
    #[default]
    V1,
    /// Ed25519: the receiver has the public key only, and can forge nothing with it.
    V1a,
}

impl Signature {
    /// Every name on the wire.
    pub const NAMES: &[&str] = &["v1", "v1a"];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1a => "v1a",
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
    pub(super) fn is_v1(&self) -> bool {
        *self == Self::V1
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_scheme_is_stored_by_its_name_on_the_wire() {
        let all = [Signature::V1, Signature::V1a];
        assert_eq!(all.map(Signature::name), Signature::NAMES);
        for signature in all {
            assert_eq!(serde_json::to_value(signature).unwrap(), signature.name());
        }
    }
}
