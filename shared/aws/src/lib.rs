//! The AWS services behind the ports: queues, bus, secrets, uploads, customers' own queues and buses, and the machine's clock and randomness.
//!
//! Why a crate of its own: the use cases must run without AWS (in tests and in the simulator), so that no SDK type may
//! reach them. Each module here turns one port into calls of one service and its answers back into our words.
//!
//! [`Aws`] is the one handle. It costs nothing to make: the SDK's configuration and each client are built at their
//! first use, once per process, because a function pays for everything it builds at every cold start.

mod apps;
mod bus;
mod cached;
mod config;
mod keyring;
#[cfg(test)]
mod loopback;
mod queues;
mod ring;
mod secrets;
mod sessions;
mod signed;
mod targets;
mod uploads;
mod world;

pub use apps::SecretPlatformApps;
pub use bus::EventBridgeBus;
pub use config::Aws;
pub use keyring::SecretKeyRing;
pub use queues::{QueueUrls, SqsQueues};
pub use ring::Ring;
pub use secrets::{TokenSecrets, bootstrap_token};
pub use targets::CustomerTargets;
pub use uploads::S3Uploads;
pub use world::{SystemClock, SystemEntropy};
