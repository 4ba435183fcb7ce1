//! What the storms are about happens in them: a world in which nothing is parked or called off proves nothing of that.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use common::{readable, stormy, write_only};
use std::collections::BTreeMap;
use testing::sim::{Setup, run};

/// Lives of posts in each world: a small part of those that are judged elsewhere.
const SEEDS: u64 = 150;

#[test]
fn posts_are_published_called_off_missed_and_parked_where_an_access_died() {
    let mut parked = 0;
    for (name, rules) in [("readable", readable()), ("write-only", write_only())] {
        let setup = Setup { people: true, ..stormy(rules, 100) };
        let mut states = BTreeMap::<&str, u64>::new();
        for seed in 0..SEEDS {
            let report = run(seed, &setup).report;
            parked += report.parked;
            for (state, n) in report.states {
                *states.entry(state).or_default() += n;
            }
        }
        println!("sim {name}: {states:?}, {parked} parked so far");
        for state in ["published", "canceled", "missed"] {
            assert!(states.get(state).is_some_and(|n| *n > 0), "{name}: nothing was {state}: {states:?}");
        }
    }
    assert!(parked > 0, "no access died while a post was due");
}
