//! Signing secrets and key pairs that are made here.

use crate::{Deps, Error};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::webhooks::Signature;
use secrecy::SecretString;

/// What an endpoint's requests are signed with from now on.
pub(super) struct Signing {
    /// The secret, or the private key.
    pub(super) secret: SecretString,
    /// The public key that belongs to a private one.
    pub(super) public_key: Option<String>,
}

impl Signing {
    /// The secret that somebody brings along; without one, a new secret or pair.
    pub(super) fn given_or_made(
        deps: &Deps,
        signature: Signature,
        given: Option<&SecretString>,
    ) -> Result<Self, Error> {
        if let Some(secret) = given {
            return Ok(Self { secret: secret.clone(), public_key: None });
        }
        let mut bytes = [0_u8; 32];
        deps.entropy.fill(&mut bytes);
        let encoded = STANDARD.encode(bytes);
        Ok(match signature {
            Signature::V1 => Self { secret: format!("whsec_{encoded}").into(), public_key: None },
            Signature::V1a => {
                let pair = Ed25519KeyPair::from_seed_unchecked(&bytes)
                    .map_err(|_| Error::Internal("no key pair could be made".into()))?;
                let public_key = Some(format!("whpk_{}", STANDARD.encode(pair.public_key())));
                Self { secret: format!("whsk_{encoded}").into(), public_key }
            }
        })
    }

    /// What people are shown, this once: a secret that both sides have to know. A private key stays here.
    pub(super) fn shown(&self) -> Option<SecretString> {
        self.public_key.is_none().then(|| self.secret.clone())
    }
}
