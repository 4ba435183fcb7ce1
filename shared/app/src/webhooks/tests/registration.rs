use super::*;
use crate::fakes::shown;
use domain::access::Role;
use domain::webhooks::MAX_ENDPOINTS;

fn codes(result: Result<(EndpointId, String), Error>) -> Vec<String> {
    match result.unwrap_err() {
        Error::Invalid(violations) => violations.into_iter().map(|v| v.code).collect(),
        Error::Conflict { code, .. } => vec![code.into()],
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_endpoint_gets_a_secret_that_is_shown_once_and_lies_sealed() {
    let world = World::new();
    let owner = world.owner(1).await;
    let mut wanted = new("https://crm.example/hook", &["post.published", "post.published"]);
    wanted.headers.insert("Authorization".into(), "Basic canary-password".into());
    let (id, secret) = registered(&world, &owner, &wanted, "a").await.unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44);
    assert_eq!(registered(&world, &owner, &wanted, "a").await.unwrap(), (id, secret.clone()), "a repetition");

    let listed = endpoints(&world.deps, &owner).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].events, ["post.published"]);
    assert_eq!((listed[0].secret.as_str(), listed[0].headers["Authorization"].as_str()), ("", ""));
    let everything = format!("{:?}", world.items());
    assert!(!everything.contains(&secret) && !everything.contains("canary"));
}

#[tokio::test]
async fn addresses_that_may_not_be_called_get_one_answer() {
    let world = World::new();
    let owner = world.owner(1).await;
    let long = format!("https://crm.example/{}", "x".repeat(2_048));
    let bad = ["http://crm.example", "https://private.example", "nonsense", "", "https://herald.example/loop", &long];
    for (i, url) in bad.into_iter().enumerate() {
        assert_eq!(
            codes(registered(&world, &owner, &new(url, &[]), &i.to_string()).await),
            ["url_not_allowed"],
            "{url}"
        );
    }
    assert!(endpoints(&world.deps, &owner).await.unwrap().is_empty());
}

#[tokio::test]
async fn unknown_events_reserved_headers_and_weak_secrets_are_all_told_at_once() {
    let world = World::new();
    let owner = world.owner(1).await;
    let mut bad = new("https://crm.example", &["post.published", "post.exploded"]);
    for name in ["Webhook-Id", "content-type", "Host", "user-agent", "X Y"] {
        bad.headers.insert(name.into(), "x".into());
    }
    bad.headers.insert("X-Fine".into(), "a\r\nSmuggled: b".into());
    bad.secret = Some("whsec_c2hvcnQ=".to_owned().into());
    let mut found = codes(registered(&world, &owner, &bad, "a").await);
    found.sort();
    let (invalid, reserved) = ("header_invalid", "header_reserved");
    let expected = [invalid, invalid, reserved, reserved, reserved, reserved, "secret_malformed", "unknown_event"];
    assert_eq!(found, expected);

    let mut own = new("https://crm.example", &[]);
    let secret = format!("whsec_{}", "A".repeat(32));
    own.secret = Some(secret.clone().into());
    own.headers.insert("Authorization".into(), "Bearer x".into());
    assert_eq!(registered(&world, &owner, &own, "b").await.unwrap().1, secret);
}

#[tokio::test]
async fn a_tenant_has_at_most_twenty_endpoints() {
    let world = World::new();
    let owner = world.owner(1).await;
    for i in 0..MAX_ENDPOINTS {
        registered(&world, &owner, &new("https://crm.example", &[]), &i.to_string()).await.unwrap();
    }
    let over = registered(&world, &owner, &new("https://crm.example", &[]), "over").await;
    assert_eq!(codes(over), ["too_many_endpoints"]);
}

#[tokio::test]
async fn another_tenants_endpoint_and_an_unknown_one_are_equally_absent() {
    let world = World::new();
    let (owner, stranger) = (world.owner(1).await, world.owner(2).await);
    let (theirs, _) = registered(&world, &owner, &new("https://crm.example", &[]), "a").await.unwrap();
    let unknown = EndpointId::from_uuid(Uuid::from_u128(5));
    for (i, id) in [theirs, unknown].into_iter().enumerate() {
        let absent = Error::NotFound("endpoint");
        let key = |what: &str| once(&format!("{what}{i}"));
        let removed = remove_endpoint(&world.deps, &stranger, id, &key("r"), &shown).await;
        assert_eq!(removed.unwrap_err(), absent);
        assert_eq!(send_test(&world.deps, &stranger, id, None, &key("t"), &shown).await.unwrap_err(), absent);
        assert_eq!(messages(&world.deps, &stranger, id, &LogFilter::default(), None, 10).await.unwrap_err(), absent);
    }
    assert_eq!(endpoints(&world.deps, &owner).await.unwrap().len(), 1);
    let editor = world.member(1, 101, Role::Editor).await;
    let no = registered(&world, &editor, &new("https://crm.example", &[]), "b").await;
    assert_eq!(no.unwrap_err(), Error::Forbidden("manage_webhooks"));
}

#[tokio::test]
async fn deleting_is_remembered_for_its_idempotency_key() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &new("https://crm.example", &[]), "a").await.unwrap();
    let first = remove_endpoint(&world.deps, &owner, id, &once("d"), &shown).await.unwrap();
    let again = remove_endpoint(&world.deps, &owner, id, &once("d"), &shown).await.unwrap();
    assert_eq!((again.stored, again.replayed), (first.stored, true));
    assert!(remove_endpoint(&world.deps, &owner, id, &once("e"), &shown).await.is_err());
}

#[tokio::test]
async fn after_a_key_rotation_endpoint_secrets_are_resealed_and_still_sign() {
    let world = World::new();
    let owner = world.owner(1).await;
    let mut wanted = new("https://crm.example", &[]);
    wanted.headers.insert("X-Key".into(), "v".into());
    let (_, secret) = registered(&world, &owner, &wanted, "a").await.unwrap();
    world.deps.sealer.rotate().await.unwrap();
    let moved = crate::accounts::reseal(&world.deps, &owner).await.unwrap();
    assert_eq!((moved.endpoints, moved.left), (1, 0));
    fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
    let arrived = world.outbound.arrived.lock().unwrap()[0].clone();
    assert_eq!((arrived.secret, arrived.headers["X-Key"].as_str()), (secret, "v"));
}
