use super::*;
use crate::Error;
use crate::fakes::profile;
use domain::access::Role;
use domain::accounts::AccountKind;
use domain::publishing::Failure;
use std::sync::atomic::Ordering;

fn refused(result: Result<Returned, Error>) -> &'static str {
    match result.unwrap_err() {
        Error::BadRequest { code, .. } | Error::Conflict { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_consent_sends_a_challenge_and_ends_in_a_connected_account() {
    let world = World::new();
    let owner = world.owner(1).await;
    let begun = begin(&world.deps, &owner, "bird", "https://herald.example/", Some("/console")).await.unwrap();
    assert_eq!(begun.redirect_uri, "https://herald.example/api/publishing/auth/chirp/callback");
    assert!(begun.state.len() >= 43);
    assert!(world.platform.server(|s| s.seen[0].challenge.is_some()));

    let code = Some(world.platform.consents());
    let callback = Callback { state: Some(begun.state), code, ..Callback::default() };
    let done = finish(&world.deps, &owner, "chirp", &callback).await.unwrap().connected().unwrap();
    assert_eq!(done.return_to, "/console");
    assert_eq!(done.accounts[0].profile.external_id, "ada");
    assert_eq!(cold(&world, &done.accounts[0], None).await.unwrap(), ("canary-access-0-0".into(), 1));
    assert_eq!(world.outbound.told_kinds(), ["account.connected"]);
    assert_eq!(world.audited(owner.tenant).await, ["account.connected"]);
}

#[tokio::test]
async fn a_state_that_is_missing_replayed_expired_or_anothers_makes_no_token_call() {
    let world = World::new();
    let owner = world.owner(1).await;
    let colleague = world.member(1, 101, Role::Owner).await;
    let stranger = world.owner(2).await;

    let callback = consented(&world, &owner).await;
    assert_eq!(refused(finish(&world.deps, &colleague, "chirp", &callback).await), "oauth_state");
    assert_eq!(refused(finish(&world.deps, &stranger, "chirp", &callback).await), "oauth_state");
    let without = Callback { state: None, ..callback.clone() };
    assert_eq!(refused(finish(&world.deps, &owner, "chirp", &without).await), "oauth_state");
    let unknown = Callback { state: Some("x".repeat(43)), ..callback.clone() };
    assert_eq!(refused(finish(&world.deps, &owner, "chirp", &unknown).await), "oauth_state");
    assert_eq!(world.platform.server(|s| s.token_calls), 0);

    finish(&world.deps, &owner, "chirp", &callback).await.unwrap();
    assert_eq!(refused(finish(&world.deps, &owner, "chirp", &callback).await), "oauth_state");
    let old = consented(&world, &owner).await;
    world.clock.pass(601);
    assert_eq!(refused(finish(&world.deps, &owner, "chirp", &old).await), "oauth_state");
    assert_eq!(world.platform.server(|s| s.token_calls), 1);
}

#[tokio::test]
async fn an_access_that_turns_out_to_be_of_no_use_is_given_back() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.profiles_fail = Some(Failure::Unavailable));
    let unread = finish(&world.deps, &owner, "chirp", &consented(&world, &owner).await).await;
    assert!(matches!(unread, Err(Error::Unavailable(_))));
    world.platform.server(|s| s.profiles_fail = None);
    let nobody = Callback { selection: Some(ids(&["nobody"])), ..consented(&world, &owner).await };
    assert_eq!(refused(finish(&world.deps, &owner, "chirp", &nobody).await), "no_profile");
    assert_eq!(world.platform.server(|s| s.revoked.len()), 2);
    assert!(world.platform.server(|s| s.nothing_granted()));

    world.platform.server(|s| s.revoke_fails = true);
    let nobody = Callback { selection: Some(ids(&["nobody"])), ..consented(&world, &owner).await };
    assert_eq!(refused(finish(&world.deps, &owner, "chirp", &nobody).await), "no_profile", "the error stays the same");
}

#[tokio::test]
async fn of_two_callbacks_at_once_one_makes_the_token_call() {
    let world = World::new();
    let owner = world.owner(1).await;
    let callback = consented(&world, &owner).await;
    let once = || finish(&world.deps, &owner, "chirp", &callback);
    let (a, b) = futures_util::future::join(once(), once()).await;
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1);
    assert_eq!(world.platform.server(|s| s.token_calls), 1);
}

#[tokio::test]
async fn a_denied_consent_a_wrong_issuer_and_a_spent_code_are_told_apart() {
    let world = World::new();
    let owner = world.owner(1).await;
    let denied = Callback { error: Some("access_denied<script>".into()), ..consented(&world, &owner).await };
    assert_eq!(refused(finish(&world.deps, &owner, "chirp", &denied).await), "consent_denied");
    let mixed = Callback { iss: Some("https://evil.example".into()), ..consented(&world, &owner).await };
    assert_eq!(refused(finish(&world.deps, &owner, "chirp", &mixed).await), "oauth_mixup");
    assert_eq!(world.platform.server(|s| s.token_calls), 0);
    let bad = Callback { code: Some("made up".into()), ..consented(&world, &owner).await };
    assert_eq!(refused(finish(&world.deps, &owner, "chirp", &bad).await), "oauth_code");
    let good = Callback { iss: Some("https://chirp.example/oauth".into()), ..consented(&world, &owner).await };
    assert!(finish(&world.deps, &owner, "chirp", &good).await.is_ok());
}

#[tokio::test]
async fn connecting_needs_an_owner_a_known_platform_its_registration_and_a_page_of_ours() {
    let world = World::new();
    let owner = world.owner(1).await;
    let editor = world.member(1, 101, Role::Editor).await;
    let base = "https://herald.example";
    let code = |e: Error| match e {
        Error::Conflict { code, .. } | Error::BadRequest { code, .. } | Error::Forbidden(code) => code,
        Error::NotFound(what) => what,
        other => panic!("{other:?}"),
    };
    let begun = |caller: Caller, platform: &'static str, to: Option<&'static str>| {
        let deps = world.deps.clone();
        async move { begin(&deps, &caller, platform, base, to).await.map_err(code) }
    };
    assert_eq!(begun(editor, "chirp", None).await, Err("manage_accounts"));
    assert_eq!(begun(owner.clone(), "nowhere", None).await, Err("platform"));
    for to in ["https://evil.example", "//evil.example", "/console/../x", "/console/accounts?x", ""] {
        assert_eq!(begun(owner.clone(), "chirp", Some(to)).await, Err("return_to_not_allowed"));
    }
    world.platform.configured.store(false, Ordering::SeqCst);
    assert_eq!(begun(owner, "chirp", None).await, Err("platform_not_configured"));
}

#[tokio::test]
async fn neither_tokens_nor_verifiers_lie_readable_in_any_store() {
    let world = World::new();
    let owner = world.owner(1).await;
    world.platform.server(|s| s.profiles.push(profile("org", AccountKind::Organisation)));
    let pending = consented(&world, &owner).await;
    let connected = connect(&world, &owner).await;
    world.clock.pass(7_200);
    cold(&world, &connected[0], None).await.unwrap();
    let everything = format!("{:?} {:?}", world.items(), world.secrets.held.lock().unwrap());
    assert!(everything.contains("org by name"), "the scan sees the stored documents");
    assert!(!everything.contains("canary"), "no token of the platform");
    assert!(!everything.contains(&pending.state.unwrap()), "no state that could still be used");
    assert!(!format!("{:?}", world.outbound.told.lock().unwrap()).contains("canary"));
}
