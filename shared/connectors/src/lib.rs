//! One folder per platform, and the list of them. A platform's limits, addresses and quirks occur in its folder only, its
//! name there and here; no connector knows another. Platforms of one house, which speak one API, have their folders in one that
//! holds what they share.

// Platforms write their names as they please.
#![allow(clippy::doc_markdown)]

mod bluesky;
mod discord;
mod linkedin;
mod mailchimp;
mod mastodon;
mod medium;
mod meta;
mod slack;
mod telegram;
mod wordpress;
mod x;

use connector_kit::{Egress, Http};
use domain::PlatformId;
use ports::{Connector, Connectors};
use std::sync::Arc;

/// The platforms this build knows.
pub struct Registry(Vec<Arc<dyn Connector>>);

impl Registry {
    /// All platforms, calling through these clients.
    pub fn new(egress: Arc<Egress>) -> Self {
        let http = Http::new(egress);
        Self(vec![
            Arc::new(x::X::new(http.clone())),
            Arc::new(linkedin::LinkedIn::new(http.clone())),
            Arc::new(telegram::Telegram::new(http.clone())),
            Arc::new(discord::Discord::new(http.clone())),
            Arc::new(mastodon::Mastodon::new(http.clone())),
            Arc::new(slack::Slack::new(http.clone())),
            Arc::new(wordpress::WordPress::new(http.clone())),
            Arc::new(bluesky::Bluesky::new(http.clone())),
            Arc::new(meta::Facebook::new(http.clone())),
            Arc::new(meta::Instagram::new(http.clone())),
            Arc::new(medium::Medium::new(http.clone())),
            Arc::new(mailchimp::Mailchimp::new(http)),
        ])
    }
}

impl Connectors for Registry {
    fn get(&self, platform: &PlatformId) -> Option<Arc<dyn Connector>> {
        self.0.iter().find(|c| c.descriptor().id == *platform).cloned()
    }

    fn named(&self, name: &str) -> Option<Arc<dyn Connector>> {
        self.0.iter().find(|c| c.descriptor().answers_to(name)).cloned()
    }

    fn all(&self) -> Vec<Arc<dyn Connector>> {
        self.0.clone()
    }
}

/// The slug of a connector, at boot.
// A slug is a literal of this crate, and a test reads them all.
#[allow(clippy::expect_used)]
fn slug(name: &'static str) -> PlatformId {
    name.parse().expect("a slug")
}

/// A descriptor's list of words.
fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests;
