//! The description of this API is the code's: `docs/openapi/publishing-api.json` is what the routes say of themselves.
//! To write it anew: `HERALD_BLESS=1 cargo test -p publishing-api --test openapi`.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods)]

use std::path::PathBuf;

#[test]
fn the_document_is_what_the_code_says() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi/publishing-api.json");
    let text = publishing_api::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("HERALD_BLESS").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&file).unwrap_or_default(),
        text,
        "run it with HERALD_BLESS=1 and look at the difference"
    );
}
