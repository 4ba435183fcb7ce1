//! How bad the day is: rates of every fault, in thousandths of the calls they concern.

use crate::Fates;

/// Rates of faults. Everything is 0 in [`Weather::calm`].
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)] // each field names its fault
pub struct Weather {
    /// Crashes, pauses and jumps at every point.
    pub fates: Fates,
    /// Store operations refused.
    pub store_throttled: u32,
    /// Store writes whose answer is lost, applied or not, or landing seconds later.
    pub store_ambiguous: u32,
    /// Most milliseconds an index lags.
    pub index_lag_ms: i64,
    /// Store operations that take up to 10 seconds.
    pub store_slow: u32,
    /// Messages that come twice or three times.
    pub queue_doubled: u32,
    /// Messages refused, or taken although the answer says no.
    pub queue_refused: u32,
    /// Events the bus refuses.
    pub bus_refused: u32,
    /// Secret store calls that fail.
    pub secrets_down: u32,
    /// Publish calls that do not go well.
    pub platform: u32,
    /// Answers of a platform that take seconds.
    pub slow_answers: u32,
    /// Most milliseconds after the request a lost request still takes effect.
    pub late_commit_ms: i64,
    /// Most milliseconds a commit is missing from listings.
    pub list_lag_ms: i64,
    /// Posts that no reading ever recognises: listed otherwise than they were written, or not at all.
    pub unrecognised: u32,
    /// Listings that fail.
    pub listing_fails: u32,
    /// Token calls that fail before the platform changed anything.
    pub token_calls: u32,
    /// Token calls whose answer is lost after the platform changed the tokens.
    pub token_answers: u32,
    /// Webhook requests that do not go well.
    pub endpoint: u32,
    /// Most milliseconds a machine's clock is off.
    pub skew_ms: i64,
    /// Ticks fired twice; as many outages of the scheduler of 1 to 60 minutes.
    pub ticks: u32,
}

impl Weather {
    /// Nothing goes wrong.
    pub fn calm() -> Self {
        Self::default()
    }

    /// Everything goes wrong (F2). `throttled` is 3 to 30 percent of store calls.
    pub fn storm(throttled: u32) -> Self {
        Self {
            fates: Fates { crash: 80, pause: 60, jump: 15, ..Fates::default() },
            store_throttled: throttled,
            store_ambiguous: 30,
            index_lag_ms: 10_000,
            store_slow: 5,
            queue_doubled: 100,
            queue_refused: 30,
            bus_refused: 50,
            secrets_down: 20,
            platform: 450,
            slow_answers: 100,
            late_commit_ms: 240_000,
            list_lag_ms: 60_000,
            unrecognised: 0,
            listing_fails: 150,
            token_calls: 200,
            token_answers: 20,
            endpoint: 300,
            skew_ms: 5_000,
            ticks: 20,
        }
    }

    /// The storm without what unsettles leases: clocks are right and nobody sleeps.
    pub fn storm_with_true_clocks(throttled: u32) -> Self {
        let storm = Self::storm(throttled);
        Self { fates: Fates { pause: 0, jump: 0, ..storm.fates }, skew_ms: 0, ..storm }
    }
}
