//! SHA-256, in the forms the ledger uses.

use aws_lc_rs::digest::{SHA256, digest};

/// SHA-256 in hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

/// The first 32 hex digits: enough to tell contents apart, half the bytes to store.
pub fn sha256_short(bytes: &[u8]) -> String {
    let mut full = sha256_hex(bytes);
    full.truncate(32);
    full
}
