//! The wire types of Threads, named as it names them.

use secrecy::SecretString;
use serde::Deserialize;

/// `GET /{container}?fields=status,error_message`.
#[derive(Deserialize)]
pub(super) struct Status {
    pub(super) status: String,
    #[serde(default)]
    pub(super) error_message: String,
}

/// The answer to a code.
#[derive(Deserialize)]
pub(super) struct Short {
    pub(super) access_token: SecretString,
}

/// `GET /me`.
#[derive(Deserialize)]
pub(super) struct Me {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    pub(super) username: Option<String>,
}
