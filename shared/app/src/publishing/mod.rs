//! publishing.
