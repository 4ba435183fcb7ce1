//! console.

fn main() {}
