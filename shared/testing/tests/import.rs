//! Every row of an imported file is one post, whatever interrupts the import and however often it is sent (I9).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use app::publishing::{Import, Imported, PublishCommand, Row, RowOutcome, TargetSpec, When, import};
use app::{Error, Once};
use domain::AccountId;
use domain::publishing::Variant;
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, StoredReply};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use testing::sim::{Body, together};
use testing::{Fates, Kind, Mutant, Process, READABLE, Weather, World, now};

type End = Result<Imported, Error>;

fn rows(account: AccountId, file: &str, count: usize) -> Vec<Row> {
    let row = |n: usize| {
        let command = PublishCommand {
            content: Variant::text(format!("{file} {n}")),
            variants: BTreeMap::new(),
            targets: vec![TargetSpec::Account(account)],
            when: if n.is_multiple_of(2) { When::Queue } else { When::Draft },
            max_lateness_s: None,
        };
        Row { command: Ok(command), fingerprint: format!("{file} {n}") }
    };
    (0..count).map(row).collect()
}

/// The posts of the rows, a word for those that are none.
fn encode(rows: &[RowOutcome]) -> StoredReply {
    let word = |row: &RowOutcome| match row {
        RowOutcome::Made(made) => made.post.to_string(),
        RowOutcome::Good(_) => "good".to_owned(),
        RowOutcome::Refused(error) => format!("refused {error}"),
    };
    StoredReply { status: 200, body: rows.iter().map(word).collect::<Vec<_>>().join("\n") }
}

struct Office {
    world: World,
    account: AccountId,
}

impl Office {
    fn new(seed: u64, weather: Weather) -> Self {
        let world = World::with(seed, weather, &[READABLE], Mutant::None);
        let account = now(world.connect(&world.deps(), "readable", "author")).unwrap().id;
        world.engine.schedule(Fates::default(), None);
        Self { world, account }
    }

    fn import(&self, file: &str, count: usize, how: Import) -> (Process, Body<End>) {
        self.by(self.world.process(), file, count, how)
    }

    fn by(&self, process: Process, file: &str, count: usize, how: Import) -> (Process, Body<End>) {
        let (caller, deps, rows) = (self.world.caller.clone(), process.deps.clone(), rows(self.account, file, count));
        let once = Once { route: "POST /import".into(), key: "k".into(), fingerprint: file.to_owned() };
        (process, Box::pin(async move { import(&deps, &caller, rows, how, &once, &encode).await }))
    }

    /// Sends the file once more, with nothing in its way, and expects that each of its rows is a post of its own, and nothing else.
    fn ends_whole(&self, file: &str, count: usize, what: &str) -> String {
        self.world.engine.calm();
        let end = together(&self.world, vec![self.import(file, count, Import::Whole)]).pop().unwrap();
        let Some(Ok(Imported::Done(reply))) = end else { panic!("{what}: {end:?}") };
        let told: BTreeSet<&str> = reply.stored.body.lines().collect();
        let posts: BTreeSet<String> = self.world.posts().iter().map(|(post, _)| post.id.to_string()).collect();
        assert_eq!((told.len(), posts.iter().map(String::as_str).collect()), (count, told), "{what}");
        reply.stored.body
    }
}

#[test]
fn an_import_that_dies_anywhere_is_finished_by_the_same_file_and_key() {
    const ROWS: usize = 5;
    let office = Office::new(1, Weather::calm());
    together(&office.world, vec![office.import("a", ROWS, Import::Whole)]);
    let points = office.world.engine.points(Kind::Api);
    for k in 1..=points {
        let office = Office::new(1, Weather::calm());
        office.world.engine.schedule(Fates::default(), Some((Kind::Api, k)));
        let end = together(&office.world, vec![office.import("a", ROWS, Import::Whole)]).pop().unwrap();
        assert!(end.is_none(), "it died at {k}: {end:?}");
        office.ends_whole("a", ROWS, &format!("died at {k} of {points}"));
    }
    println!("import: died at each of {points} points");
    assert!(points > 40);
}

#[test]
fn many_imports_of_one_file_through_a_storm_make_each_row_once_and_refuse_none_for_the_weather() {
    const ROWS: usize = 4;
    let (mut answered, mut unfinished) = (0, 0);
    for seed in 0..100 {
        let office = Office::new(seed, Weather::storm(150));
        office.world.engine.storm(true);
        let mut given: BTreeSet<String> = BTreeSet::new();
        for _ in 0..3 {
            let all = (0..8).map(|_| office.import("a", ROWS, Import::Whole)).collect();
            for end in together(&office.world, all) {
                match end {
                    Some(Ok(Imported::Done(reply))) => {
                        answered += 1;
                        given.insert(reply.stored.body);
                    }
                    Some(Err(Error::Unavailable(_) | Error::InFlight)) => unfinished += 1,
                    other => panic!("{seed}: {other:?}"),
                }
            }
        }
        office.world.engine.storm(false);
        office.world.memory.land();
        given.insert(office.ends_whole("a", ROWS, &format!("{seed}")));
        assert_eq!(given.len(), 1, "{seed}: all are answered alike");
    }
    println!("import: {answered} answered alike, {unfinished} told to ask again");
    assert!(unfinished > 100);
}

#[test]
fn of_two_files_under_one_key_one_is_imported_and_no_row_of_the_other() {
    for seed in 0..50 {
        let office = Office::new(seed, Weather::calm());
        let files = ["a", "b"];
        let both = files.iter().map(|file| office.import(file, 4, Import::Partial)).collect();
        let ends: Vec<End> = together(&office.world, both).into_iter().flatten().collect();
        let won: Vec<&str> = files.iter().zip(&ends).filter(|(_, end)| end.is_ok()).map(|(file, _)| *file).collect();
        let [won] = won[..] else { panic!("{seed}: {ends:?}") };
        assert!(ends.iter().any(|end| matches!(end, Err(Error::KeyReused))), "{seed}: {ends:?}");
        office.ends_whole(won, 4, &format!("{seed}"));
    }
}

/// Each look at it takes a second.
struct Slow {
    clock: Arc<dyn Clock>,
    looks: AtomicI64,
}

impl Clock for Slow {
    fn now(&self) -> Timestamp {
        self.clock.now() + SignedDuration::from_secs(self.looks.fetch_add(1, Ordering::Relaxed))
    }
}

#[test]
fn an_import_that_takes_too_long_stops_between_rows_and_goes_on_when_it_is_asked_again() {
    let office = Office::new(3, Weather::calm());
    let mut tries = 0;
    loop {
        tries += 1;
        let mut process = office.world.process();
        let clock = Arc::clone(&process.deps.clock);
        process.deps.clock = Arc::new(Slow { clock, looks: AtomicI64::new(0) });
        match together(&office.world, vec![office.by(process, "a", 5, Import::Whole)]).pop().unwrap() {
            Some(Ok(_)) => break,
            Some(Err(Error::Unavailable(told))) => assert!(told.contains("it goes on"), "{told}"),
            other => panic!("{other:?}"),
        }
        assert!(tries < 10, "each try makes rows");
    }
    assert!(tries > 1);
    office.ends_whole("a", 5, "slow");
}
