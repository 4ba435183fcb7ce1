//! After a life: what the ledger says against what the provider did and the people wanted.

use super::life::{Life, Wish};
use crate::now;
use domain::ContactId;
use domain::campaigns::{Chunk, ChunkKey, Class, EntryState, Tally};
use ports::Campaigns;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

/// What a life broke. Everything is 0 in a good one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // each field is the rule broken
pub struct Verdict {
    /// I15: people who got more than one message of the run.
    pub doubled: u64,
    /// I15: people who stand in two places of the ledger.
    pub planned_twice: u64,
    /// I16: people whom the run is meant for, and of whom nothing is said, or who still wait when it is over.
    pub lost: u64,
    /// People of whom is said that they were written to, and were not, or the other way round.
    pub untrue: u64,
    /// I16: looks at which the sums were not the audience, and shards whose sums are not what their chunks say.
    pub sums: u64,
    /// I17: shards of which something was claimed after somebody was told that nothing would be.
    pub claims_after_stop: u64,
    /// I18: people who are unknown although an event told of them and was kept.
    pub unsettled: u64,
    /// I19: people who were written to although they had said no before their claim.
    pub after_no: u64,
    /// Messages that left before their time.
    pub early: u64,
    /// Lives that did not end.
    pub unfinished: u64,
}

impl Verdict {
    /// Whether nothing was broken.
    pub fn is_good(&self) -> bool {
        *self == Self::default()
    }

    /// The figures, for adding up.
    pub fn figures(&self) -> [(&'static str, u64); 10] {
        [
            ("doubled", self.doubled),
            ("planned_twice", self.planned_twice),
            ("lost", self.lost),
            ("untrue", self.untrue),
            ("sums", self.sums),
            ("claims_after_stop", self.claims_after_stop),
            ("unsettled", self.unsettled),
            ("after_no", self.after_no),
            ("early", self.early),
            ("unfinished", self.unfinished),
        ]
    }
}

/// How a life ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// What was broken.
    pub verdict: Verdict,
    /// People by what the ledger says of them.
    pub states: BTreeMap<&'static str, u64>,
    /// Requests that left for the provider.
    pub requests: u64,
    /// Times somebody looked at the sums.
    pub looks: u64,
    /// Times somebody was told that nothing is claimed any more.
    pub stops: u64,
    /// People who stood in more than one chunk, because the provider said "not now".
    pub moved: u64,
    /// Events that were kept, or said nothing new.
    pub events: u64,
}

fn name(state: &EntryState) -> &'static str {
    match state {
        EntryState::Planned => "planned",
        EntryState::Unknown { .. } => "unknown",
        EntryState::Skipped(_) => "skipped",
        EntryState::Rejected { .. } => "rejected",
        EntryState::Accepted => "accepted",
        EntryState::Delivered => "delivered",
        EntryState::Bounced { .. } => "bounced",
        EntryState::Complained => "complained",
        EntryState::Moved => "moved",
    }
}

impl Life {
    #[allow(clippy::panic)] // a fault of the test world itself
    fn chunks(&self, shard: u8) -> Vec<Chunk> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = match now(self.world.ledger.chunks(self.at(shard), after, 100)) {
                Ok(page) => page,
                Err(error) => panic!("the chunks cannot be read: {error}"),
            };
            let Some(last) = page.last() else { return all };
            after = Some(last.value.key);
            all.extend(page.into_iter().map(|chunk| chunk.value));
        }
    }

    pub(super) fn judge(&mut self) {
        let cancelled = self.granted == Some(Wish::Cancel);
        let mut verdict = self.ended.verdict;
        let mut entries: BTreeMap<ContactId, Vec<(ChunkKey, EntryState)>> = BTreeMap::new();
        let shards = self.shards();
        for shard in &shards {
            let chunks = self.chunks(shard.at.shard);
            let counted = chunks.iter().filter(|chunk| shard.has_counted(chunk.key));
            let tally = counted.fold(Tally::default(), |sum, chunk| sum.plus(&chunk.tally()));
            let here = chunks.iter().flat_map(|chunk| chunk.entries.iter().map(move |entry| (chunk.key, entry)));
            let real = here.clone().filter(|(_, entry)| entry.state.class() != Class::Elsewhere).count();
            verdict.sums += u64::from(tally != shard.tally || real != usize::try_from(shard.audience).unwrap_or(0));
            verdict.unfinished += u64::from(!shard.is_finished());
            for (key, entry) in here {
                entries.entry(entry.contact).or_default().push((key, entry.state.clone()));
            }
        }
        verdict.unfinished += u64::from(shards.is_empty());
        let books = self.office.books();
        let mut taken: BTreeMap<ContactId, u64> = BTreeMap::new();
        let people = self.crowd.people();
        let claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        for one in &books.taken {
            *taken.entry(one.entry.contact).or_default() += 1;
            let not_before = one.entry.key.not_before_ms;
            verdict.early += u64::from(one.sent_ms < not_before);
            let no_since = people.get(&one.entry.contact).and_then(|one| one.no_since);
            let part = format!("SH#{}", one.entry.at.part());
            let key = one.entry.key.to_string();
            let claimed =
                claims.iter().find(|((shard, chunk), _)| shard.sk == part && *chunk == key).map(|(_, at)| *at);
            let after_no = no_since.is_some_and(|no| claimed.is_some_and(|claimed| no < claimed));
            verdict.after_no += u64::from(after_no);
        }
        let told: BTreeSet<(ContactId, ChunkKey)> =
            books.told.iter().filter(|told| told.heard).map(|told| (told.entry.contact, told.entry.key)).collect();
        verdict.doubled += taken.values().filter(|n| **n > 1).count() as u64;
        drop(people);
        for contact in self.crowd.concerned() {
            let all = entries.remove(&contact).unwrap_or_default();
            let here: Vec<_> = all.iter().filter(|(_, state)| state.class() != Class::Elsewhere).collect();
            self.ended.moved += u64::from(all.len() > 1);
            verdict.planned_twice += u64::from(here.len() > 1);
            let Some((key, state)) = here.first() else {
                verdict.lost += u64::from(!cancelled);
                continue;
            };
            *self.ended.states.entry(name(state)).or_default() += 1;
            verdict.lost += u64::from(*state == EntryState::Planned && !cancelled);
            let was_taken = taken.contains_key(&contact);
            let untrue = match state.class() {
                Class::Accepted | Class::Bounced | Class::Complained => !was_taken,
                Class::Open | Class::Skipped(_) | Class::Rejected => was_taken,
                Class::Unknown | Class::Elsewhere => false,
            };
            verdict.untrue += u64::from(untrue);
            verdict.unsettled += u64::from(state.class() == Class::Unknown && told.contains(&(contact, *key)));
        }
        // Whoever is left is planned without being meant.
        verdict.untrue += entries.len() as u64;
        self.ended.requests = books.requests;
        self.ended.events = books.told.iter().filter(|told| told.heard).count() as u64;
        self.ended.verdict = verdict;
    }
}
