//! publishing-api.

fn main() {}
