//! What left with an access of which it was known that it had ended.

use super::Witness;
use domain::AccountId;
use domain::events::EventData;
use domain::publishing::WORKER_LIFE_S;
use std::collections::BTreeMap;

/// How long a worker may go on with what it has looked at: as long as it lives, and a minute more for its request to arrive.
const GRACE_MS: i64 = (WORKER_LIFE_S + 60) * 1_000;

impl Witness<'_> {
    /// Requests that left although their access had ended, or their account had to be connected again, for longer than any worker
    /// lives: who asked for them had looked after that, or not at all.
    pub(super) fn without_access(&self) -> u64 {
        let mut turns: BTreeMap<AccountId, Vec<(i64, bool)>> = BTreeMap::new();
        for event in self.world.bus.taken() {
            let at = event.at.as_millisecond();
            match event.data {
                EventData::AccountConnected(f) => turns.entry(f.account_id).or_default().push((at, true)),
                EventData::AccountNeedsReconnect(f) => turns.entry(f.account_id).or_default().push((at, false)),
                _ => {}
            }
        }
        let mut wrong = 0;
        for (account, at, author) in self.accounts {
            let turns = turns.get(account).map(Vec::as_slice).unwrap_or_default();
            let truth = self.world.platforms[*at].truth();
            for arrival in truth.arrivals.iter().filter(|arrival| arrival.author == *author) {
                let before = turns.iter().filter(|(at, _)| *at <= arrival.at_ms).max();
                let dead = before.is_some_and(|(at, connected)| !connected && arrival.at_ms - at > GRACE_MS);
                let ended = arrival.at_ms.saturating_sub(arrival.access_until_ms) > GRACE_MS;
                wrong += u64::from(dead || ended);
            }
        }
        wrong
    }
}
