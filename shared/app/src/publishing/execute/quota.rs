//! What an execution takes of the platform's quotas: of the account's own while it is inside the gate, of those that all
//! accounts share from the governor. A platform that documents none costs nothing.

use super::Worker;
use crate::publishing::{gate, governor};
use domain::platform::{Level, Limits, Quota, QuotaScope, quotas_of};
use domain::publishing::{Asking, Delivery, Governor, Meters, State};
use jiff::Timestamp;
use ports::StoreError;

/// What a worker has taken and not used yet, for the delivery that it works on.
#[derive(Default)]
pub(super) struct Taken {
    /// Whether the delivery goes before those that only come now.
    first: bool,
    /// Requests that the account's own quotas let through.
    own: u32,
    /// Those quotas.
    of: Vec<Quota>,
    /// Requests that the quotas of all accounts let through.
    shared: u32,
    /// The use of the account's own quotas, ours to count while we hold the gate.
    meters: Meters,
    /// The use of the others when they were last asked.
    seen: Option<Meters>,
}

impl Worker<'_> {
    /// The quotas that posts like this one count for.
    fn of_its_kind(&self, delivery: &Delivery) -> Vec<Quota> {
        let connector = self.deps.connectors.get(&delivery.platform);
        let of = |limits: &Limits| limits.quotas_for(delivery.content_kind, delivery.answers);
        connector.map(|connector| of(&connector.descriptor().limits)).unwrap_or_default()
    }

    /// Those that the next request counts for.
    fn quotas(&self, delivery: &Delivery) -> Vec<Quota> {
        if self.ahead(delivery) == 0 { Vec::new() } else { self.of_its_kind(delivery) }
    }

    /// The requests that this claim makes of them.
    fn ahead(&self, delivery: &Delivery) -> u32 {
        let connector = self.deps.connectors.get(&delivery.platform);
        let steps = delivery.parts.len();
        let counted = |limits: &Limits| limits.counted(steps, delivery.commented);
        delivery.requests_ahead(connector.map_or(steps, |connector| counted(&connector.descriptor().limits)))
    }

    /// Begins with a delivery. One whose part was being prepared has been let through for that part.
    pub(super) fn begins(&mut self, delivery: &Delivery) {
        let shared = u32::from(delivery.state == State::Processing);
        let meters = std::mem::take(&mut self.taken.meters);
        let of = self.quotas(delivery);
        self.taken = Taken { first: delivery.goes_before(), shared, meters, of, ..Taken::default() };
    }

    /// Knocks at the account's gate, and asks of its own quotas.
    pub(super) async fn knock(&self, leased: &Delivery) -> Result<gate::Entry, StoreError> {
        let quotas = self.quotas(leased);
        let asking = self.asking(gate::ALONE, leased);
        gate::enter(self.deps, leased, self.owner, &quotas_of(&quotas, QuotaScope::Account), asking).await
    }

    /// The gate is ours, and what is counted in it.
    pub(super) fn goes_in(&mut self, own: u32, meters: Meters) {
        (self.taken.own, self.taken.meters) = (own, meters);
    }

    fn asking<'b>(&self, who: &'b str, leased: &Delivery) -> Asking<'b> {
        Asking { who, n: self.ahead(leased), waited: self.taken.first }
    }

    /// Takes what the next request needs, unless it is taken already. None when it may leave; else when to come back.
    pub(super) async fn take(&mut self, leased: &Delivery) -> Result<Option<Timestamp>, StoreError> {
        let quotas = self.quotas(leased);
        if self.taken.own == 0 {
            let asking = self.asking(gate::ALONE, leased);
            match self.taken.meters.ask(&quotas_of(&quotas, QuotaScope::Account), asking, self.now()) {
                Ok(own) => self.taken.own = own,
                Err(until) => return Ok(Some(until)),
            }
        }
        let shared = quotas_of(&quotas, QuotaScope::App);
        if self.taken.shared > 0 || shared.is_empty() {
            return Ok(None);
        }
        let share = Governor::share(leased.tenant);
        match governor::ask(self.deps, &leased.platform, &shared, self.asking(&share, leased)).await? {
            governor::Answer::Taken(n, meters) => (self.taken.shared, self.taken.seen) = (n, Some(meters)),
            governor::Answer::Spent(until) => return Ok(Some(until)),
        }
        Ok(None)
    }

    /// A request leaves.
    pub(super) fn uses_one(&mut self) {
        self.taken.own = self.taken.own.saturating_sub(1);
        self.taken.shared = self.taken.shared.saturating_sub(1);
    }

    /// The platform said how its quotas stand. Of the account's own everything counts; of the others only what matters is
    /// written down, since that costs a write.
    pub(super) async fn heard(&mut self, delivery: &Delivery, levels: &[Level]) {
        if levels.is_empty() {
            return;
        }
        let (quotas, now) = (self.of_its_kind(delivery), self.now());
        let Taken { own, shared, meters, seen, .. } = &mut self.taken;
        meters.hear(&quotas_of(&quotas, QuotaScope::Account), levels, *own, now);
        let app = quotas_of(&quotas, QuotaScope::App);
        if let Some(seen) = seen.as_mut().filter(|seen| seen.has_news(&app, levels, now)) {
            seen.hear(&app, levels, *shared, now);
            governor::hear(self.deps, &delivery.platform, &app, levels, *shared).await;
        }
    }

    /// What was counted of the account's own quotas, with what was not used given back.
    pub(super) fn counted(&mut self) -> Meters {
        let own = std::mem::take(&mut self.taken.own);
        let quotas = quotas_of(&self.taken.of, QuotaScope::Account);
        self.taken.meters.give_back(&quotas, gate::ALONE, own);
        self.taken.meters.clone()
    }
}
