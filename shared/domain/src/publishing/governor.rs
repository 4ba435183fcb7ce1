//! What keeps publishing within the quotas of a platform: before a request leaves it is taken from every quota that it
//! counts for, and what cannot be taken waits until it can.

use super::{Asking, Meter};
use crate::platform::{Level, Quota};
use crate::{PlatformId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The meters of several quotas, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Meters(BTreeMap<String, Meter>);

/// Uses of the quotas that a platform has for all accounts together, of all tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Governor {
    /// The platform.
    pub platform: PlatformId,
    /// Their use, shared by tenants.
    pub meters: Meters,
    /// When it was last written; it is kept for a while from then on.
    pub asked_at: Timestamp,
}

impl Governor {
    /// One that nobody asked yet.
    pub fn new(platform: PlatformId, now: Timestamp) -> Self {
        Self { platform, meters: Meters::default(), asked_at: now }
    }

    /// The name under which a tenant's share is counted: the end of its id, which is random.
    pub fn share(tenant: TenantId) -> String {
        tenant.uuid().simple().to_string().split_off(24)
    }
}

impl Meters {
    /// Whether nothing was ever counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes requests of all `quotas`, or of none: how many were taken.
    ///
    /// # Errors
    /// One of them has no room; the error is when to come back. Only lines have changed.
    pub fn ask(&mut self, quotas: &[&Quota], asking: Asking<'_>, now: Timestamp) -> Result<u32, Timestamp> {
        let mut asked = self.clone();
        let answers: Vec<(&Quota, Result<u32, Timestamp>)> = quotas
            .iter()
            .map(|quota| (*quota, asked.0.entry(quota.name.clone()).or_default().ask(quota, asking, now)))
            .collect();
        let Some(until) = answers.iter().filter_map(|(_, answer)| answer.err()).max() else {
            let fewest = answers.iter().filter_map(|(_, answer)| answer.ok()).min().unwrap_or(asking.n);
            for (quota, answer) in &answers {
                if let Some(meter) = asked.0.get_mut(&quota.name) {
                    meter.give_back(asking.who, answer.unwrap_or(fewest) - fewest);
                }
            }
            *self = asked;
            return Ok(fewest);
        };
        for (quota, _) in answers.iter().filter(|(_, answer)| answer.is_err()) {
            if let Some(meter) = asked.0.remove(&quota.name) {
                self.0.insert(quota.name.clone(), meter);
            }
        }
        Err(until)
    }

    /// Gives back requests of these quotas that did not leave.
    pub fn give_back(&mut self, quotas: &[&Quota], who: &str, n: u32) {
        for quota in quotas {
            if let Some(meter) = self.0.get_mut(&quota.name) {
                meter.give_back(who, n);
            }
        }
    }

    /// When requests asked for at `from` would be let through.
    pub fn expects(&self, quotas: &[&Quota], asking: Asking<'_>, from: Timestamp) -> Timestamp {
        quotas.iter().map(|quota| self.of(quota).expects(quota, asking, from)).max().unwrap_or(from)
    }

    /// The meter of a quota.
    pub fn of(&self, quota: &Quota) -> Meter {
        self.0.get(&quota.name).cloned().unwrap_or_default()
    }

    /// Takes in what the platform told, while `pending` requests are taken that have not left yet.
    pub fn hear(&mut self, quotas: &[&Quota], levels: &[Level], pending: u32, now: Timestamp) {
        for (quota, level) in concerned(quotas, levels) {
            self.0.entry(quota.name.clone()).or_default().hear(quota, level, pending, now);
        }
    }

    /// Whether the platform told something that matters and is not known.
    pub fn has_news(&self, quotas: &[&Quota], levels: &[Level], now: Timestamp) -> bool {
        concerned(quotas, levels).any(|(quota, level)| self.of(quota).is_news(quota, level, now))
    }
}

/// Each level with the quota it is of.
fn concerned<'a>(quotas: &'a [&'a Quota], levels: &'a [Level]) -> impl Iterator<Item = (&'a Quota, &'a Level)> {
    levels.iter().filter_map(move |level| Some((*quotas.iter().find(|quota| quota.name == level.quota)?, level)))
}
