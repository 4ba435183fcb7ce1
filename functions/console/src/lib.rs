//! The console: its pages, and the handlers that fill them.
//!
//! A library beside the binary, so that the tests and the gallery (`cargo run -p console --example gallery -- DIR`)
//! can render every page without a session, a store or a server.
//!
//! * [`handler`]: one file per page: read the form, one use case, a page or a redirect.
//! * [`map`]: from entities to views; [`words`]: states and errors in people's words.
//! * [`view`]: what each page shows, as plain data; no handler holds markup.
//! * [`pages`]: which template shows which view, and the headers every page is served with.
//! * [`render`]: the template engine, set so strictly that a missing value is an error and not a gap on a page.
//! * [`assets`]: the stylesheet, the script and the icon, embedded and addressed by their content.

pub mod assets;
pub mod handler;
pub mod map;
pub mod pages;
pub mod render;
pub mod view;
pub mod words;
