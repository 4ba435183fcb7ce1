//! What is measured, and with what: `cargo xtask bench` runs these programs and prints their figures.
//!
//! Why a crate of its own: a measurement links the same code as the functions do, over ports that count, and nothing of
//! it may end up in a function. Counts are asserted in `tests`, so that the continuous integration holds them; speeds
//! are only printed, because a shared machine cannot hold them.
// Measuring programs: a failure is a panic with its place, clocks and the environment are theirs to read.
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod cloud;
pub mod cost;
pub mod cpu;
pub mod due;
pub mod hooks;
pub mod life;
pub mod mails;
pub mod meter;
pub mod platforms;
pub mod seed;
pub mod speed;
