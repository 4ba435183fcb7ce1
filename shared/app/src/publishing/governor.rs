//! The governor of a platform, as commits: the quotas that all accounts of all tenants share, asked before a request leaves.

use crate::Deps;
use domain::PlatformId;
use domain::platform::{Level, Quota, QuotaScope};
use domain::publishing::{Asking, Governor, Meters, THROTTLE_FLOOR_S};
use jiff::{SignedDuration, Timestamp};
use ports::{Expect, Record, StoreError, Versioned, Write};

/// Times an answer is written again when others ask at the same moment: as many as the workers of a publish queue, with room
/// for another queue's.
const TRIES: usize = 20;

/// What asking came to.
pub(super) enum Answer {
    /// So many requests were taken. The use as it now is.
    Taken(u32, Meters),
    /// There is no room before then.
    Spent(Timestamp),
}

/// Takes requests of the quotas of a platform. It costs one read and one write.
pub(super) async fn ask(
    deps: &Deps,
    platform: &PlatformId,
    quotas: &[&Quota],
    asking: Asking<'_>,
) -> Result<Answer, StoreError> {
    for _ in 0..TRIES {
        let mut found = read(deps, platform).await?;
        let before = found.value.meters.clone();
        let answer = found.value.meters.ask(quotas, asking, deps.clock.now());
        let meters = found.value.meters.clone();
        let answer = answer.map_or_else(Answer::Spent, |taken| Answer::Taken(taken, meters));
        if found.value.meters == before {
            return Ok(answer);
        }
        match put(deps, found).await {
            Ok(()) => return Ok(answer),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    // Too many ask at once: nothing was taken, and a moment later there are fewer.
    Ok(Answer::Spent(deps.clock.now() + SignedDuration::from_secs(THROTTLE_FLOOR_S)))
}

/// Writes down how the platform says that its quotas stand. Without it the next ones learn it from their own answers.
pub(super) async fn hear(deps: &Deps, platform: &PlatformId, quotas: &[&Quota], levels: &[Level], pending: u32) {
    for _ in 0..TRIES {
        let mut found = match read(deps, platform).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%platform, %error, "what is known of a platform's quotas could not be read");
                return;
            }
        };
        found.value.meters.hear(quotas, levels, pending, deps.clock.now());
        match put(deps, found).await {
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => {
                tracing::warn!(%platform, %error, "what the platform tells of its quotas could not be kept");
                return;
            }
            Ok(()) => return,
        }
    }
}

/// The use of the quotas of a platform, to look at. One without quotas that all share is not asked about.
pub(super) async fn meters(deps: &Deps, platform: &PlatformId) -> Result<Meters, StoreError> {
    let connector = deps.connectors.get(platform);
    let is_shared = |quota: &Quota| quota.scope == QuotaScope::App;
    if !connector.is_some_and(|connector| connector.descriptor().limits.quotas.iter().any(is_shared)) {
        return Ok(Meters::default());
    }
    Ok(read(deps, platform).await?.value.meters)
}

async fn read(deps: &Deps, platform: &PlatformId) -> Result<Versioned<Governor>, StoreError> {
    let found = deps.ledger.governor(platform).await?;
    let new = || Governor::new(platform.clone(), deps.clock.now());
    Ok(found.unwrap_or_else(|| Versioned { value: new(), rev: 0, unsent: Vec::new() }))
}

async fn put(deps: &Deps, found: Versioned<Governor>) -> Result<(), StoreError> {
    let expect = if found.rev == 0 { Expect::Absent } else { Expect::Rev(found.rev) };
    let governor = Governor { asked_at: deps.clock.now(), ..found.value };
    let write = Write { record: Record::Governor(governor), expect, delete: false, events: Vec::new() };
    deps.ledger.commit(vec![write]).await.map(|_| ())
}
