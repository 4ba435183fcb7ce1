//! The store against its contract: one suite, run on memory and on DynamoDB (through an emulator).
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod arrivals;
mod audience;
mod campaigns;
mod commits;
mod conformance;
mod data_model;
mod dynamo;
mod faults;
mod fixtures;
mod lists;
mod lost_answers;
mod memory;
mod outbox;
mod sizes;
mod wire;
