//! What the general parts of the sandbox need to know of a platform: of all whose accounts bring keys of their own, and of those
//! with consent pages that need no more than this.

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::ops::{Op, Platform};
use crate::state::State;
use crate::{
    bluesky, discord, mailchimp, mastodon, medium, meta, sendgrid, slack, telegram, tiktok, whatsapp, wordpress,
    youtube,
};

/// Somebody, or some bot, with a key.
pub(crate) struct Keyholder {
    /// What tests and the demo call it.
    pub(crate) handle: &'static str,
    /// The platform's id of it.
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) key: &'static str,
}

/// One platform.
pub(crate) struct Site {
    pub(crate) platform: Platform,
    /// The name people know.
    pub(crate) title: &'static str,
    /// Colour of its timeline, as CSS has it.
    pub(crate) brand: &'static str,
    /// Nobody, where people consent.
    pub(crate) keyholders: &'static [Keyholder],
    /// What the keyholder enters to connect, by the names of the connector's form.
    pub(crate) entries: fn(&State, &Keyholder) -> Value,
    /// The endpoints.
    pub(crate) routes: fn(&State) -> Router<State>,
    /// The operation behind a method and the path below `/<platform>/`.
    pub(crate) op: fn(&Method, &str) -> Option<Op>,
    /// The body it usually sends with such a status.
    pub(crate) problem: fn(StatusCode, &str) -> Response,
}

/// All of them.
pub(crate) const SITES: [&Site; 15] = [
    &telegram::SITE,
    &discord::SITE,
    &mastodon::SITE,
    &slack::SITE,
    &wordpress::SITE,
    &bluesky::SITE,
    &meta::FACEBOOK,
    &meta::INSTAGRAM,
    &meta::THREADS,
    &medium::SITE,
    &mailchimp::SITE,
    &sendgrid::SITE,
    &youtube::SITE,
    &tiktok::SITE,
    &whatsapp::SITE,
];

/// The site of a platform; none for the two that are not told by one.
pub(crate) fn of(platform: Platform) -> Option<&'static Site> {
    SITES.into_iter().find(|site| site.platform == platform)
}

/// A success that lacks what it should name.
pub(crate) fn nameless() -> Response {
    Json(json!({"ok": true})).into_response()
}

impl Site {
    /// Whose key this is.
    pub(crate) fn holder(&self, key: &str) -> Option<&'static Keyholder> {
        self.keyholders.iter().find(|holder| holder.key == key)
    }
}
