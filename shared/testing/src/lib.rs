//! Ports in memory with faults, and a simulator that runs the real use cases over them from one seed.
//!
//! Why a crate of its own: the promises that matter (nothing is posted twice, nothing is lost in silence, what is said is
//! true) can only be shown by running the code through more crashes, duplicates and lies than any test could write down.
//! [`World`] is also the plain test double of every port, for tests that need no storm.
// Test support and proofs: the pedantic group is for what ships.
#![allow(clippy::pedantic)]

pub mod api;
mod backend;
pub mod campaign;
mod chance;
mod documents;
mod egress;
mod engine;
mod inbox;
mod messaging;
mod mutant;
mod platform;
mod point;
mod secrets;
pub mod sim;
mod video;
mod weather;
mod world;

pub use chance::{Rng, SeededEntropy};
pub use documents::MemoryDocuments;
pub use egress::{Listener, Mood, RecordingMetrics, SameMedia};
pub use engine::{Engine, Fates, Happening, Kind, START_MS, TaskId};
pub use messaging::{MemoryBus, MemoryQueues, Message};
pub use mutant::Mutant;
pub use platform::{Arrival, Cap, FakePlatform, Grant, Hooked, Posted, Rules, Truth};
pub use point::{Point, SkewedClock};
pub use secrets::{AnyApp, MemorySecrets, PlaceSeal};
pub use video::video;
pub use weather::Weather;
pub use world::{
    ANSWERED, EITHER, KEYED, Process, READABLE, Roles, SESSION, VIDEOS, WRITE_ONLY, World, connect_as, now,
};
