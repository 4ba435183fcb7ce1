//! What the crate promises, by example and by chance.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod compiling;
mod kit;
mod links;
mod linting;
mod messages;
mod rendering;
mod tokens;
