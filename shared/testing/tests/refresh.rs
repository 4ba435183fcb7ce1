//! Many workers and one refresh token, on a platform that takes everything back when a spent one is shown (F15): whether the
//! account was connected by consent or by what its owner entered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use app::accounts::{TokenTrouble, fresh_token};
use domain::accounts::Account;
use jiff::SignedDuration;
use ports::Versioned;
use secrecy::{ExposeSecret, SecretString};
use testing::sim::{Body, together};
use testing::{Fates, Kind, Mutant, Process, READABLE, Rules, SESSION, Weather, World, now};

type Got = Result<(SecretString, Versioned<Account>), TokenTrouble>;

/// By consent, and by key.
const WAYS: [Rules; 2] = [READABLE, SESSION];

fn opened(way: &Rules, seed: u64, weather: Weather, crash_at: Option<(Kind, u64)>) -> (World, Account) {
    let world = World::with(seed, weather, std::slice::from_ref(way), Mutant::None);
    let account = now(world.connect(&world.deps(), way.slug, "author")).unwrap();
    world.engine.storm(true);
    world.engine.schedule(Fates::default(), crash_at);
    (world, account)
}

fn worker(process: &Process, account: &Account) -> (Process, Body<Option<Got>>) {
    let (deps, tokens) = (process.deps.clone(), process.tokens.clone());
    let (tenant, id) = (account.tenant, account.id);
    let body = async move {
        let found = deps.ledger.account(tenant, id).await.ok()??;
        Some(fresh_token(&deps, &tokens, &found, None, deps.clock.now() + SignedDuration::from_mins(1), "test").await)
    };
    (process.clone(), Box::pin(body))
}

/// Lets all workers ask until each has a token that works; how many of them died.
fn all_have_one(world: &World, account: &Account, workers: usize) -> usize {
    let mut waiting: Vec<Process> = (0..workers).map(|_| world.process()).collect();
    let mut died = 0;
    for _ in 0..200 {
        let ends = together(world, waiting.iter().map(|p| worker(p, account)).collect());
        let mut next = Vec::new();
        for (process, end) in waiting.into_iter().zip(ends) {
            match end {
                None => died += 1,
                Some(Some(Ok((token, _))))
                    if world.platforms[0].truth().grants["author"].access == token.expose_secret() => {}
                Some(Some(Err(TokenTrouble::Dead))) => return usize::MAX,
                Some(_) => next.push(process),
            }
        }
        waiting = next;
        if waiting.is_empty() {
            return died;
        }
        world.engine.advance_ms(1_000);
    }
    panic!("{} workers have no token after 200 seconds", waiting.len());
}

fn expire(world: &World) {
    world.engine.advance_ms(7_200_000);
}

fn truth(world: &World) -> (u64, u64, u64) {
    let truth = world.platforms[0].truth();
    (truth.refreshes, truth.refresh_overlaps, truth.family_kills)
}

#[test]
fn twenty_workers_make_one_refresh_call_at_each_expiry() {
    let expiries = 20;
    for (way, seed) in WAYS.iter().flat_map(|way| (0..50).map(move |seed| (way, seed))) {
        let (world, account) = opened(way, seed, Weather::calm(), None);
        for _ in 0..expiries {
            expire(&world);
            assert_eq!(all_have_one(&world, &account, 20), 0, "{seed}");
        }
        assert_eq!(truth(&world), (expiries, 0, 0), "{seed}");
    }
    println!("refresh: 100 worlds x {expiries} expiries x 20 workers: 1 call per expiry, 0 families taken back");
}

#[test]
fn errors_of_the_platform_and_of_the_stores_never_disconnect_an_account() {
    let weather = Weather {
        token_calls: 500,
        store_throttled: 100,
        store_ambiguous: 50,
        secrets_down: 150,
        store_slow: 5,
        ..Weather::calm()
    };
    let mut calls = 0;
    for (way, seed) in WAYS.iter().flat_map(|way| (0..300).map(move |seed| (way, seed))) {
        let (world, account) = opened(way, seed, weather, None);
        for _ in 0..3 {
            expire(&world);
            assert_eq!(all_have_one(&world, &account, 5), 0, "{seed}: disconnected");
        }
        let (refreshes, overlaps, kills) = truth(&world);
        assert_eq!((overlaps, kills), (0, 0), "{seed}");
        calls += refreshes;
    }
    println!("refresh: 600 worlds x 3 expiries under errors: {calls} calls, 0 at the same time, 0 families taken back");
}

#[test]
fn a_crash_anywhere_in_a_refresh_costs_the_tokens_only_between_the_answer_and_the_first_copy() {
    WAYS.iter().for_each(crashes_everywhere);
}

fn crashes_everywhere(way: &Rules) {
    let (world, account) = opened(way, 1, Weather::calm(), None);
    expire(&world);
    let three = |world: &World| together(world, (0..3).map(|_| worker(&world.process(), &account)).collect());
    assert!(three(&world).iter().all(Option::is_some));
    let points = world.engine.points(Kind::Api);
    let mut lost = 0;
    for k in 1..=points {
        let (world, account) = opened(way, 1, Weather::calm(), Some((Kind::Api, k)));
        expire(&world);
        assert_eq!(three(&world).iter().filter(|end| end.is_none()).count(), 1, "{k}");
        // What the platform holds to be the refresh token is in one of the two places, or nowhere.
        let current = world.platforms[0].truth().grants["author"].refresh.clone();
        let name = format!("{}/{}", account.tenant, account.id);
        let in_secrets = world.secrets.peek(&name).is_some_and(|s| s.contains(&current));
        let found = now(world.deps().ledger.account(account.tenant, account.id)).unwrap().unwrap();
        let kept = in_secrets || found.value.token.rescue.is_some_and(|r| r.contains(&current));
        world.engine.advance_ms(60_000);
        let after = all_have_one(&world, &account, 3);
        let (_, overlaps, kills) = truth(&world);
        assert_eq!(overlaps, 0, "{k}");
        if kept {
            assert_eq!((after, kills), (0, 0), "point {k}: a stored pair was lost");
        } else {
            lost += 1;
            assert_eq!(after, usize::MAX, "point {k}: it cannot know the new pair");
        }
    }
    println!("refresh: {points} crash points, {lost} of them between the answer and the first copy");
    assert!(lost <= 3, "{lost}");
}
