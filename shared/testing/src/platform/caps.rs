//! How much the platform takes in what time.

use super::{Cap, FakePlatform};
use domain::platform::{Level, QuotaScope};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::PublishCall;

impl FakePlatform {
    /// Somebody else publishes `n` times through the same platform app.
    pub fn used_by_others(&self, n: u32) {
        for at in (0..self.rules.caps.len()).filter(|at| self.rules.caps[*at].scope == QuotaScope::App) {
            self.keep(at, "", n);
        }
    }

    /// The n-th cap's window as it stands now.
    fn window(&self, at: usize, whose: &str) -> (i64, u32) {
        let now = self.engine.now_ms();
        let length_ms = i64::from(self.rules.caps[at].window_s) * 1_000;
        let window = self.truth().windows.get(&(at, whose.to_owned())).copied().unwrap_or((now, 0));
        if now - window.0 >= length_ms { (now, 0) } else { window }
    }

    /// So many more are taken in it.
    fn keep(&self, at: usize, whose: &str, more: u32) -> (i64, u32) {
        let (start_ms, used) = self.window(at, whose);
        let window = (start_ms, used + more);
        self.truth().windows.insert((at, whose.to_owned()), window);
        window
    }

    /// Takes a request, or refuses it because a window is used up. What the answer tells of the windows, it tells either way.
    pub(super) fn counted(&self, call: &PublishCall<'_>) -> Result<(), Failure> {
        let comment = call.variant.is_comment(call.part) && self.rules.thread_parts == 1;
        if comment {
            return Ok(());
        }
        let caps = self.rules.caps;
        let author = call.account.profile.external_id.as_str();
        let whose = |cap: &Cap| if cap.scope == QuotaScope::App { "" } else { author };
        let used_up = |(at, cap): &(usize, &Cap)| self.window(*at, whose(cap)).1 >= cap.limit;
        let refusing = caps.iter().enumerate().find(used_up);
        let mut refused = Ok(());
        for (at, cap) in caps.iter().enumerate() {
            let (start_ms, used) = self.keep(at, whose(cap), u32::from(refusing.is_none()));
            let resets_at = Timestamp::from_millisecond(start_ms + i64::from(cap.window_s) * 1_000).ok();
            if let Some(resets_at) = resets_at.filter(|_| cap.told) {
                let left = cap.limit.saturating_sub(used);
                call.tells([Level { quota: Cap::name(at), limit: Some(cap.limit), left, resets_at }]);
            }
            if refusing.is_some_and(|(n, _)| n == at) {
                self.truth().capped += 1;
                refused = Err(Failure::RateLimited { until: resets_at.filter(|_| cap.told) });
            }
        }
        refused
    }
}
