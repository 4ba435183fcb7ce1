//! How a receiver verifies what Herald sends, in the languages that most receivers are written in. The texts are the files below
//! `snippets`, and these very files are run by tests: those of the libraries by `cargo xtask interop`, the others by this crate's.

use domain::webhooks::Signature;

/// A program to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    /// The language.
    pub language: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! programs {
    ($scheme:literal) => {
        [
            programs!("Python", $scheme, "py"),
            programs!("JavaScript", $scheme, "mjs"),
            programs!("Rust", $scheme, "rs"),
            programs!("Shell with OpenSSL", $scheme, "sh"),
        ]
    };
    ($language:literal, $scheme:literal, $ext:literal) => {
        Program { language: $language, text: include_str!(concat!("../../snippets/", $scheme, ".", $ext)) }
    };
}

const V1: [Program; 4] = programs!("v1");
const V1A: [Program; 4] = programs!("v1a");

/// The programs for a scheme of signatures.
pub fn snippets(signature: Signature) -> &'static [Program] {
    match signature {
        Signature::V1 => &V1,
        Signature::V1a => &V1A,
    }
}
