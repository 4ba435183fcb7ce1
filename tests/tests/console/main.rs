//! The console in a real browser (headless Chromium), on the deployed local stack.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

mod attention;
mod calendar;
mod composer;
mod enter;
mod extras;
mod files;
mod library;
mod series;
mod tour;
mod visit;
mod webhooks;
mod words;
