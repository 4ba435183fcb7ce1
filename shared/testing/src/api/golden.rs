//! Files that hold what the code says, reviewed as code is.

use std::path::Path;

/// Holds `text` against the file at `path`, from the root of the repository. `HERALD_BLESS=1` writes the file.
#[allow(clippy::disallowed_methods)] // a test's own switch is no configuration of a function
pub fn golden(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var_os("HERALD_BLESS").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let held = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(held, text, "{path} is not what the code says; if the code is right: HERALD_BLESS=1, and review it");
}
