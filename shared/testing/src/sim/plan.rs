//! What clients will do in a run, drawn from its seed before it starts.

use super::{HookAct, Setup};
use crate::{Rng, START_MS};
use app::publishing::{PublishCommand, TargetSpec, When};
use domain::AccountId;
use domain::publishing::{Part, Variant};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How many versions of its words a post has: those it is made with, those of an edit, and those of changes of what is live.
const VERSIONS: usize = 5;

/// Something a client does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Asks for post n, with its idempotency key; a second act for the same post is an impatient client.
    Publish(usize),
    /// Gives post n other words and another time.
    Edit(usize),
    /// Calls post n off.
    Cancel(usize),
    /// Something about the endpoints of a world of webhooks.
    Hook(HookAct),
    /// Gives what is live of a post other words.
    Amend {
        /// Which post.
        post: usize,
        /// Which words.
        version: usize,
        /// Which of the changes of this post it is.
        turn: usize,
    },
}

/// A post to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// When it is asked for, in milliseconds.
    pub asked_ms: i64,
    /// When it is due; none for now.
    pub due_ms: Option<i64>,
    /// Indexes of the accounts it goes to.
    pub accounts: Vec<usize>,
    /// Parts of the thread.
    pub parts: usize,
    /// Whether the platform must prepare something first.
    pub prepares: bool,
    /// Seconds it may be late.
    pub lateness_s: u32,
    /// Whether it has a first comment: every fifth has, and only what is no thread can.
    pub comments: bool,
}

/// The whole plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Posts.
    pub posts: Vec<Planned>,
    /// Acts with their times in milliseconds, each repeated until it is answered.
    pub acts: Vec<(i64, Act)>,
}

impl Plan {
    /// Draws a plan for `accounts` accounts.
    pub fn draw(rng: &mut Rng, setup: &Setup, accounts: usize) -> Self {
        let mut plan = Self::default();
        for n in 0..usize::try_from(rng.between(1, setup.posts)).unwrap_or(1) {
            let spread = if setup.together { 30_000 } else { 1_800_000 };
            let asked_ms = START_MS + rng.between(0, spread);
            let soon = rng.permille(400);
            let due_ms =
                (!soon).then(|| asked_ms + rng.between(1_000, if setup.together { 30_000 } else { 7_200_000 }));
            let first = rng.index(accounts);
            let mut targets = vec![first];
            if rng.permille(400) {
                targets.extend((0..accounts).filter(|a| *a != first));
            }
            let parts = if rng.permille(700) { 1 } else { usize::try_from(rng.between(2, 4)).unwrap_or(2) };
            let lateness_s = if rng.permille(200) { 300 } else { 3600 };
            let prepares = rng.permille(200);
            let comments = parts == 1 && rng.permille(285);
            plan.posts.push(Planned { asked_ms, due_ms, accounts: targets, parts, prepares, lateness_s, comments });
            plan.acts.push((asked_ms, Act::Publish(n)));
            if rng.permille(200) {
                plan.acts.push((asked_ms + rng.between(0, 2_000), Act::Publish(n)));
            }
            let spell = due_ms.unwrap_or(asked_ms) - asked_ms + 30_000;
            if rng.permille(150) {
                plan.acts.push((asked_ms + rng.between(0, spell), Act::Edit(n)));
            }
            let calls_off = rng.permille(250);
            // Where readings err, a cancel between "proved absent" and the next request tells what the reading said.
            if calls_off && setup.weather.unrecognised == 0 {
                plan.acts.push((asked_ms + rng.between(0, spell + 600_000), Act::Cancel(n)));
            }
            for turn in 0..if setup.amends { rng.index(8) } else { 0 } {
                // Of few, so that the same words are saved again, and older ones come back.
                let version = 2 + rng.index(VERSIONS - 2);
                // Most follow the one before within the minutes in which a lost request may still take effect.
                let last = plan.acts.last().map(|(at, _)| *at).filter(|_| turn > 0 && rng.permille(700));
                let at = last.unwrap_or_else(|| asked_ms + rng.between(0, spell + 5_400_000)) + rng.between(0, 90_000);
                plan.acts.push((at, Act::Amend { post: n, version, turn }));
            }
        }
        plan
    }
}

/// The words of part `k` of post `n` in version `v`: unique, so that whatever is on a platform can be told apart.
pub(crate) fn words(n: usize, v: usize, k: usize) -> String {
    format!("post {n} version {v} part {k}")
}

/// The words of the first comment of post `n`. What is live keeps its comment, whatever words it is given: only the edit before
/// it leaves, version 1, has another.
pub(crate) fn comment(n: usize, v: usize) -> String {
    format!("post {n} version {} comment", usize::from(v == 1))
}

/// The versions of a post that say this, as [`words`] and [`comment`] have it.
pub(crate) fn version(text: &str) -> Option<impl Iterator<Item = usize>> {
    let said: usize = text.split(' ').nth(3)?.parse().ok()?;
    let is_comment = text.ends_with(" comment");
    Some((0..VERSIONS).filter(move |v| if is_comment { usize::from(*v == 1) == said } else { *v == said }))
}

/// The same without its version: where on a platform it stands.
pub(crate) fn place(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    if words.len() > 3 {
        words.remove(3);
    }
    words.join(" ")
}

impl Planned {
    /// The content of version `v`.
    pub(crate) fn content(&self, n: usize, v: usize) -> Variant {
        let part = |k| {
            let mut text = words(n, v, k);
            if self.prepares {
                text.push_str(" prepare");
            }
            Part { text, media: Vec::new() }
        };
        let first_comment = self.comments.then(|| comment(n, v));
        Variant { parts: (0..self.parts).map(part).collect(), first_comment, ..Variant::default() }
    }

    pub(crate) fn command(&self, n: usize, accounts: &[AccountId]) -> PublishCommand {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
        PublishCommand {
            content: self.content(n, 0),
            variants: BTreeMap::new(),
            targets: self.accounts.iter().map(|a| TargetSpec::Account(accounts[*a])).collect(),
            when: self.due_ms.map_or(When::Now, |ms| When::At(at(ms))),
            max_lateness_s: Some(self.lateness_s),
        }
    }
}
