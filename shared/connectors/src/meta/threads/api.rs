//! The wire types of Threads, named as it names them.

use secrecy::SecretString;
use serde::Deserialize;

/// What was made.
#[derive(Deserialize)]
pub(super) struct Made {
    pub(super) id: Option<String>,
}

/// `GET /{container}?fields=status,error_message`.
#[derive(Deserialize)]
pub(super) struct Status {
    pub(super) status: String,
    #[serde(default)]
    pub(super) error_message: String,
}

/// `GET /{media}?fields=permalink`.
#[derive(Deserialize)]
pub(super) struct Link {
    pub(super) permalink: Option<String>,
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
