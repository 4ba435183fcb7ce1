//! A platform that takes only so much, and two tenants of which one floods it (I14): what does not fit waits, it costs no
//! attempt and no message, nothing is lost, and nobody starves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod common;

use app::Once;
use app::publishing::{Accepted, PublishCommand, TargetSpec, When, request};
use domain::access::{Caller, Tenant};
use domain::platform::QuotaScope;
use domain::publishing::{Delivery, MAX_LATENESS_S, Note, State, Variant};
use domain::{AccountId, PostId, TenantId};
use jiff::Timestamp;
use ports::{Connector as _, Record, StoredReply, Write};
use std::collections::BTreeMap;
use std::sync::Arc;
use testing::sim::{Setup, serve};
use testing::{Cap, Mutant, READABLE, Rules, START_MS, Weather, World, connect_as, now};
use uuid::Uuid;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DUE_MS: i64 = START_MS + HOUR_MS;

/// Sixty requests an hour of all accounts together.
const SHARED: Cap = Cap { scope: QuotaScope::App, limit: 60, window_s: 3_600, documented: Some(60), told: false };
/// Ten requests a quarter of an hour of each account.
const OWN: Cap = Cap { scope: QuotaScope::Account, limit: 10, window_s: 900, documented: Some(10), told: false };

const SHARED_ONLY: &[Cap] = &[SHARED];
const OWN_ONLY: &[Cap] = &[OWN];

/// Posts of one tenant: on how many accounts, and how many minutes after the hour each is due.
struct Load {
    tenant: u128,
    accounts: usize,
    minutes: Vec<i64>,
    /// What each says below itself, where there are no threads.
    comment: Option<&'static str>,
}

impl Load {
    fn new(tenant: u128, accounts: usize, minutes: Vec<i64>) -> Self {
        Self { tenant, accounts, minutes, comment: None }
    }
}

/// The flood of one, and the few posts of another.
fn flood_and_calm(flood: usize) -> Vec<Load> {
    vec![Load::new(1_000, 8, vec![0; flood]), Load::new(2_000, 1, vec![0, 0, 0, 0, 30, 120, 120, 120, 240])]
}

/// What became of one post.
struct Life {
    tenant: u128,
    due_ms: i64,
    delivery: Delivery,
}

impl Life {
    fn notes(&self, wanted: impl Fn(&Note) -> bool) -> usize {
        self.delivery.timeline.iter().filter(|entry| wanted(&entry.note)).count()
    }
}

struct Done {
    world: Arc<World>,
    lives: Vec<Life>,
}

impl Done {
    fn capped(&self) -> u64 {
        self.world.platforms[0].truth().capped
    }

    /// Start delays of a tenant in minutes, by the minute at which its posts were due.
    fn delays(&self, tenant: u128) -> BTreeMap<i64, Vec<i64>> {
        let mut delays: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        let truth = self.world.platforms[0].truth();
        for life in self.lives.iter().filter(|life| life.tenant == tenant) {
            let text = text_of(life.tenant, life.delivery.post);
            let sent = truth.posted.iter().find(|p| p.text == text).unwrap().sent_ms;
            let minute = (life.due_ms - DUE_MS) / MINUTE_MS;
            delays.entry(minute).or_default().push((sent - life.due_ms) / MINUTE_MS);
        }
        delays
    }

    /// Everything is live exactly once, and no request was an attempt too many.
    fn is_whole(&self) {
        let truth = self.world.platforms[0].truth();
        let mut texts: Vec<&String> = truth.posted.iter().map(|p| &p.text).collect();
        texts.sort();
        texts.dedup();
        assert_eq!((truth.posted.len(), texts.len()), (self.lives.len(), self.lives.len()), "each is live once");
        for life in &self.lives {
            assert!(matches!(life.delivery.state, State::Published { .. }), "{:?}", life.delivery);
            let later = life.notes(|note| matches!(note, Note::Sent { attempt, .. } if *attempt > 1));
            assert_eq!(later, 0, "a throttle cost an attempt: {:?}", life.delivery.timeline);
        }
    }
}

/// A post's text tells it from all others.
fn text_of(tenant: u128, post: PostId) -> String {
    format!("{tenant} {post}")
}

/// Runs the posts through a day and a bit. `others` publish so often through the same app just before.
fn day(seed: u64, caps: &'static [Cap], loads: &[Load], weather: Weather, others: u32) -> Done {
    let commented = loads.iter().any(|load| load.comment.is_some());
    let rules = Rules { caps, thread_parts: if commented { 1 } else { READABLE.thread_parts }, ..READABLE };
    let world = Arc::new(World::with(seed, weather, std::slice::from_ref(&rules), Mutant::None));
    let deps = world.deps();
    let mut planned = Vec::new();
    for load in loads {
        let tenant = TenantId::from_uuid(Uuid::from_u128(load.tenant));
        let caller = Caller { tenant, ..world.caller.clone() };
        let record = Tenant { id: tenant, name: "t".into(), zone: "UTC".into(), created_at: world.engine.now() };
        now(deps.ledger.commit(vec![Write::create(Record::Tenant(record))])).unwrap();
        let author = |n| format!("{} {n}", load.tenant);
        let ids: Vec<AccountId> =
            (0..load.accounts).map(|n| now(connect_as(&caller, &deps, "readable", &author(n))).unwrap().id).collect();
        for (n, minute) in load.minutes.iter().enumerate() {
            let (account, due_ms) = (ids[n % ids.len()], DUE_MS + minute * MINUTE_MS);
            let command = PublishCommand {
                content: Variant {
                    first_comment: load.comment.map(Into::into),
                    ..Variant::text(format!("{} {n}", load.tenant))
                },
                variants: BTreeMap::new(),
                targets: vec![TargetSpec::Account(account)],
                when: When::At(Timestamp::from_millisecond(due_ms).unwrap()),
                // An author who would rather be late than missed: some wait for most of a day.
                max_lateness_s: Some(MAX_LATENESS_S),
            };
            let id = |accepted: &Accepted| StoredReply { status: 202, body: accepted.post.id.to_string() };
            let once = Once { route: "POST /publish".into(), key: format!("k{n}"), fingerprint: "f".into() };
            let reply = now(request(&deps, &caller, &command, &once, &id)).unwrap();
            planned.push((load.tenant, due_ms, tenant, reply.stored.body.parse::<PostId>().unwrap(), account, n));
        }
    }
    world.engine.advance_ms(HOUR_MS - 4 * MINUTE_MS);
    if others > 0 {
        world.platforms[0].used_by_others(others);
    }
    let setup = Setup { workers: 10, weather, ..common::stormy(vec![rules], 0) };
    serve(&world, &setup, DUE_MS + 40 * HOUR_MS);
    world.engine.calm();
    let deps = world.deps();
    let life = |&(tenant, due_ms, id, post, account, n): &(u128, i64, TenantId, PostId, AccountId, usize)| {
        let delivery = now(deps.ledger.delivery(id, post, account)).unwrap().unwrap().value;
        // By what it says, which is how the platform knows it.
        let mut truth = world.platforms[0].truth();
        for posted in truth.posted.iter_mut().filter(|p| p.text == format!("{tenant} {n}")) {
            posted.text = text_of(tenant, post);
        }
        Life { tenant, due_ms, delivery }
    };
    let lives = planned.iter().map(life).collect();
    Done { world, lives }
}

#[test]
fn a_quota_that_all_share_is_kept_without_one_refusal_and_whoever_posts_little_does_not_wait_behind_a_flood() {
    for seed in 0..4 {
        let done = day(seed, SHARED_ONLY, &flood_and_calm(240), Weather::calm(), 0);
        done.is_whole();
        assert_eq!(done.capped(), 0, "{seed}");
        let flood = done.delays(1_000).remove(&0).unwrap();
        let longest = flood.iter().max().unwrap();
        // Fifty-four an hour, of which the other takes a few, in windows that are a twelfth longer.
        assert!((4 * 55..6 * 60).contains(longest), "{seed}: the flood took {longest} minutes");
        let calm = done.delays(2_000);
        println!("throttled: {seed}: the flood's last after {longest} min, the other's {calm:?}");
        assert!(calm[&0].iter().all(|late| *late <= 2), "{seed}: {calm:?}");
        assert!(calm.values().flatten().all(|late| *late <= 70), "{seed}: {calm:?}");
        let asked = done.lives.iter().map(|life| life.notes(|note| *note == Note::Claimed)).sum::<usize>();
        assert!(asked <= 3 * done.lives.len(), "{seed}: {asked} claims for {} posts", done.lives.len());
    }
}

#[test]
fn a_quota_that_nobody_documents_is_learned_from_refusals_which_cost_nothing() {
    const CAPS: &[Cap] = &[Cap { documented: None, told: true, ..SHARED }];
    let done = day(1, CAPS, &flood_and_calm(120), Weather::calm(), 0);
    done.is_whole();
    assert!(done.capped() > 0, "the world is too mild to show anything");
}

#[test]
fn what_the_platform_tells_of_its_quota_is_heeded_when_others_use_it_too() {
    const TOLD: &[Cap] = &[Cap { documented: Some(100), told: true, ..SHARED }];
    const SILENT: &[Cap] = &[Cap { documented: Some(100), told: false, ..SHARED }];
    let done = day(2, TOLD, &flood_and_calm(120), Weather::calm(), 40);
    done.is_whole();
    // Who had asked before the first answer told it may be refused.
    assert!(done.capped() <= 10, "{}", done.capped());
    let unheard = day(2, SILENT, &flood_and_calm(120), Weather::calm(), 40);
    unheard.is_whole();
    assert!(unheard.capped() > done.capped(), "{}", unheard.capped());
}

#[test]
fn what_the_answer_to_a_posts_only_part_tells_of_a_quota_is_kept() {
    const TOLD: &[Cap] = &[Cap { documented: Some(100), told: true, ..SHARED }];
    let done = day(6, TOLD, &[Load::new(1_000, 1, vec![0])], Weather::calm(), 40);
    done.is_whole();
    let platform = &done.world.platforms[0];
    let quota = &platform.descriptor().limits.quotas[0];
    let governor = now(done.world.deps().ledger.governor(&platform.descriptor().id)).unwrap().unwrap().value;
    assert_eq!(governor.meters.of(quota).limit(quota), 60, "sixty and not the hundred that are documented");
}

#[test]
fn an_accounts_own_quota_is_kept_at_its_gate_and_delays_no_other_account() {
    let loads = [Load::new(1_000, 1, vec![0; 45]), Load::new(2_000, 1, vec![0, 0, 0, 10, 10])];
    for seed in 0..4 {
        let done = day(seed, OWN_ONLY, &loads, Weather::calm(), 0);
        done.is_whole();
        assert_eq!(done.capped(), 0, "{seed}");
        let longest = *done.delays(1_000)[&0].iter().max().unwrap();
        assert!((60..100).contains(&longest), "{seed}: {longest}");
        assert!(done.delays(2_000).values().flatten().all(|late| *late <= 2), "{seed}");
    }
}

#[test]
fn a_comment_below_a_post_that_is_no_post_itself_takes_nothing_of_the_quota_of_posts() {
    let loads = [Load { comment: Some("more below"), ..Load::new(1_000, 1, vec![0; 10]) }];
    let done = day(5, OWN_ONLY, &loads, Weather::calm(), 0);
    assert_eq!(done.capped(), 0);
    for life in &done.lives {
        assert!(matches!(life.delivery.state, State::Published { .. }), "{:?}", life.delivery);
    }
    // Ten in a quarter of an hour are all that the account may post, and all ten go out in it.
    let late = done.delays(1_000).remove(&0).unwrap();
    assert!(late.iter().all(|minutes| *minutes <= 2), "{late:?}");
    assert_eq!(done.world.platforms[0].truth().posted.len(), 20, "each has its comment");
}

#[test]
fn in_a_storm_no_quota_is_overrun_nothing_is_doubled_and_everything_ends_visibly() {
    const CAPS: &[Cap] = &[Cap { limit: 20, documented: Some(20), ..SHARED }];
    let loads = [Load::new(1_000, 3, vec![0; 30]), Load::new(2_000, 1, vec![0, 5, 30, 60])];
    let (mut live, mut planned) = (0, 0);
    for seed in 0..40 {
        // A worker that sleeps, or a clock that is wrong, by more than a slice sends in another one than it took from.
        let done = day(seed, CAPS, &loads, Weather::storm_with_true_clocks(50), 0);
        assert_eq!(done.capped(), 0, "{seed}: a quota was overrun");
        let truth = done.world.platforms[0].truth();
        let mut texts: Vec<&String> = truth.posted.iter().map(|p| &p.text).collect();
        let posted = texts.len();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), posted, "{seed}: something is live twice");
        for life in &done.lives {
            let state = &life.delivery.state;
            let visible = state.is_terminal() || matches!(state, State::Attention { .. });
            assert!(visible, "{seed}: {:?}", life.delivery);
        }
        live += posted;
        planned += done.lives.len();
    }
    println!("throttled: {live} of {planned} went out in storms");
    assert!(2 * live >= planned, "{live} of {planned}: too little went out to show anything");
}
