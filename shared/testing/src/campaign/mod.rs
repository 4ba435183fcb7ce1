//! The life of one run of a campaign over a faulty world, from one seed: 400 recipients on lists that overlap, workers and planners that
//! die or sleep anywhere, a provider that takes mails and loses the answer, people who pause, resume and cancel at any moment, and others who
//! unsubscribe at any moment. The use cases are the real ones, over the real keys and conditions.

mod crowd;
mod judge;
mod life;
mod office;
mod table;

pub use judge::{Ended, Verdict};

use crate::{Fates, Kind, Weather};

/// What a life is like.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// How bad the day is.
    pub weather: Weather,
    /// Contacts, of whom about nine in ten are on a list that gets the run.
    pub people: u32,
    /// Shards that they lie in, at most 16; all 16 are there.
    pub shards: u8,
    /// Times somebody pauses and resumes, or cancels, at most.
    pub controls: usize,
    /// Of a thousand people, how many say at some moment that they want no more.
    pub leaving: u32,
    /// Within how many milliseconds they do.
    pub leave_within_ms: i64,
    /// The guard that is missing.
    pub missing: Missing,
    /// Crash the invocation of this kind at its n-th point, counted over the whole life.
    pub crash_at: Option<(Kind, u64)>,
    /// Keeps the event log.
    pub verbose: bool,
}

impl Campaign {
    /// Everything goes wrong. `throttled` store calls in a thousand.
    pub fn stormy(throttled: u32) -> Self {
        let storm = Weather::storm(throttled);
        let fates = Fates { crash: 15, pause: 20, jump: 10, ..Fates::default() };
        let weather = Weather { fates, platform: 250, ..storm };
        Self {
            weather,
            people: 445,
            shards: 4,
            controls: 3,
            leaving: 150,
            leave_within_ms: 7_200_000,
            missing: Missing::None,
            crash_at: None,
            verbose: false,
        }
    }
}

/// One list makes the type and its `ALL`, so that none can be missing from those that are tried.
macro_rules! missing {
    ($($(#[$doc:meta])+ $name:ident,)+) => {
        /// A guard that is missing, from outside: nothing of this reaches the code under test.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum Missing {
            /// All guards stand.
            #[default]
            None,
            $($(#[$doc])+ $name,)+
        }

        impl Missing {
            /// Each.
            pub const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

missing! {
    /// Whoever takes a shard over sends what is in flight again.
    UnknownAgain,
    /// A claim does not look at what people want.
    ControlUnseen,
    /// Whether somebody may be written to is read before the claim.
    AskedBeforeClaim,
    /// What came of a chunk is added to the sums twice.
    CountedTwice,
    /// A shard's position is stored apart from its chunks.
    PositionApart,
    /// What came of a chunk is written whatever others learned of it meanwhile.
    LateOwnerOverwrites,
    /// A write whose answer was lost counts as done.
    DoubtfulIsDone,
    /// A provider that does not answer is taken to have refused.
    SilenceIsNo,
    /// A shard is written whatever others wrote meanwhile.
    NoRevisions,
}

/// A life that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lived {
    /// How it ended.
    pub ended: Ended,
    /// Hash of everything that happened.
    pub hash: u64,
    /// The event log, if it was kept.
    pub log: Vec<String>,
    /// Points at which a crash makes a difference of its own, by kind.
    pub telling: Vec<(Kind, Vec<u64>)>,
}

/// Lives the life of `seed` and judges it.
pub fn live(seed: u64, campaign: &Campaign) -> Lived {
    life::Life::new(seed, campaign).live()
}
