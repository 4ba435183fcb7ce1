//! What the API takes and shows.

pub mod access;
pub mod egress;
pub mod operations;
