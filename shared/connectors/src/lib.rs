//! One folder per platform, and the list of them. A platform's limits, addresses and quirks occur in its folder only, its
//! name there and here; no connector knows another. Platforms of one house, which speak one API, have their folders in one that
//! holds what they share.

// Platforms write their names as they please.
#![allow(clippy::doc_markdown)]

mod amazon_mail;
mod bluesky;
mod discord;
mod linkedin;
mod mailchimp;
mod mastodon;
mod medium;
mod meta;
mod sendgrid;
mod slack;
mod telegram;
mod tiktok;
mod twilio;
mod wordpress;
mod x;
mod youtube;

use connector_kit::inbound::{STANDARD, Standard};
use connector_kit::{Egress, Http, InTime};
use domain::PlatformId;
use domain::platform::Feature;
use ports::{AllRoles, Announce, Connect, Connector, Connectors, Find, Inlets, Manage, Publish, SourceForm};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What people look for among platforms, and why it is not there.
const ABSENT: [(&str, &str); 5] = [
    // No alias: it would name sites on their owners' servers, too.
    (
        "wordpress.com",
        "a site at WordPress.com is an account of the platform wordpress: name that platform, or the account by its id",
    ),
    ("facebook_groups", "Facebook took its API for groups away in April 2024: publish to a page"),
    ("facebook_events", "Facebook has no API for events any more: publish to a page, with a link to the event"),
    ("igtv", "Instagram gave IGTV up: publish the video as a reel"),
    ("twitter_spaces", "X lets nobody hold a space through its API: publish a post that tells of it"),
];

/// The registry over a list of platforms. One list makes every role, so that a platform cannot be in one and missing in another.
macro_rules! registry {
    ($($name:ident: $connector:ty),+ $(,)?) => {
        /// The platforms this build knows. Each method gives them in one role, and what it does not name is not linked: a function
        /// that never calls [`Registry::publish`] has no code that could publish.
        pub struct Registry {
            $($name: Arc<$connector>,)+
        }

        impl Registry {
            /// All platforms, calling through these clients.
            pub fn new(egress: Arc<Egress>) -> Self {
                let http = Http::new(egress);
                Self { $($name: Arc::new(<$connector>::new(http.clone())),)+ }
            }
            /// What each is.
            pub fn describe(&self) -> Connectors<dyn Connector> {
                Connectors::<dyn Connector>::new(vec![$(self.$name.clone()),+]).without(&ABSENT)
            }
            /// To connect accounts and keep their access.
            pub fn connect(&self) -> Connectors<dyn Connect> {
                Connectors::new(vec![$(self.$name.clone()),+])
            }
            /// To publish.
            pub fn publish(&self) -> Connectors<dyn Publish> {
                Connectors::new(vec![$(self.$name.clone()),+])
            }
            /// To read back, each reading in the time that its call allows.
            pub fn find(&self) -> Connectors<dyn Find> {
                Connectors::new(vec![$(Arc::new(InTime(self.$name.clone())) as Arc<dyn Find>),+])
            }
            /// To change and delete what is live.
            pub fn manage(&self) -> Connectors<dyn Manage> {
                Connectors::new(vec![$(self.$name.clone()),+])
            }
            /// For tests: all of that at once.
            pub fn all_roles(&self) -> Connectors<dyn AllRoles> {
                Connectors::new(vec![$(self.$name.clone()),+])
            }
        }
    };
}

registry! {
    x: x::X,
    linkedin: linkedin::LinkedIn,
    telegram: telegram::Telegram,
    discord: discord::Discord,
    mastodon: mastodon::Mastodon,
    slack: slack::Slack,
    wordpress: wordpress::WordPress,
    bluesky: bluesky::Bluesky,
    facebook: meta::Facebook,
    instagram: meta::Instagram,
    threads: meta::Threads,
    medium: medium::Medium,
    mailchimp: mailchimp::Mailchimp,
    sendgrid: sendgrid::SendGrid,
    youtube: youtube::YouTube,
    tiktok: tiktok::TikTok,
    whatsapp: meta::WhatsApp,
}

/// Who can call us, as people choose it: in the order in which it is shown.
const SOURCES: [&SourceForm; 15] = [
    &STANDARD,
    &meta::inbound::FACEBOOK,
    &meta::inbound::INSTAGRAM,
    &meta::inbound::WHATSAPP,
    &slack::inbound::FORM,
    &telegram::inbound::FORM,
    &x::inbound::FORM,
    &linkedin::inbound::FORM,
    &twilio::inbound::FORM,
    &sendgrid::inbound::FORM,
    &mailchimp::inbound::FORM,
    &discord::inbound::FORM,
    &tiktok::inbound::FORM,
    &youtube::inbound::FORM,
    &amazon_mail::inbound::FORM,
];

/// Who can call us.
pub fn sources() -> Arc<[&'static SourceForm]> {
    SOURCES.into()
}

/// How each of them proves itself, and what it tells.
pub fn inlets() -> Inlets {
    let hooks = |form| Arc::new(meta::inbound::Hooks(form));
    Inlets::new(vec![
        Arc::new(Standard),
        hooks(&meta::inbound::FACEBOOK),
        hooks(&meta::inbound::INSTAGRAM),
        hooks(&meta::inbound::WHATSAPP),
        Arc::new(slack::inbound::Events),
        Arc::new(telegram::inbound::Updates),
        Arc::new(x::inbound::Activity),
        Arc::new(linkedin::inbound::Notifications),
        Arc::new(twilio::inbound::Callbacks),
        Arc::new(sendgrid::inbound::Events),
        Arc::new(mailchimp::inbound::Audience),
        Arc::new(discord::inbound::Events),
        Arc::new(tiktok::inbound::Callbacks),
        Arc::new(youtube::inbound::Feed),
        Arc::new(amazon_mail::inbound::Topics),
    ])
}

/// Where people can be told of events.
const ANNOUNCERS: [&dyn Announce; 2] = [&slack::announce::Hook, &discord::announce::Hook];

/// Where people can be told of events.
pub fn announcers() -> Arc<[&'static dyn Announce]> {
    ANNOUNCERS.into()
}

/// The slug of a connector, at boot.
// A slug is a literal of this crate, and a test reads them all.
#[allow(clippy::expect_used)]
fn slug(name: &'static str) -> PlatformId {
    name.parse().expect("a slug")
}

/// A descriptor's reasons.
fn reasons(list: &[(Feature, &str)]) -> BTreeMap<Feature, String> {
    list.iter().map(|(feature, reason)| (*feature, (*reason).to_owned())).collect()
}

/// A descriptor's list of words.
fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests;
