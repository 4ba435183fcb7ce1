//! A platform that takes a post first, and publishes it in its own time, or never.

use super::{FakePlatform, Posted};
use domain::platform::DedupeClass;
use domain::publishing::{FORMER, Failure, Finding, Receipt};
use serde_json::json;

/// Longest time in which a platform that takes posts publishes one: longer than any Δ.
const TAKEN_MS: i64 = 3 * 3_600_000;
/// In a thousand that it took, those that it never publishes.
const NEVER: u32 = 250;

impl FakePlatform {
    /// Takes a post: it is published within some hours, or never.
    pub(super) fn takes(&self, text: &str, commit: impl Fn(i64) -> Receipt) -> Option<Receipt> {
        let (never, after) = self.engine.chance(|rng| (rng.permille(NEVER), rng.between(0, TAKEN_MS)));
        if never {
            self.truth().never.insert(text.to_owned());
            return None;
        }
        let receipt = commit(self.engine.now_ms() + after);
        self.truth().pending.extend(receipt.id.clone());
        Some(receipt)
    }

    /// That it took a post; with a name to ask by, where nothing is read without one.
    pub(super) fn taken(&self, text: &str) -> Failure {
        let kept = (self.rules.class == DedupeClass::WriteOnly).then(|| json!({ FORMER: [text] }));
        Failure::Taken { detail: "it is being processed".into(), kept }
    }

    /// What it tells of a post that it took, if that is all there is to tell.
    pub(super) fn tells(&self, text: &str) -> Option<Result<Finding, Failure>> {
        let now = self.engine.now_ms();
        let truth = self.truth();
        // It is read under an id of its own, so that no listing lags behind.
        let ours = |p: &&Posted| p.text == text && truth.pending.contains(&p.id);
        if let Some(post) = truth.posted.iter().find(ours) {
            let found = || Finding::Proved(Receipt { id: Some(post.id.clone()), url: None });
            return Some(if post.at_ms > now { Ok(Finding::Pending) } else { Ok(found()) });
        }
        let never = truth.never.contains(text) && truth.posted.iter().all(|p| p.text != text);
        never.then(|| Ok(Finding::Refused { code: "refused".into(), detail: "it was not published".into() }))
    }
}
