//! The ledger of campaigns.

use crate::fixtures::{Turned, World, counted, fresh};
use domain::audience::Exclusion;
use domain::campaigns::{
    CHUNK_RECIPIENTS, Chunk, ChunkKey, Control, Entry, EntryState, Finding, Planner, Reason, Shard, ShardRef, Verdict,
};
use domain::{ContactId, RunId, TenantId};
use ports::{Campaigns, Record, StoreError, Write};
use std::sync::Arc;
use store::{Backend, Memory, Table};
use uuid::Uuid;

/// Ids as they are in production: with no zeros in front.
fn contact(n: u32) -> ContactId {
    ContactId::from_uuid(Uuid::from_u128(0x3fff_eeee_dddd_cccc_bbbb_aaaa_0000_0000 | u128::from(n)))
}

fn shard_ref<B: Backend>(w: &World<B>) -> ShardRef {
    ShardRef { tenant: w.tenant, run: RunId::from_uuid(fresh()), stage: 1, shard: 3 }
}

/// A shard with so many recipients, half an hour after each other in tens, and its chunks.
fn planned<B: Backend>(w: &World<B>, at: ShardRef, n: u32) -> (Shard, Vec<Chunk>) {
    let mut planner = Planner::new(&Shard::new(at)).unwrap();
    for i in 0..n {
        let not_before = w.in_s(i64::from(i / 10) * 1_800);
        assert!(planner.take(contact(i), Verdict::In { variant: 0, not_before }));
    }
    planner.done(true)
}

async fn stored<B: Backend>(w: &World<B>, shard: &Shard, chunks: &[Chunk]) {
    let shard = Write::create(Record::RunShard(Box::new(shard.clone())));
    let chunks = chunks.iter().map(|chunk| Write::create(Record::Chunk(chunk.clone())));
    w.commit(chunks.chain([shard])).await.unwrap();
}

pub(crate) async fn shards_and_chunks_come_back_as_they_were_stored<B: Backend>(w: &World<B>) {
    let at = shard_ref(w);
    let (shard, mut chunks) = planned(w, at, 12);
    let claimed = shard.leased("worker", w.now()).unwrap().claimed("worker", &chunks[0], w.now()).unwrap();
    let shard = claimed.controlled(Control::Paused).unwrap();
    let found = [
        Finding::accepted("m-1"),
        Finding::unknown(w.now()),
        Finding::skipped(Reason::May(Exclusion::Erased)),
        Finding::of(EntryState::Rejected { code: "blocked".into() }),
        Finding::of(EntryState::Bounced { permanent: true, code: "no_such_user".into() }),
        Finding::of(EntryState::Complained),
        Finding::of(EntryState::Delivered),
    ];
    let found: Vec<_> = found.into_iter().zip(0..).map(|(found, n)| (contact(n), found)).collect();
    chunks[0] = chunks[0].recorded(&found);
    chunks[1].entries[0].state = EntryState::Moved;
    stored(w, &shard, &chunks).await;
    let read = w.store.shard(at).await.unwrap().unwrap();
    assert_eq!((read.value, read.rev), (shard, 1));
    for chunk in chunks {
        assert_eq!(w.store.chunk(at, chunk.key).await.unwrap().unwrap().value, chunk);
    }
    assert!(w.store.shard(ShardRef { stage: 0, ..at }).await.unwrap().is_none());
    assert!(w.store.chunk(at, ChunkKey::new(w.now(), 99)).await.unwrap().is_none());
}

pub(crate) async fn chunks_come_in_the_order_of_their_keys_from_behind_a_key_on<B: Backend>(w: &World<B>) {
    let at = shard_ref(w);
    let (shard, mut chunks) = planned(w, at, 50);
    let mut nobody = Chunk::new(at, ChunkKey::never(77));
    nobody.entries.push(Entry::skipped(contact(900), Reason::Excluded));
    chunks.push(nobody.clone());
    stored(w, &shard, &chunks).await;
    chunks.sort_by_key(|chunk| chunk.key);
    let all = w.store.chunks(at, None, 100).await.unwrap();
    assert_eq!(all.iter().map(|c| c.value.clone()).collect::<Vec<_>>(), chunks);
    assert_eq!(all[0].value, nobody, "those who are not written to come first");
    let to_claim = w.store.chunks(at, Some(ChunkKey::FIRST), 100).await.unwrap();
    assert_eq!(to_claim.len(), 5, "and are never claimed");
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = w.store.chunks(at, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2);
        after = Some(last.value.key);
        seen.extend(page.into_iter().map(|c| c.value));
    }
    assert_eq!(seen, chunks, "no gap and no repetition");
}

pub(crate) async fn the_shards_of_a_run_are_found_together_and_no_other_runs<B: Backend>(w: &World<B>) {
    let run = RunId::from_uuid(fresh());
    let all: Vec<ShardRef> = [0, 1]
        .into_iter()
        .flat_map(|stage| (0..16).map(move |shard| (stage, shard)))
        .map(|(stage, shard)| ShardRef { tenant: w.tenant, run, stage, shard })
        .collect();
    let others = [
        ShardRef { run: RunId::from_uuid(fresh()), ..all[0] },
        ShardRef { tenant: TenantId::from_uuid(fresh()), ..all[0] },
    ];
    for at in all.iter().chain(&others) {
        w.create(Record::RunShard(Box::new(Shard::new(*at)))).await;
    }
    // What lies in the partition of a chunk is no shard.
    let chunk = Chunk::new(all[0], ChunkKey::new(w.now(), 0));
    w.create(Record::Chunk(chunk)).await;
    let found = w.store.shards(w.tenant, run).await.unwrap();
    assert_eq!(found.iter().map(|s| s.value.at).collect::<Vec<_>>(), all);
}

pub(crate) async fn a_claim_and_a_pause_of_the_same_revision_are_not_both_made<B: Backend>(w: &World<B>) {
    let at = shard_ref(w);
    let (shard, chunks) = planned(w, at, 10);
    stored(w, &shard.leased("worker", w.now()).unwrap(), &chunks).await;
    let read = w.store.shard(at).await.unwrap().unwrap();
    let claim = read.value.claimed("worker", &chunks[0], w.now()).unwrap();
    let pause = read.value.controlled(Control::Paused).unwrap();
    let write = |next| [Write::replace(&read, Record::RunShard(Box::new(next)))];
    w.commit(write(pause)).await.unwrap();
    assert!(matches!(w.commit(write(claim)).await, Err(StoreError::Conflict { .. })));
    assert_eq!(w.store.shard(at).await.unwrap().unwrap().value.flight, None);
}

/// A message id as Amazon SES gives them.
const MESSAGE: &str = "0100019a1b2c3d4e-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-000000";

#[tokio::test]
async fn a_planned_chunk_takes_one_write_unit_one_with_outcomes_two_and_its_shard_one() {
    let clock = Turned::at_start();
    let w = World::new(Memory::new(Arc::clone(&clock) as _), clock, counted());
    // As in production, where an id has no zeros in front.
    let at =
        ShardRef { tenant: TenantId::from_uuid(Uuid::max()), run: RunId::from_uuid(Uuid::max()), stage: 1, shard: 15 };
    let (shard, _) = planned(&w, at, 10);
    let mut chunk = Chunk::new(at, ChunkKey::new(w.now(), 99_999));
    chunk.entries = (0..10).map(|n| Entry::planned(contact(n), 3)).collect();
    assert_eq!(chunk.entries.len(), CHUNK_RECIPIENTS);
    let owner = Uuid::max().simple().to_string();
    let mut shard = Shard { seq: 99_999, audience: 999_999, after: Some(contact(9)), ..shard };
    shard = shard.leased(&owner, w.now()).unwrap().claimed(&owner, &chunk, w.now()).unwrap();
    shard.quiet_until = Some(w.now());
    shard.tally.accepted = 999_999;
    shard.tally.unknown = 10;
    shard.tally.skipped = Reason::all().map(|reason| (reason, 99_999)).collect();
    let found: Vec<_> = (0..10).map(|n| (contact(n), Finding::accepted(MESSAGE))).collect();
    let sent = chunk.recorded(&found);
    let bounced: Vec<_> = (0..10)
        .map(|n| (contact(n), Finding::of(EntryState::Bounced { permanent: true, code: "550_5.1.1".into() })))
        .collect();
    let returned = Chunk { key: ChunkKey::new(w.now(), 2), ..sent.recorded(&bounced) };
    let sent = Chunk { key: ChunkKey::new(w.now(), 1), ..sent };
    stored(&w, &shard, &[chunk, sent, returned]).await;
    let sizes: Vec<usize> =
        w.store.backend().items(Table::Core).iter().filter(|i| i.kind == "chunk").map(store::Item::bytes).collect();
    let [sent, returned, planned] = sizes[..] else { panic!("{sizes:?}") };
    assert!(planned <= 1_024 && sent <= 2_048 && returned <= 2_048, "{planned} {sent} {returned}");
    let shards: Vec<usize> =
        w.store.backend().items(Table::Core).iter().filter(|i| i.kind == "shard").map(store::Item::bytes).collect();
    assert!(shards.iter().all(|n| *n <= 1_024), "{shards:?}");
}
