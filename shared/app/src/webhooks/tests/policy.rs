use super::*;
use crate::fakes::{scoped, shown};
use domain::access::{Permission, Role};
use domain::egress::EgressPolicy;
use domain::publishing::{ApprovalRule, Rules};

fn policy(http: bool, ports: &[u16]) -> EgressPolicy {
    EgressPolicy { http, ports: ports.to_vec() }
}

async fn set(world: &World, caller: &Caller, policy: &EgressPolicy, key: &str) -> Result<(), Error> {
    let encode = |rules: &Rules| shown(&rules.egress);
    set_egress_policy(&world.deps, caller, policy, &once(key), &encode).await.map(|_| ())
}

/// Code and detail of the refusal of this address, none when it was registered.
async fn refusal(world: &World, owner: &Caller, url: &str, key: &str) -> Option<(String, String)> {
    match registered(world, owner, &new(url, &[]), key).await {
        Ok(_) => None,
        Err(Error::Invalid(violations)) => {
            assert_eq!((violations.len(), violations[0].field.as_str()), (1, "/url"));
            Some((violations[0].code.clone(), violations[0].detail.clone()))
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn plain_http_and_other_ports_are_registered_only_where_an_owner_allows_them() {
    let world = World::new();
    let (owner, other) = (world.owner(1).await, world.owner(2).await);
    let (plain, port) = ("http://crm.example/hook", "https://crm.example:8443/hook");
    for (url, key) in [(plain, "a"), (port, "b")] {
        let (code, detail) = refusal(&world, &owner, url, key).await.unwrap();
        assert!(code == "url_not_allowed" && detail.contains("have an owner allow them"), "{code}: {detail}");
    }
    set(&world, &owner, &policy(true, &[8443]), "c").await.unwrap();
    for (url, key) in [(plain, "d"), (port, "e"), ("http://crm.example:8443/", "f"), ("https://crm.example/", "g")] {
        assert_eq!(refusal(&world, &owner, url, key).await, None, "{url}");
        assert!(
            key == "g" || refusal(&world, &other, url, key).await.is_some(),
            "{url}: another tenant's policy is its own"
        );
    }
    for (url, key) in
        [("http://private.example/", "h"), ("https://private.example:8443/", "i"), ("ftp://crm.example/", "j")]
    {
        let (code, detail) = refusal(&world, &owner, url, key).await.unwrap();
        assert!(code == "url_not_allowed" && detail.contains("give a public https address"), "{url}: {detail}");
    }
    assert!(refusal(&world, &owner, "https://crm.example:8080/", "k").await.unwrap().1.contains("have an owner"));
}

#[tokio::test]
async fn a_policy_that_is_taken_back_ends_what_it_allowed_and_the_log_says_so() {
    let world = World::new();
    let owner = world.owner(1).await;
    set(&world, &owner, &policy(true, &[]), "a").await.unwrap();
    let (id, _) = registered(&world, &owner, &new("http://crm.example/hook", &[]), "b").await.unwrap();
    registered(&world, &owner, &new("https://crm.example/hook", &[]), "c").await.unwrap();
    fan_out(&Batch::default(), &world.deps, &happened(&world, &owner), Visit::FIRST).await.unwrap();
    assert_eq!(world.outbound.arrived.lock().unwrap().len(), 2);

    set(&world, &owner, &EgressPolicy::STRICT, "d").await.unwrap();
    let event = happened(&world, &owner);
    fan_out(&Batch::default(), &world.deps, &event, Visit::FIRST).await.unwrap();
    assert_eq!(world.outbound.arrived.lock().unwrap().len(), 3, "only the one with https");
    let log = messages(&world.deps, &owner, id, &LogFilter::default(), None, 10).await.unwrap();
    let told = &log.items.iter().find(|message| message.event == event.id).unwrap().attempts[0];
    assert!(told.status.is_none() && told.excerpt.contains("may not be called"), "{told:?}");
}

#[tokio::test]
async fn a_policy_is_changed_by_who_administers_leaves_the_other_rules_and_is_audited() {
    let world = World::new();
    let owner = world.owner(1).await;
    let encode = |rules: &Rules| shown(&rules.approval);
    let rule = ApprovalRule::Editors;
    crate::publishing::set_approval_rule(&world.deps, &owner, rule, &once("a"), &encode).await.unwrap();
    let editor = world.member(1, 7, Role::Editor).await;
    let narrow = scoped(&owner, &[Permission::ManageWebhooks]);
    for caller in [&editor, &narrow] {
        assert!(matches!(set(&world, caller, &policy(true, &[]), "b").await, Err(Error::Forbidden(_))));
    }
    assert_eq!(egress_policy(&world.deps, &editor).await.unwrap(), EgressPolicy::STRICT);
    set(&world, &owner, &policy(true, &[9443, 8080]), "c").await.unwrap();
    assert_eq!(egress_policy(&world.deps, &editor).await.unwrap(), policy(true, &[8080, 9443]));
    let rules = crate::publishing::rules(&world.deps, &owner).await.unwrap();
    assert_eq!(rules.approval, ApprovalRule::Editors);
    let audited = world.audited(owner.tenant).await;
    assert_eq!(audited.iter().filter(|entry| entry.contains("rules.egress_changed")).count(), 1, "{audited:?}");

    let Err(Error::Invalid(wrong)) = set(&world, &owner, &policy(false, &[8080, 25]), "d").await else {
        panic!("port 25 was allowed");
    };
    assert_eq!((wrong[0].code.as_str(), wrong[0].field.as_str()), ("port_not_allowed", "/ports/1"));
    assert_eq!(egress_policy(&world.deps, &owner).await.unwrap(), policy(true, &[8080, 9443]), "nothing changed");
}
