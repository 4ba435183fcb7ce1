//! connector-kit.
