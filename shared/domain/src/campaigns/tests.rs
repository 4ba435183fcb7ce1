use super::*;
use crate::{ContactId, RunId, TenantId};
use jiff::Timestamp;
use uuid::Uuid;

fn at() -> ShardRef {
    let (tenant, run) = (TenantId::from_uuid(Uuid::from_u128(1)), RunId::from_uuid(Uuid::from_u128(0xabc)));
    ShardRef { tenant, run, stage: 0, shard: 3 }
}

fn who(n: u128) -> ContactId {
    ContactId::from_uuid(Uuid::from_u128(0x3 << 124 | n))
}

fn t(s: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + s).unwrap()
}

fn planned(n: u128) -> (Shard, Vec<Chunk>) {
    let mut planner = Planner::new(&Shard::new(at())).unwrap();
    for c in 0..n {
        assert!(planner.take(who(c), Verdict::In { variant: 0, not_before: t(0) }));
    }
    planner.done(true)
}

/// All orders of so many things (Heap's way).
fn orders(n: usize) -> Vec<Vec<usize>> {
    fn go(k: usize, of: &mut Vec<usize>, out: &mut Vec<Vec<usize>>) {
        if k <= 1 {
            return out.push(of.clone());
        }
        for i in 0..k {
            go(k - 1, of, out);
            of.swap(if k.is_multiple_of(2) { i } else { 0 }, k - 1);
        }
    }
    let mut out = Vec::new();
    go(n, &mut (0..n).collect(), &mut out);
    out
}

#[test]
fn whatever_the_order_and_however_often_the_same_findings_end_the_same() {
    let findings = [
        Finding::unknown(t(5)),
        Finding::accepted("m-1"),
        Finding::of(EntryState::Delivered),
        Finding::of(EntryState::Bounced { permanent: false, code: "mailbox_full".into() }),
        Finding::of(EntryState::Bounced { permanent: true, code: "no_such_user".into() }),
        Finding::of(EntryState::Complained),
    ];
    let orders = orders(findings.len());
    assert_eq!(orders.len(), 720);
    for last in 1..=findings.len() {
        let mut ends: Vec<Entry> = Vec::new();
        for order in &orders {
            let of = order.iter().filter(|i| **i < last).map(|i| &findings[*i]);
            // Each comes twice, the second time after all the others.
            let twice = of.clone().chain(of);
            ends.push(twice.fold(Entry::planned(who(1), 0), |entry, found| entry.learned(found)));
        }
        ends.dedup();
        assert_eq!(ends.len(), 1, "{ends:?}");
        assert_eq!(ends[0].state, findings[last - 1].state);
        assert_eq!(ends[0].message.as_deref(), (last > 1).then_some("m-1"));
    }
}

#[test]
fn evidence_ends_a_doubt_and_a_doubt_takes_nothing_back() {
    let doubt = Finding::unknown(t(0));
    for found in [
        Finding::accepted("m"),
        Finding::skipped(Reason::HeldOut),
        Finding::of(EntryState::Rejected { code: "blocked".into() }),
    ] {
        let entry = Entry::planned(who(1), 0).learned(&doubt);
        assert_eq!(entry.state.class(), Class::Unknown);
        let settled = entry.learned(&found);
        assert_eq!(settled.state, found.state);
        assert_eq!(settled.learned(&doubt), settled);
    }
    // What was handed over counts more than a word that it was not.
    let taken = Entry::planned(who(1), 0).learned(&Finding::of(EntryState::Delivered));
    assert_eq!(taken.learned(&Finding::of(EntryState::Rejected { code: "x".into() })), taken);
}

#[test]
fn of_who_stands_in_another_chunk_nothing_is_learned_in_the_old_one() {
    let moved = Entry { state: EntryState::Moved, ..Entry::planned(who(1), 0) };
    assert_eq!(moved.learned(&Finding::accepted("m")), moved);
}

#[test]
fn a_contact_is_planned_once_in_chunks_of_at_most_ten_that_share_an_instant() {
    let mut planner = Planner::new(&Shard::new(at())).unwrap();
    for c in 0..100 {
        let verdict = match c % 4 {
            0 => Verdict::Unconcerned,
            1 => Verdict::Out(Reason::Excluded),
            2 => Verdict::In { variant: 1, not_before: t(0) },
            _ => Verdict::In { variant: 0, not_before: t(3600) },
        };
        assert!(planner.take(who(c), verdict));
        // A page that was read again.
        assert!(planner.take(who(c), verdict));
    }
    let (shard, chunks) = planner.done(true);
    assert_eq!((shard.audience, shard.pending(), shard.tally.total()), (75, 50, 25));
    let mut all: Vec<ContactId> = chunks.iter().flat_map(|c| c.entries.iter().map(|e| e.contact)).collect();
    assert_eq!(all.len(), 75);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 75);
    assert!(chunks.iter().all(|c| c.entries.len() <= CHUNK_RECIPIENTS));
    assert!(chunks.iter().filter(|c| c.key.not_before().is_none()).all(|c| !c.is_open()));
    assert!(Planner::new(&shard).is_err(), "everybody is planned");
}

#[test]
fn a_step_of_planning_ends_where_one_commit_is_full_and_the_next_begins_there() {
    let mut shard = Shard::new(at());
    let (mut n, mut seen) = (0, Vec::new());
    while !shard.planned {
        let mut planner = Planner::new(&shard).unwrap();
        // Each may be written to at an instant of their own, as in no window that people make.
        while n < 200 && planner.take(who(n), Verdict::In { variant: 0, not_before: t(i64::try_from(n).unwrap()) }) {
            n += 1;
        }
        let (next, chunks) = planner.done(n == 200);
        assert!(chunks.len() <= MAX_PLANNED_CHUNKS);
        seen.extend(chunks.into_iter().map(|c| c.key));
        shard = next;
    }
    assert_eq!((seen.len(), shard.audience), (200, 200));
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 200);
}

#[test]
fn keys_of_chunks_sort_as_text_and_those_of_nobody_come_first() {
    let mut keys = [
        ChunkKey::new(t(1), 0),
        ChunkKey::never(7),
        ChunkKey::FIRST,
        ChunkKey::new(t(0), 70_000),
        ChunkKey::new(t(0), 9),
    ];
    keys.sort_unstable();
    let mut texts: Vec<String> = keys.iter().map(ToString::to_string).collect();
    texts.sort_unstable();
    assert_eq!(texts, keys.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(keys[0], ChunkKey::never(7));
    assert_eq!(keys[1], ChunkKey::FIRST);
    for (key, text) in keys.iter().zip(&texts) {
        assert_eq!(text.parse(), Ok(*key));
    }
    assert_eq!(at().to_string().parse(), Ok(at()));
    let entry = EntryRef { at: at(), key: ChunkKey::new(t(7), 300), contact: who(1) };
    let tags = entry.tags();
    let tag = |name: &str| tags.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    assert_eq!(EntryRef::from_tags(tag), Some(entry));
    let safe = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    assert!(tags.iter().all(|(name, value)| safe(name) && safe(value) && value.len() <= 256));
    assert_eq!(EntryRef::from_tags(|_| Some("x")), None);
    for reason in Reason::all() {
        assert_eq!(Reason::try_from(reason.name().to_owned()), Ok(reason));
    }
    for bad in ["", "a.b.c", &format!("{}0", at()), &at().to_string().to_uppercase()] {
        assert!(bad.parse::<ShardRef>().is_err(), "{bad}");
    }
}

#[test]
fn a_claim_takes_a_shard_that_is_held_planned_and_let_go_on_and_each_chunk_once() {
    let (shard, chunks) = planned(25);
    assert_eq!(shard.claimed("a", &chunks[0], t(0)), Err(ShardRefusal::Lost));
    let held = shard.leased("a", t(0)).unwrap();
    assert_eq!(held.leased("b", t(1)), Err(ShardRefusal::Busy(t(SHARD_LEASE_S))));
    assert_eq!(held.claimed("a", &chunks[0], t(-1)), Err(ShardRefusal::Early(t(0))));
    let claimed = held.claimed("a", &chunks[0], t(0)).unwrap();
    assert_eq!((claimed.pending(), claimed.sending()), (15, 10));
    assert_eq!(claimed.claimed("a", &chunks[1], t(0)), Err(ShardRefusal::InFlight));
    assert_eq!(claimed.counted("a", &chunks[0]), Err(ShardRefusal::NotCountable), "nobody said what came of it");
    let found: Vec<_> = chunks[0].entries.iter().map(|e| (e.contact, Finding::accepted("m"))).collect();
    let sent = chunks[0].recorded(&found);
    let counted = claimed.counted("a", &sent).unwrap();
    assert_eq!((counted.pending(), counted.sending(), counted.tally.accepted), (15, 0, 10));
    assert_eq!(counted.counted("a", &sent), Err(ShardRefusal::NotCountable), "it is counted once");
    assert_eq!(counted.claimed("a", &chunks[0], t(0)), Err(ShardRefusal::Behind));
    assert!(counted.claimed("a", &chunks[1], t(0)).is_ok());
    for (control, refusal) in [(Control::Paused, ShardRefusal::Paused), (Control::Cancelled, ShardRefusal::Cancelled)] {
        let stopped = counted.controlled(control).unwrap();
        assert_eq!(stopped.claimed("a", &chunks[1], t(0)), Err(refusal));
    }
    let cancelled = counted.controlled(Control::Cancelled).unwrap();
    assert_eq!(cancelled.controlled(Control::Run), Err(ShardRefusal::Cancelled));
    let unplanned = Shard { planned: false, ..counted };
    assert_eq!(unplanned.claimed("a", &chunks[1], t(0)), Err(ShardRefusal::NotPlanned));
}

#[test]
fn whoever_takes_a_shard_over_finds_what_is_in_flight_and_calls_it_unknown_and_the_late_owner_is_still_heard() {
    let (shard, chunks) = planned(10);
    let first = shard.leased("a", t(0)).unwrap().claimed("a", &chunks[0], t(0)).unwrap();
    let second = first.leased("b", t(SHARD_LEASE_S)).unwrap();
    assert_eq!((second.fence, second.flight), (first.fence + 1, first.flight));
    assert_eq!(second.claimed("a", &chunks[0], t(SHARD_LEASE_S)), Err(ShardRefusal::Lost));
    let doubted = chunks[0].doubted(t(100)).unwrap();
    let counted = second.counted("b", &doubted).unwrap();
    assert_eq!((counted.tally.unknown, counted.pending(), counted.is_finished()), (10, 0, true));
    let settled = doubted.learned(who(3), &Finding::accepted("late")).unwrap();
    let recounted = counted.recounted(&doubted, &settled);
    assert_eq!((recounted.tally.unknown, recounted.tally.accepted), (9, 1));
    assert_eq!(doubted.doubted(t(200)), None);
}

#[test]
fn not_now_moves_recipients_behind_everything_that_was_claimed() {
    let (shard, chunks) = planned(10);
    let claimed = shard.leased("a", t(0)).unwrap().claimed("a", &chunks[0], t(0)).unwrap();
    let found: Vec<_> = (0..6).map(|n| (who(n), Finding::accepted("m"))).collect();
    let (next, left, later) = claimed.deferred("a", &chunks[0].recorded(&found), Some(86_400), t(1)).unwrap();
    assert_eq!((next.pending(), next.sending(), next.tally.accepted, later.entries.len()), (4, 0, 6, 4));
    assert!(!left.is_open() && later.key > left.key);
    let until = t(1 + MOST_QUIET_S);
    assert_eq!(next.claimed("a", &later, t(2)), Err(ShardRefusal::Early(until)));
    assert!(next.claimed("a", &later, until).is_ok());
    assert!(claimed.deferred("b", &chunks[0], None, t(1)).is_err());
}

#[test]
fn sums_are_the_audience_also_of_a_cancelled_run() {
    let (shard, chunks) = planned(25);
    let claimed = shard.leased("a", t(0)).unwrap().claimed("a", &chunks[0], t(0)).unwrap();
    let sums = Sums::of([&claimed]);
    assert_eq!((sums.audience, sums.total(), sums.pending, sums.sending, sums.finished), (25, 25, 15, 10, false));
    let cancelled = claimed.controlled(Control::Cancelled).unwrap();
    let sums = Sums::of([&cancelled, &Shard { planned: true, ..Shard::new(at()) }]);
    assert_eq!((sums.audience, sums.total(), sums.pending, sums.finished), (25, 25, 0, false));
    assert_eq!(sums.skipped[&Reason::Cancelled], 15);
    let over = cancelled.counted("a", &chunks[0].doubted(t(9)).unwrap()).unwrap();
    assert!(Sums::of([&over]).finished);
    assert!(!Sums::of([]).finished, "of no shards nothing is said");
}
