//! What the tests against real servers share: a proxy that loses answers, as networks do.
//!
//! `cargo xtask interop` starts the servers and runs the tests.

mod proxy;

pub use proxy::{Proxy, Request, Trouble};
