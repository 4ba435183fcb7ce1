//! The simulator: one seed, one world, everything that can happen in it. See [`run`].

mod check;
mod clients;
mod crowd;
mod functions;
mod hooks;
mod plan;
mod run;
pub(crate) mod stage;

pub use check::{Report, Verdict};
pub use hooks::{HookAct, Webhooks};
pub use plan::{Act, Plan, Planned};
pub use run::{Run, run, serve};
pub use stage::{Body, together};

use crate::{Kind, Mutant, Rules, Weather};

/// What a run is like.
#[derive(Debug, Clone)]
pub struct Setup {
    /// How bad the day is.
    pub weather: Weather,
    /// The platforms.
    pub rules: Vec<Rules>,
    /// The guard that is missing.
    pub mutant: Mutant,
    /// Crash the n-th point of invocations of this kind.
    pub crash_at: Option<(Kind, u64)>,
    /// Whether people decide, retry and reconnect.
    pub people: bool,
    /// Whether people err: they look at the platform and do not see what is there.
    pub people_err: bool,
    /// Whether people change the words of what is live.
    pub amends: bool,
    /// Posts of a run, at most.
    pub posts: i64,
    /// Whether they are all asked for, and due, within a minute.
    pub together: bool,
    /// Workers at the same time (MaximumConcurrency of the queue).
    pub workers: usize,
    /// Whether an endpoint wants every event.
    pub listening: bool,
    /// Where endpoints are what it is about, and nothing is posted.
    pub webhooks: Option<Webhooks>,
    /// Keep the event log as text.
    pub verbose: bool,
}
