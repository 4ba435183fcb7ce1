//! Accounts that nobody publishes through: their pairs are renewed before they end.
#![allow(clippy::unwrap_used)]

use app::accounts::{RenewedAhead, renew_ahead};
use domain::accounts::{Account, AccountStatus};
use jiff::{SignedDuration, Timestamp};
use ports::{Record, Write};
use std::collections::BTreeSet;
use testing::sim::{Body, together};
use testing::{Mutant, Process, READABLE, Rules, SESSION, Weather, World, now};

const DAY_MS: i64 = 86_400_000;

struct Scene {
    world: World,
    account: Account,
}

impl Scene {
    fn new(weather: Weather) -> Self {
        Self::on(World::with(7, weather, &[READABLE, SESSION], Mutant::None))
    }

    fn on(world: World) -> Self {
        let account = now(world.connect(&world.deps(), READABLE.slug, "author")).unwrap();
        Self { world, account }
    }

    fn seen(&self) -> Account {
        now(self.world.deps().ledger.account(self.account.tenant, self.account.id)).unwrap().unwrap().value
    }

    fn deadline(process: &Process) -> Timestamp {
        process.deps.clock.now() + SignedDuration::from_mins(2)
    }

    fn run(&self) -> RenewedAhead {
        let process = self.world.process();
        now(renew_ahead(&process.deps, &process.tokens, Self::deadline(&process), "test")).unwrap()
    }

    fn refreshes(&self) -> u64 {
        self.world.platforms[0].truth().refreshes
    }
}

#[test]
fn a_pair_that_nobody_uses_is_renewed_once_a_month_and_not_before() {
    let scene = Scene::new(Weather::calm());
    for (days, renewed) in [(29, 0), (2, 1), (0, 0), (29, 0), (2, 1)] {
        scene.world.engine.advance_ms(days * DAY_MS);
        assert_eq!(scene.run(), RenewedAhead { looked_at: renewed, renewed, warned: 0 }, "after {days} days");
    }
    assert_eq!((scene.refreshes(), scene.seen().token.version), (2, 3));
}

#[test]
fn a_platform_that_does_not_answer_is_asked_again_hours_later_and_the_account_stays_connected() {
    let scene = Scene::new(Weather { token_calls: 1_000, ..Weather::calm() });
    scene.world.engine.advance_ms(32 * DAY_MS);
    scene.world.engine.storm(true);
    assert_eq!(scene.run(), RenewedAhead { looked_at: 1, renewed: 0, warned: 0 });
    assert_eq!(scene.run(), RenewedAhead::default(), "not each five minutes");
    assert!(scene.seen().is_active());
    scene.world.engine.storm(false);
    scene.world.engine.advance_ms(6 * 3_600_000);
    assert_eq!(scene.run(), RenewedAhead { looked_at: 1, renewed: 1, warned: 0 });
    assert_eq!(scene.seen().token.tried_at, None, "and what failed is forgotten");
}

#[test]
fn what_the_platform_took_back_asks_a_person_while_there_is_time() {
    let scene = Scene::new(Weather::calm());
    scene.world.platforms[0].truth().grants.clear();
    scene.world.engine.advance_ms(32 * DAY_MS);
    scene.run();
    let status = scene.seen().status;
    assert!(matches!(&status, AccountStatus::NeedsReconnect { reason, .. } if reason == "grant_refused"), "{status:?}");
    assert_eq!(scene.run(), RenewedAhead::default(), "it is not asked again");
}

#[test]
fn runs_at_the_same_time_ask_the_platform_once() {
    for seed in 0..20 {
        let scene = Scene::new(Weather::calm());
        scene.world.engine.advance_ms(32 * DAY_MS + seed);
        scene.world.engine.storm(true);
        let run = |process: &Process| -> (Process, Body<bool>) {
            let (deps, tokens, deadline) = (process.deps.clone(), process.tokens.clone(), Scene::deadline(process));
            (process.clone(), Box::pin(async move { renew_ahead(&deps, &tokens, deadline, "test").await.is_ok() }))
        };
        let ends = together(&scene.world, (0..3).map(|_| run(&scene.world.process())).collect());
        assert!(ends.iter().all(Option::is_some), "{ends:?}");
        let truth = scene.world.platforms[0].truth();
        assert_eq!((truth.refreshes, truth.refresh_overlaps, truth.family_kills), (1, 0, 0), "{seed}");
    }
}

#[test]
fn runs_at_the_same_time_tell_of_an_end_once() {
    for seed in 0..20 {
        let scene = Scene::new(Weather::calm());
        let deps = scene.world.deps();
        let old = now(deps.ledger.account(scene.account.tenant, scene.account.id)).unwrap().unwrap();
        let mut ending = old.value.clone();
        ending.token.refreshable = false;
        ending.token.expires_at = Some(deps.clock.now() + SignedDuration::from_hours(60 * 24));
        now(deps.ledger.commit(vec![Write::replace(&old, Record::Account(ending))])).unwrap();
        scene.world.engine.advance_ms(32 * DAY_MS + seed);
        scene.world.engine.storm(true);
        let run = |process: &Process| -> (Process, Body<bool>) {
            let (deps, tokens, deadline) = (process.deps.clone(), process.tokens.clone(), Scene::deadline(process));
            (process.clone(), Box::pin(async move { renew_ahead(&deps, &tokens, deadline, "test").await.is_ok() }))
        };
        together(&scene.world, (0..3).map(|_| run(&scene.world.process())).collect());
        scene.world.engine.storm(false);
        scene.run();
        let told = scene.world.bus.taken().into_iter().filter(|event| event.data.kind() == "account.expiring");
        let ids: BTreeSet<_> = told.map(|event| event.id).collect();
        let warned = scene.seen().token.warned.map(|warned| warned.days);
        assert_eq!((ids.len(), warned), (1, Some(30)), "{seed}");
    }
}

#[test]
fn a_pair_that_is_due_again_as_soon_as_it_is_renewed_does_not_take_every_run() {
    // Their server gives accesses of a second, each with a key for the next that lives a day.
    let hasty = Rules { access_life_s: 1, refresh_life_s: 86_400, ..READABLE };
    let scene = Scene::on(World::with(7, Weather::calm(), &[hasty], Mutant::None));
    let mut renewed = 0;
    for _ in 0..5 * 12 {
        scene.world.engine.advance_ms(300_000);
        renewed += scene.run().renewed;
    }
    assert_eq!(renewed, 1, "in five hours");
    scene.world.engine.advance_ms(2 * 3_600_000);
    assert_eq!(scene.run().renewed, 1, "and it is kept alive all the same");
}
