//! The pages of the console, apart from the function that serves them.
//!
//! A library beside the binary, so that the tests and the gallery (`cargo run -p console --example gallery -- DIR`)
//! can render every page without a session, a store or a server.
//!
//! * [`view`]: what each page shows, as plain data; the handlers fill it and hold no markup.
//! * [`pages`]: which template shows which view, and the headers every page is served with.
//! * [`render`]: the template engine, set so strictly that a missing value is an error and not a gap on a page.
//! * [`assets`]: the stylesheet, the script and the icon, embedded and addressed by their content.

pub mod assets;
pub mod pages;
pub mod render;
pub mod view;
