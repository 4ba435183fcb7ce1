//! Drives the sandbox over real loopback HTTP, the way the connectors and the demo do.

// Setting up a test may panic. The sandbox is a stranger to the system, so its client and clock are plain ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::doc_markdown)]

mod bluesky;
mod discord;
mod faults;
mod harness;
mod hooks;
mod linkedin;
mod mailchimp;
mod mastodon;
mod medium;
mod meta;
mod oauth;
mod pages;
mod sendgrid;
mod slack;
mod telegram;
mod threads;
mod tiktok;
mod whatsapp;
mod wordpress;
mod x;
mod youtube;
