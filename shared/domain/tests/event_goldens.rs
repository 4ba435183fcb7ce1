//! Every domain event keeps its form on the wire: `events/domain/<type>.v1.json`. A changed form is a new version, not
//! a changed file. To write the file of a new event: `HERALD_BLESS=1 cargo test -p domain --test event_goldens`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use domain::events::{
    AccountFacts, AddressFacts, ApprovalFacts, DeliveryFacts, EVENT_TYPES, EndpointFacts, Event, EventData,
    ExpiryFacts, InteractionFacts, PostFacts, SeriesFacts, StatusFacts,
};
use domain::inbound::{Changed, MessageStanding};
use domain::{AccountId, DeliveryId, EndpointId, EventId, IncomingId, MemberId, PostId, SeriesId, SourceId, TenantId};
use std::path::PathBuf;
use uuid::Uuid;

fn samples() -> Vec<EventData> {
    let id = Uuid::from_u128(0x0198_c0ff_ee00_7000_8000_0000_0000_0001);
    let delivery = |status: &str| DeliveryFacts {
        post_id: PostId::from_uuid(id),
        delivery_id: DeliveryId::from_uuid(id),
        account_id: AccountId::from_uuid(id),
        platform: "sample".parse().unwrap(),
        status: status.into(),
        platform_post_id: (status == "published").then(|| "1234567890".into()),
        url: (status == "published").then(|| "https://example.com/posts/1234567890".into()),
        interaction_id: None,
        error_code: (status != "published").then(|| "example".into()),
    };
    let account = |reason: Option<&str>| AccountFacts {
        account_id: AccountId::from_uuid(id),
        platform: "sample".parse().unwrap(),
        reason: reason.map(str::to_owned),
    };
    let expiry = ExpiryFacts {
        account_id: AccountId::from_uuid(id),
        platform: "sample".parse().unwrap(),
        expires_at: "2026-12-31T08:00:00Z".parse().unwrap(),
    };
    let endpoint = |reason: &str| EndpointFacts { endpoint_id: EndpointId::from_uuid(id), reason: reason.into() };
    let approval = ApprovalFacts {
        post_id: PostId::from_uuid(id),
        hash: "79662fea9dc8db2e1b4034e4acf1e303".into(),
        approve_by: "2026-12-01T09:00:00Z".parse().unwrap(),
        member_id: MemberId::from_uuid(id),
    };
    let series = |post: bool, reason: Option<&str>| SeriesFacts {
        series_id: SeriesId::from_uuid(id),
        due_at: Some("2026-12-01T08:00:00Z".parse().unwrap()),
        post_id: post.then(|| PostId::from_uuid(id)),
        reason: reason.map(str::to_owned),
    };
    let due_at = Some("2026-12-01T08:00:00Z".parse().unwrap());
    let (incoming_id, source_id) = (IncomingId::from_uuid(id), SourceId::from_uuid(id));
    let (account_id, sender) = (Some(AccountId::from_uuid(id)), "sample".parse::<domain::PlatformId>().unwrap());
    let address = |reason: Option<&str>| AddressFacts {
        incoming_id,
        source_id,
        account_id: None,
        platform: sender.clone(),
        reason: reason.map(str::to_owned),
    };
    vec![
        EventData::PostScheduled(PostFacts { post_id: PostId::from_uuid(id), due_at }),
        EventData::PostPublished(delivery("published")),
        EventData::PostFailed(delivery("failed")),
        EventData::PostMissed(delivery("missed")),
        EventData::PostCanceled(delivery("canceled")),
        EventData::PostOutcomeUnknown(delivery("attention")),
        EventData::PostApprovalRequested(approval.clone()),
        EventData::PostApproved(approval.clone()),
        EventData::PostRejected(approval),
        EventData::SeriesRunWaits(series(true, None)),
        EventData::SeriesRunSkipped(series(false, Some("missed"))),
        EventData::SeriesPaused(series(true, Some("account_disconnected"))),
        EventData::SeriesEnded(series(true, None)),
        EventData::AccountConnected(account(None)),
        EventData::AccountDisconnected(account(None)),
        EventData::AccountNeedsReconnect(account(Some("revoked"))),
        EventData::AccountExpiring(expiry),
        EventData::EndpointDisabled(endpoint("gone")),
        EventData::EndpointFailing(endpoint("failing")),
        EventData::WebhookTest(endpoint("test")),
        EventData::InteractionReceived(InteractionFacts {
            incoming_id,
            source_id,
            account_id,
            platform: sender.clone(),
            kind: "comment".into(),
            change: Changed::Added,
        }),
        EventData::MessageStatusChanged(StatusFacts {
            incoming_id,
            source_id,
            account_id,
            platform: sender.clone(),
            status: MessageStanding::Failed,
            error_code: Some("131026".into()),
        }),
        EventData::ContactOptedOut(address(None)),
        EventData::MailBounced(address(Some("permanent"))),
        EventData::MailComplained(address(None)),
    ]
}

fn event(data: EventData) -> Event {
    let id = Uuid::from_u128(0x0198_c0ff_ee00_7000_8000_0000_0000_0002);
    let at = "2026-12-01T08:00:01Z".parse().unwrap();
    Event { id: EventId::from_uuid(id), tenant: TenantId::from_uuid(id), at, cid: "sample".into(), data }
}

#[test]
fn every_event_type_has_a_golden_file_and_keeps_its_form() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events/domain");
    let bless = std::env::var_os("HERALD_BLESS").is_some();
    let mut seen: Vec<&str> = Vec::new();
    for data in samples() {
        let kind = data.kind();
        seen.push(kind);
        let event = event(data);
        let text = serde_json::to_string_pretty(&event).unwrap() + "\n";
        let file = folder.join(format!("{kind}.v1.json"));
        if bless && !file.exists() {
            std::fs::write(&file, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("no golden file {}", file.display()));
        assert_eq!(text, golden, "{kind} changed its form: give it a new version");
        assert_eq!(serde_json::from_str::<Event>(&golden).unwrap(), event, "{kind} does not read its own form");
    }
    assert_eq!(seen, EVENT_TYPES, "the list of event types and the samples differ");
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, EVENT_TYPES.len(), "a golden file belongs to no event");
}
