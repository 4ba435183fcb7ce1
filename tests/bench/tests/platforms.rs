//! What a delivery costs on each platform: the table of the document is what is measured.
#![allow(missing_docs, clippy::unwrap_used)]

use bench::platforms::all;
use std::collections::BTreeSet;

#[tokio::test]
async fn the_documents_table_of_platforms_is_what_is_measured() {
    let text = include_str!("../../../docs/costs.md");
    let taken = Box::pin(all(2)).await;
    let rows: Vec<String> = taken.iter().map(bench::platforms::Taken::row).collect();
    let missing: Vec<&String> = rows.iter().filter(|row| !text.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "docs/costs.md lacks what is measured; all rows:\n{}", rows.join("\n"));
    let registry = connectors::Registry::new(connector_kit::Egress::new(connector_kit::Guard::new(false)));
    let known = registry.describe();
    let known: BTreeSet<&str> = known.all().iter().map(|connector| connector.descriptor().id.as_str()).collect();
    assert_eq!(taken.iter().map(|one| one.platform).collect::<BTreeSet<_>>(), known, "every platform is measured");
}
