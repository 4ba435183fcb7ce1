//! Destinations besides https: queues and buses of customers' own accounts, and chats. The path is that of every endpoint.

use super::delivery::{attempted, message};
use super::*;
use crate::fakes::{Sent, shown};
use domain::events::DeliveryFacts;
use domain::webhooks::{Destination, EndpointStatus, Format, Signature, WAITS_S, WebhookState};
use ports::WebhookAnswer;
use secrecy::SecretString;

const ROLE: &str = "arn:aws:iam::210987654321:role/herald-events-a";
const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/210987654321/events.fifo";
const BUS: &str = "arn:aws:events:eu-west-1:210987654321:event-bus/events";
const CHAT: &str = "https://board.example/room/canary-token";

fn queue(url: &str) -> NewDestination {
    let url = Some(SecretString::from(url));
    NewDestination { kind: DestinationKind::Queue, url, arn: None, role_arn: Some(ROLE.into()) }
}

fn bus() -> NewDestination {
    let (arn, role_arn) = (Some(BUS.into()), Some(ROLE.into()));
    NewDestination { kind: DestinationKind::Bus, url: None, arn, role_arn }
}

fn chat(url: &str) -> NewDestination {
    NewDestination { kind: DestinationKind::Chat, url: Some(SecretString::from(url)), arn: None, role_arn: None }
}

fn at(destination: NewDestination) -> NewEndpoint {
    NewEndpoint { destination: Some(destination), ..NewEndpoint::default() }
}

/// A post that is live, as a platform tells of it.
fn published(world: &World, caller: &Caller, reason: &str) -> Event {
    let facts = DeliveryFacts {
        post_id: domain::PostId::from_uuid(Uuid::from_u128(7)),
        delivery_id: domain::DeliveryId::from_uuid(Uuid::from_u128(8)),
        account_id: domain::AccountId::from_uuid(Uuid::from_u128(9)),
        platform: "chirp".parse().unwrap(),
        status: reason.into(),
        platform_post_id: None,
        url: Some("https://chirp.example/p/1".into()),
        interaction_id: None,
        error_code: None,
    };
    world.deps.events(caller.tenant, "test", [EventData::PostPublished(facts)]).remove(0)
}

fn refused(result: Result<(EndpointId, String), Error>) -> Vec<(String, String)> {
    match result.unwrap_err() {
        Error::Invalid(violations) => violations.into_iter().map(|v| (v.code, v.field)).collect(),
        other => panic!("{other:?}"),
    }
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect()
}

#[tokio::test]
async fn a_queue_and_a_bus_are_told_by_their_role_for_their_own_tenant_and_keep_the_events_of_a_post_in_order() {
    let world = World::new();
    let owner = world.owner(1).await;
    for (n, destination) in [queue(QUEUE), bus()].into_iter().enumerate() {
        let (id, secret) = registered(&world, &owner, &at(destination), &n.to_string()).await.unwrap();
        assert_eq!(secret, "", "nothing is signed");
        let event = published(&world, &owner, "published");
        fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
        let kept = message(&world, &event, id).await;
        assert!(matches!(kept.state, WebhookState::Delivered { .. }), "{kept:?}");
        let sent = std::mem::take(&mut *world.outbound.sent.lock().unwrap());
        let expected = Sent {
            target: [format!("queue {QUEUE}"), format!("bus {BUS}")][n].clone(),
            role_arn: ROLE.into(),
            external_id: owner.tenant.to_string(),
            id: event.id.to_string(),
            kind: "post.published".into(),
            group: domain::PostId::from_uuid(Uuid::from_u128(7)).to_string(),
            body: kept.body,
        };
        assert_eq!(sent, [expected]);
        let listed = endpoint(&world.deps, &owner, id).await.unwrap().value;
        assert_eq!(listed.url, [QUEUE, BUS][n]);
        assert_eq!(listed.external_id(), Some(owner.tenant.to_string()));
        remove_endpoint(&world.deps, &owner, id, &once(&format!("d{n}")), &shown).await.unwrap();
    }
    let (id, _) = registered(&world, &owner, &at(queue(QUEUE)), "c").await.unwrap();
    fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
    assert_eq!(world.outbound.sent.lock().unwrap()[0].group, id.to_string(), "what concerns no post is one line");
    assert!(world.outbound.arrived.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_chat_is_told_in_words_unsigned_at_an_address_that_lies_sealed_and_is_never_shown() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, secret) = registered(&world, &owner, &at(chat(CHAT)), "a").await.unwrap();
    assert_eq!(secret, "");
    let event = published(&world, &owner, &format!("published\n{}", "x".repeat(300)));
    world.outbound.answers.lock().unwrap().push_back(WebhookAnswer {
        status: Some(500),
        excerpt: "who posts to /room/canary-token or https://board.example/room/canary-token?".into(),
        ..WebhookAnswer::default()
    });
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    let arrived = world.outbound.arrived.lock().unwrap()[0].clone();
    assert_eq!((arrived.url.as_str(), arrived.secrets.len()), ("https://board.example/room/canary-token?sure", 0));
    assert_eq!(arrived.headers, BTreeMap::from([("x-board".into(), "1".into())]));
    let body: serde_json::Value = serde_json::from_str(&arrived.body).unwrap();
    let (post, account) = (Uuid::from_u128(7).simple(), Uuid::from_u128(9).simple());
    let says = format!(
        "A POST IS LIVE ON ONE ACCOUNT.\nPlatform: CHIRP\nStatus: PUBLISHED {}…\nPost: POST_{}\nAccount: ACC_{}",
        "X".repeat(190),
        post.to_string().to_uppercase(),
        account.to_string().to_uppercase()
    );
    assert_eq!(body, serde_json::json!({ "says": says, "link": "https://chirp.example/p/1" }));

    let kept = message(&world, &event, id).await;
    assert!(kept.body.contains("\"type\":\"post.published\""), "the log has the event: {}", kept.body);
    let listed = endpoint(&world.deps, &owner, id).await.unwrap().value;
    assert_eq!(
        (listed.url.as_str(), listed.name.as_str()),
        ("https://board.example/room/…", "https://board.example/room/…")
    );
    let Destination::Chat { platform, address } = &listed.destination else { panic!("{listed:?}") };
    assert_eq!((platform.as_str(), address.as_str()), ("board", ""));
    assert_eq!(listed.external_id(), None);
    let everything = format!("{:?} {:?}", world.items(), world.outbound.told.lock().unwrap());
    assert!(!everything.contains("canary"), "{everything}");
}

#[tokio::test]
async fn a_test_says_in_a_chat_that_it_is_one() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &at(chat(CHAT)), "a").await.unwrap();
    for (n, kind) in [None, Some("post.failed")].into_iter().enumerate() {
        send_test(&world.deps, &owner, id, kind, &once(&n.to_string()), &shown).await.unwrap();
        let woken = messages(&world.deps, &owner, id, &LogFilter::default(), None, 10).await.unwrap().items;
        let event = woken.iter().find(|m| m.attempts.is_empty()).unwrap().event;
        attempt(&world.deps, owner.tenant, id, event, "test", Visit::FIRST).await.unwrap();
    }
    let arrived = world.outbound.arrived.lock().unwrap().clone();
    assert!(arrived[0].body.contains("TEST: SOMEBODY TRIED AN ENDPOINT OUT."), "{}", arrived[0].body);
    assert!(arrived[1].body.contains("TEST: A POST ENDED ON ONE ACCOUNT WITHOUT SUCCESS."), "{}", arrived[1].body);
}

#[tokio::test]
async fn a_role_that_asks_for_another_external_id_ends_visibly_dead_and_a_wait_in_words_is_kept() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &at(queue(QUEUE)), "a").await.unwrap();
    for _ in 0..=WAITS_S.len() {
        let excerpt = "not sent, since the role could not be taken on: AccessDenied".into();
        let answer = WebhookAnswer { status: Some(403), excerpt, ..WebhookAnswer::default() };
        world.outbound.answers.lock().unwrap().push_back(answer);
    }
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    for _ in WAITS_S {
        let due = message(&world, &event, id).await.wake.unwrap().at;
        world.clock.pass(due.duration_since(world.deps.clock.now()).as_secs() + 1);
        attempted(&world, &event, id).await;
    }
    let dead = message(&world, &event, id).await;
    assert!(matches!(&dead.state, WebhookState::Dead { reason, .. } if reason == "exhausted"), "{dead:?}");
    assert!(dead.attempts.iter().all(|a| a.status == Some(403) && a.excerpt.contains("AccessDenied")), "{dead:?}");
    let sent = world.outbound.sent.lock().unwrap().clone();
    assert!(sent.len() == 10 && sent.iter().all(|s| *s == sent[0]), "the same, under the same id");
    resend(&world.deps, &owner, id, event.id, &once("again"), &shown).await.unwrap();
    attempted(&world, &event, id).await;
    assert!(matches!(message(&world, &event, id).await.state, WebhookState::Delivered { .. }));

    let (told, _) = registered(&world, &owner, &at(chat(CHAT)), "b").await.unwrap();
    let busy = WebhookAnswer { status: Some(429), excerpt: "wait 7000".into(), ..WebhookAnswer::default() };
    world.outbound.answers.lock().unwrap().extend([WebhookAnswer { status: Some(200), ..busy.clone() }, busy]);
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    let due = message(&world, &event, told).await.wake.unwrap().at;
    assert!(due.duration_since(world.deps.clock.now()).as_secs() >= 7_000, "{due}");
}

#[tokio::test]
async fn a_lost_answer_is_followed_by_the_same_event_under_the_same_id() {
    let world = World::new();
    let owner = world.owner(1).await;
    let mut ids = Vec::new();
    for (n, destination) in [queue(QUEUE), bus(), chat(CHAT)].into_iter().enumerate() {
        ids.push(registered(&world, &owner, &at(destination), &n.to_string()).await.unwrap().0);
        world.outbound.answer(None);
    }
    let event = published(&world, &owner, "published");
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    for id in &ids {
        assert_eq!(message(&world, &event, *id).await.attempts[0].status, None);
    }
    world.clock.pass(10);
    for id in &ids {
        assert_eq!(attempted(&world, &event, *id).await, Attempted::Delivered);
    }
    let sent = world.outbound.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 4);
    for one in &sent {
        assert_eq!(sent.iter().filter(|other| *other == one).count(), 2, "{one:?}");
    }
    let arrived = world.outbound.arrived.lock().unwrap().clone();
    assert!(arrived.len() == 2 && arrived[0].body == arrived[1].body && arrived[0].id == arrived[1].id);
}

#[tokio::test]
async fn a_chat_that_is_gone_is_switched_off() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &at(chat(CHAT)), "a").await.unwrap();
    world.outbound.answer(Some(410));
    fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
    let off = endpoint(&world.deps, &owner, id).await.unwrap();
    assert!(matches!(off.value.status, EndpointStatus::Disabled { reason, .. } if reason == "gone"));
}

#[tokio::test]
async fn destinations_that_cannot_be_are_refused_by_field() {
    let world = World::new();
    let owner = world.owner(1).await;
    let invalid = |field: &str| pairs(&[("destination_invalid", &format!("/destination/{field}"))]);
    let none = |kind| NewDestination { kind, url: None, arn: None, role_arn: None };
    let other_role = |role: &str| NewDestination { role_arn: Some(role.into()), ..queue(QUEUE) };
    let both = |field| pairs(&[("destination_invalid", "/destination/role_arn"), ("destination_invalid", field)]);
    for (n, (destination, expected)) in [
        (none(DestinationKind::Queue), both("/destination/url")),
        (none(DestinationKind::Bus), both("/destination/arn")),
        (none(DestinationKind::Chat), invalid("url")),
        (queue("https://crm.example/hook"), invalid("url")),
        (other_role("arn:aws:iam::210987654321:role/admin"), invalid("role_arn")),
        (NewDestination { arn: Some(BUS.into()), ..queue(QUEUE) }, invalid("arn")),
        (NewDestination { url: Some(SecretString::from(QUEUE)), ..bus() }, invalid("url")),
        (NewDestination { arn: Some(QUEUE.into()), ..bus() }, invalid("arn")),
        (NewDestination { role_arn: Some(ROLE.into()), ..chat(CHAT) }, invalid("role_arn")),
        (NewDestination { arn: Some(BUS.into()), ..chat(CHAT) }, invalid("arn")),
        (chat("https://crm.example/hook"), invalid("url")),
        (chat(QUEUE), invalid("url")),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(refused(registered(&world, &owner, &at(destination), &n.to_string()).await), expected, "{n}");
    }
    let both = NewEndpoint { url: "https://crm.example".into(), ..at(chat(CHAT)) };
    let expected = pairs(&[("destination_conflict", "/destination")]);
    assert_eq!(refused(registered(&world, &owner, &both, "both").await), expected);
    let open = NewEndpoint { url: CHAT.into(), ..NewEndpoint::default() };
    assert_eq!(refused(registered(&world, &owner, &open, "open").await), pairs(&[("use_destination", "/url")]));
    let neither = refused(registered(&world, &owner, &NewEndpoint::default(), "neither").await);
    assert_eq!(neither, pairs(&[("url_not_allowed", "/url")]));
    assert!(endpoints(&world.deps, &owner).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_host_of_a_chat_or_of_a_platforms_api_is_no_https_endpoint_however_it_is_spelled() {
    let world = World::new();
    let owner = world.owner(1).await;
    for (url, code) in [
        ("HTTPS://Board.EXAMPLE/room/canary-token", "use_destination"),
        ("https://board.example:443/room/canary-token", "use_destination"),
        ("https://board.example./room/canary-token", "use_destination"),
        ("https://eu.board.example/api/v10/room/canary-token?wait=true", "use_destination"),
        ("https://a:b@board.example:8443/", "use_destination"),
        ("https://api.chirp.example/channels/1/messages", "url_not_allowed"),
        ("https://v2.API.chirp.example./", "url_not_allowed"),
    ] {
        let given = NewEndpoint { url: url.into(), ..NewEndpoint::default() };
        let Err(Error::Invalid(violations)) = registered(&world, &owner, &given, url).await else { panic!("{url}") };
        assert!(!format!("{violations:?}").contains("canary"), "nothing of the address is told");
        assert_eq!(refused(Err(Error::Invalid(violations))), pairs(&[(code, "/url")]), "{url}");
    }
    for url in [
        "https://chirp.example/hook",
        "https://notboard.example/",
        "https://board.example.org/",
        "https://x.org/board.example",
    ] {
        registered(&world, &owner, &NewEndpoint { url: url.into(), ..NewEndpoint::default() }, url).await.unwrap();
    }
}

#[tokio::test]
async fn what_a_destination_has_no_use_for_is_refused_by_field() {
    let world = World::new();
    let owner = world.owner(1).await;
    let headers = BTreeMap::from([("X-A".to_owned(), "v".to_owned())]);
    let secret = Some(SecretString::from(format!("whsec_{}", "A".repeat(32))));
    let all = NewEndpoint { headers, secret, signature: Signature::V1a, ..at(queue(QUEUE)) };
    let expected = ["/headers", "/secret", "/signature"].map(|field| ("not_for_destination", field));
    assert_eq!(refused(registered(&world, &owner, &all, "all").await), pairs(&expected));
    for (n, (destination, format, fine)) in [
        (queue(QUEUE), Format::Cloudevents, true),
        (bus(), Format::Cloudevents, true),
        (chat(CHAT), Format::Cloudevents, false),
        (queue(QUEUE), Format::CloudeventsBinary, false),
        (bus(), Format::CloudeventsBinary, false),
        (chat(CHAT), Format::CloudeventsBinary, false),
    ]
    .into_iter()
    .enumerate()
    {
        let new = NewEndpoint { format, ..at(destination) };
        let result = registered(&world, &owner, &new, &n.to_string()).await;
        if fine {
            result.unwrap();
        } else {
            assert_eq!(refused(result), pairs(&[("not_for_destination", "/format")]), "{n}");
        }
    }
    let id = endpoints(&world.deps, &owner).await.unwrap()[0].id;
    let rotation = rotate_secret(&world.deps, &owner, id, &Rotation::default(), &once("r"), &shown).await;
    assert!(matches!(rotation, Err(Error::Conflict { code: "unsigned", .. })), "{rotation:?}");
}

async fn edited(world: &World, owner: &Caller, id: EndpointId, key: &str, edit: EndpointEdit) -> Vec<(String, String)> {
    let rev = endpoint(&world.deps, owner, id).await.unwrap().rev;
    let base = "https://herald.example";
    match edit_endpoint(&world.deps, owner, id, rev, &edit, base, &once(key), &shown).await {
        Err(Error::Invalid(violations)) => violations.into_iter().map(|v| (v.code, v.field)).collect(),
        other => {
            other.unwrap();
            Vec::new()
        }
    }
}

#[tokio::test]
async fn a_destination_is_changed_for_another_of_its_kind_and_its_waits_are_forgotten() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &at(chat(CHAT)), "a").await.unwrap();
    let (https, _) = registered(&world, &owner, &new("https://a.example", &["post.failed"]), "b").await.unwrap();
    let to = |destination| EndpointEdit { destination: Some(destination), ..EndpointEdit::default() };
    let url = |url: &str| EndpointEdit { url: Some(url.into()), ..EndpointEdit::default() };
    let kind = pairs(&[("destination_invalid", "/destination/kind")]);
    assert_eq!(edited(&world, &owner, id, "1", to(queue(QUEUE))).await, kind);
    assert_eq!(edited(&world, &owner, https, "2", to(chat(CHAT))).await, kind);
    assert_eq!(edited(&world, &owner, id, "3", url(CHAT)).await, pairs(&[("not_for_destination", "/url")]));
    let format = EndpointEdit { format: Some(Format::Cloudevents), ..EndpointEdit::default() };
    assert_eq!(edited(&world, &owner, id, "4", format).await, pairs(&[("not_for_destination", "/format")]));
    let headers = BTreeMap::from([("X-A".to_owned(), Some("v".to_owned()))]);
    let headers = EndpointEdit { headers, ..EndpointEdit::default() };
    assert_eq!(edited(&world, &owner, id, "5", headers).await, pairs(&[("not_for_destination", "/headers")]));

    let busy = WebhookAnswer { status: Some(429), retry_after_s: Some(900), ..WebhookAnswer::default() };
    world.outbound.answers.lock().unwrap().push_back(busy);
    fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
    let wait = endpoint_with_health(&world.deps, &owner, id).await.unwrap().1.quiet_until;
    assert!(wait.is_some());
    // The same room, whose token alone is another.
    assert_eq!(edited(&world, &owner, id, "6", to(chat("https://board.example/room/second"))).await, []);
    assert_eq!(endpoint_with_health(&world.deps, &owner, id).await.unwrap().1.quiet_until, None);
    fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
    let arrived = world.outbound.arrived.lock().unwrap().clone();
    assert_eq!(arrived.last().unwrap().url, "https://board.example/room/second?sure");
}

#[tokio::test]
async fn one_chat_has_one_endpoint_of_a_tenant_so_that_its_platforms_limit_is_kept() {
    let world = World::new();
    let (owner, other) = (world.owner(1).await, world.owner(2).await);
    let hall = "https://board.example/hall/other-token";
    let (id, _) = registered(&world, &owner, &at(chat(CHAT)), "a").await.unwrap();
    let (second, _) = registered(&world, &owner, &at(chat(hall)), "b").await.unwrap();
    // The same room under another token is the same room.
    for (n, address) in [CHAT, "https://board.example/room/second"].into_iter().enumerate() {
        let refused = registered(&world, &owner, &at(chat(address)), &format!("c{n}")).await;
        let Err(Error::Invalid(violations)) = refused else { panic!("{refused:?}") };
        assert_eq!((&*violations[0].code, &*violations[0].field), ("already_told", "/destination/url"));
        assert!(violations[0].detail.contains(&id.to_string()) && !violations[0].detail.contains("token"));
        let to = EndpointEdit { destination: Some(chat(address)), ..EndpointEdit::default() };
        let twice = pairs(&[("already_told", "/destination/url")]);
        assert_eq!(edited(&world, &owner, second, &format!("d{n}"), to.clone()).await, twice);
        assert_eq!(edited(&world, &owner, id, &format!("e{n}"), to).await, [], "its own");
    }
    registered(&world, &other, &at(chat(CHAT)), "a").await.unwrap();
    for key in ["q1", "q2"] {
        registered(&world, &owner, &at(queue(QUEUE)), key).await.unwrap();
    }
}

#[tokio::test]
async fn after_a_key_rotation_the_address_of_a_chat_is_resealed_and_still_opens_and_a_queue_has_nothing_to_reseal() {
    let world = World::new();
    let owner = world.owner(1).await;
    registered(&world, &owner, &at(chat(CHAT)), "a").await.unwrap();
    registered(&world, &owner, &at(queue(QUEUE)), "b").await.unwrap();
    world.deps.sealer.rotate().await.unwrap();
    let moved = crate::accounts::reseal(&world.deps, &owner).await.unwrap();
    assert_eq!((moved.endpoints, moved.left), (1, 0));
    fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
    assert_eq!(world.outbound.arrived.lock().unwrap()[0].url, "https://board.example/room/canary-token?sure");
    assert_eq!(world.outbound.sent.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_chat_gets_no_more_a_minute_than_its_platform_takes_whatever_its_owner_says() {
    for (given, expected) in [(None, 30), (Some(1_000), 30), (Some(7), 7)] {
        let world = World::new();
        let owner = world.owner(1).await;
        let new = NewEndpoint { rate_per_minute: given, ..at(chat(CHAT)) };
        let (id, _) = registered(&world, &owner, &new, "chat").await.unwrap();
        let events: Vec<Event> = (0..40).map(|_| published(&world, &owner, "published")).collect();
        for event in &events {
            fan_out(&Batch::default(), &world.deps, event, Visit::FIRST).await.unwrap();
        }
        assert_eq!(world.outbound.arrived.lock().unwrap().len(), expected, "{given:?}");
        let last = message(&world, &events[39], id).await;
        assert!(last.place.is_some(), "the rest stands in line: {last:?}");
    }
}
