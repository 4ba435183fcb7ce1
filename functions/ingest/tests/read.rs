//! Messages of the ingest queue.
#![allow(missing_docs, clippy::unwrap_used)]

use app::inbound::InboundDeps;
use domain::{ReceiptId, SourceId, TenantId};
use ports::{IngestJob, Inlets};
use runtime::queue::Message;
use std::sync::Arc;
use testing::{MemoryDocuments, World, now};

#[test]
fn a_message_of_another_version_is_poison_and_one_about_a_call_that_is_gone_is_done() {
    let documents = Arc::new(MemoryDocuments::default());
    let deps = InboundDeps { base: World::new(7).deps().base, inlets: Inlets::new(Vec::new()), documents };
    let text = r#"{"v":1,"tenant":"ten_0198c0ffee0070008000000000000001","source":"src_0198c0ffee0070008000000000000001","receipt":"rcp_0198c0ffee0070008000000000000001","cid":"c"}"#;
    let body: IngestJob = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&body).unwrap(), text, "a message keeps its form over releases");
    let deadline = deps.clock.now();
    let message = |v| Message {
        body: IngestJob { v, ..body.clone() },
        id: "m".into(),
        receipt: "r".into(),
        receives: 1,
        cid: "c".into(),
        deadline,
    };
    assert_eq!(now(ingest::read(&deps, message(1))), Ok(()));
    assert_eq!(now(ingest::read(&deps, message(2))).unwrap_err().code, "poison");
    let of = |id: &str| format!("{id}_0198c0ffee0070008000000000000001");
    assert_eq!(body.tenant, of("ten").parse::<TenantId>().unwrap());
    assert_eq!(body.source, of("src").parse::<SourceId>().unwrap());
    assert_eq!(body.receipt, of("rcp").parse::<ReceiptId>().unwrap());
}
