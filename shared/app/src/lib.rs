//! The use cases: what Herald does, one module per capability, one function per command or query.
//!
//! A use case reads through ports, decides with `domain`, and commits once. It knows neither HTTP nor AWS.

pub mod access;
pub mod accounts;
pub mod audience;
pub mod audit;
pub mod campaigns;
mod deps;
mod digest;
mod error;
#[cfg(test)]
mod fakes;
mod idempotent;
pub mod inbound;
pub mod inbox;
mod mutate;
pub mod publishing;
mod relay;
mod shares;
pub mod webhooks;

pub use deps::{AccountDeps, Deps, PlatformDeps};
pub use digest::{sha256_hex, sha256_short};
pub use error::Error;
pub use idempotent::{Once, Reply};
pub use relay::relay;
