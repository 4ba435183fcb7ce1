use super::*;
use crate::Error;
use crate::fakes::profile;
use domain::access::Role;
use domain::accounts::AccountKind;

/// A world in which a consent is for a person and two pages, and the choice it ends in.
async fn offer(world: &World, owner: &Caller) -> Offer {
    world.platform.server(|s| {
        s.profiles.truncate(1);
        s.profiles.push(profile("org-1", AccountKind::Organisation));
        s.profiles.push(profile("org-2", AccountKind::Organisation));
    });
    let callback = consented(world, owner).await;
    match finish(&world.deps, owner, "chirp", &callback).await.unwrap() {
        Returned::Choose(offer) => offer,
        Returned::Connected(_) => panic!("nobody was asked"),
    }
}

async fn absent(world: &World, caller: &Caller, platform: &str, id: &str) {
    let seen = offered(&world.deps, caller, platform, id).await;
    assert!(matches!(seen, Err(Error::NotFound("choice"))), "{seen:?}");
    let chosen = choose(&world.deps, caller, platform, id, &ids(&["ada"])).await;
    assert!(matches!(chosen, Err(Error::NotFound("choice"))), "{chosen:?}");
}

async fn accounts_of(world: &World, owner: &Caller) -> Vec<String> {
    let found = world.deps.ledger.accounts(owner.tenant).await.unwrap();
    found.into_iter().map(|a| a.value.profile.external_id).collect()
}

#[tokio::test]
async fn with_several_profiles_nothing_is_connected_before_the_person_chose_and_then_only_that() {
    let world = World::new();
    let owner = world.owner(1).await;
    let offer = offer(&world, &owner).await;
    assert_eq!(offer.return_to, "/console/accounts");
    assert!(accounts_of(&world, &owner).await.is_empty() && world.outbound.told_kinds().is_empty());
    let again = offered(&world.deps, &owner, "bird", &offer.id).await.unwrap();
    assert_eq!(again, offer, "it can be looked at as often as one likes, under the platform's other name too");

    let done = choose(&world.deps, &owner, "chirp", &offer.id, &ids(&["org-2", "ada"])).await.unwrap();
    assert_eq!(done.return_to, "/console/accounts");
    let names: Vec<_> = done.accounts.iter().map(|a| a.profile.external_id.as_str()).collect();
    assert_eq!(names, ["ada", "org-2"], "the person first, whatever the order of the ticks");
    assert_eq!(accounts_of(&world, &owner).await.len(), 2);
    assert_eq!(done.accounts[1].holder, Some(done.accounts[0].id));
    assert_eq!(cold(&world, &done.accounts[1], None).await.unwrap().0, "canary-access-0-0");
}

#[tokio::test]
async fn a_page_alone_can_be_chosen_and_holds_its_own_tokens() {
    let world = World::new();
    let owner = world.owner(1).await;
    let offer = offer(&world, &owner).await;
    let done = choose(&world.deps, &owner, "chirp", &offer.id, &ids(&["org-1"])).await.unwrap();
    assert_eq!((done.accounts.len(), done.accounts[0].holder), (1, None));
    assert_eq!(cold(&world, &done.accounts[0], None).await.unwrap().0, "canary-access-0-0");
}

#[tokio::test]
async fn one_profile_or_a_selection_made_beforehand_asks_nothing() {
    let world = World::new();
    let owner = world.owner(1).await;
    let one = finish(&world.deps, &owner, "chirp", &consented(&world, &owner).await).await.unwrap();
    assert!(matches!(one, Returned::Connected(done) if done.accounts.len() == 1));
    offer(&world, &owner).await;
    let selection = Some(ids(&["org-1", "org-2"]));
    let callback = Callback { selection, ..consented(&world, &owner).await };
    let chosen = finish(&world.deps, &owner, "chirp", &callback).await.unwrap();
    assert!(matches!(chosen, Returned::Connected(done) if done.accounts.len() == 2));
}

#[tokio::test]
async fn what_is_connected_already_is_told_and_choosing_it_renews_it() {
    let world = World::new();
    let owner = world.owner(1).await;
    let first = offer(&world, &owner).await;
    let before = choose(&world.deps, &owner, "chirp", &first.id, &ids(&["org-1"])).await.unwrap().accounts.remove(0);
    let second = offer(&world, &owner).await;
    let connected: Vec<_> = second.profiles.iter().map(|o| o.connected).collect();
    assert_eq!(connected, [false, true, false]);
    let after = choose(&world.deps, &owner, "chirp", &second.id, &ids(&["org-1"])).await.unwrap().accounts.remove(0);
    assert_eq!(after.id, before.id);
    assert!(after.token.version > before.token.version);
}

#[tokio::test]
async fn a_choice_is_not_there_for_others_after_its_time_or_a_second_time() {
    let world = World::new();
    let owner = world.owner(1).await;
    let colleague = world.member(1, 101, Role::Owner).await;
    let stranger = world.owner(2).await;
    let open = offer(&world, &owner).await;
    absent(&world, &colleague, "chirp", &open.id).await;
    absent(&world, &stranger, "chirp", &open.id).await;
    absent(&world, &owner, "chirp", &"x".repeat(43)).await;
    absent(&world, &owner, "chirp", "").await;
    let editor = world.member(1, 102, Role::Editor).await;
    let forbidden = choose(&world.deps, &editor, "chirp", &open.id, &ids(&["ada"])).await;
    assert!(matches!(forbidden, Err(Error::Forbidden("manage_accounts"))));

    choose(&world.deps, &owner, "chirp", &open.id, &ids(&["ada"])).await.unwrap();
    absent(&world, &owner, "chirp", &open.id).await;
    let old = offer(&world, &owner).await;
    world.clock.pass(601);
    absent(&world, &owner, "chirp", &old.id).await;
    assert_eq!(accounts_of(&world, &owner).await, ["ada"]);
}

#[tokio::test]
async fn a_state_is_no_choice_and_a_choice_no_state() {
    let world = World::new();
    let owner = world.owner(1).await;
    let pending = consented(&world, &owner).await;
    absent(&world, &owner, "chirp", pending.state.as_ref().unwrap()).await;
    let open = offer(&world, &owner).await;
    let as_state = Callback { state: Some(open.id.clone()), ..pending };
    let refused = finish(&world.deps, &owner, "chirp", &as_state).await;
    assert!(matches!(refused, Err(Error::BadRequest { code: "oauth_state", .. })));
    assert!(offered(&world.deps, &owner, "chirp", &open.id).await.is_ok(), "and it is still open");
}

#[tokio::test]
async fn nothing_or_a_profile_of_another_consent_cannot_be_chosen_and_uses_nothing_up() {
    let world = World::new();
    let owner = world.owner(1).await;
    let open = offer(&world, &owner).await;
    let code = |e: Error| match e {
        Error::Invalid(violations) => violations[0].code.clone(),
        other => panic!("{other:?}"),
    };
    for (selection, expected) in [
        (vec![], "selection_missing"),
        (ids(&["somebody"]), "profile_unknown"),
        (ids(&["ada", "somebody"]), "profile_unknown"),
    ] {
        let refused = choose(&world.deps, &owner, "chirp", &open.id, &selection).await;
        assert_eq!(code(refused.unwrap_err()), expected);
    }
    assert!(accounts_of(&world, &owner).await.is_empty());
    assert!(choose(&world.deps, &owner, "chirp", &open.id, &ids(&["ada"])).await.is_ok());
}

#[tokio::test]
async fn of_two_choices_at_once_one_counts() {
    let world = World::new();
    let owner = world.owner(1).await;
    let open = offer(&world, &owner).await;
    let (ada, page) = (ids(&["ada"]), ids(&["org-1"]));
    let pick = |selection| choose(&world.deps, &owner, "chirp", &open.id, selection);
    let (a, b) = futures_util::future::join(pick(&ada), pick(&page)).await;
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1);
    assert_eq!(accounts_of(&world, &owner).await.len(), 1);
}

#[tokio::test]
async fn the_tokens_of_an_open_choice_are_sealed_for_it_alone() {
    let world = World::new();
    let owner = world.owner(1).await;
    let open = offer(&world, &owner).await;
    let everything = format!("{:?} {:?}", world.items(), world.secrets.held.lock().unwrap());
    assert!(everything.contains("org-1 by name"), "the scan sees what may be chosen from");
    assert!(!everything.contains("canary") && !everything.contains(&open.id));
}
