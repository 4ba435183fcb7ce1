//! The console in a real browser (headless Chromium), on the deployed local stack.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

mod attention;
mod brand;
mod calendar;
mod composer;
mod enter;
mod extras;
mod files;
mod inbox;
mod library;
mod pictures;
mod series;
mod slots;
mod team;
mod tour;
mod videos;
mod visit;
mod webhooks;
mod words;
