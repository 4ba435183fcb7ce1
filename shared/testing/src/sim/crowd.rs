//! Who is outside the functions: clients, people, and mutants that write into the ledger.

use super::check::{deliveries, texts};
use super::clients::{self, Answer};
use super::plan::Act;
use super::run::{Duty, End, Sim};
use crate::engine::Happening;
use crate::{Kind, Mutant, now};
use domain::publishing::{RetryReason, State};
use domain::{AccountId, PostId};
use ports::{Record, Write};
use std::str::FromStr;

/// Seconds an API function may run, as the template sets it.
pub(super) const API_S: i64 = 30;
/// Times a client asks again.
const PATIENCE: u32 = 40;

impl Sim<'_> {
    pub(super) fn client(&mut self, n: usize) {
        let act = self.plan.acts[n].1.clone();
        if let Act::Hook(hook) = act {
            self.hook(n, hook);
            return;
        }
        let known = match &act {
            Act::Hook(_) => None,
            Act::Publish(post) | Act::Edit(post) | Act::Cancel(post) | Act::Amend { post, .. } => {
                self.ids.get(post).copied()
            }
        };
        if known.is_none() && !matches!(act, Act::Publish(_)) {
            self.ended(End::Client(n, Answer::Again));
            return;
        }
        let posts = self.plan.posts.clone();
        let accounts: Vec<AccountId> = self.accounts.iter().map(|(id, ..)| *id).collect();
        self.start(Kind::Api, API_S, Duty { act: Some(n), ..Duty::default() }, move |process, world| {
            Box::pin(async move {
                let answer = clients::act(&process, &world.caller, &act, &posts, &accounts, known).await;
                End::Client(n, answer)
            })
        });
    }

    pub(super) fn answered(&mut self, n: usize, answer: Answer) {
        let act = self.plan.acts[n].1.clone();
        self.world.engine.log("answered", |t| *t = format!("{act:?} {answer:?}"));
        if let Act::Cancel(post) = &act {
            self.called_off.insert(*post);
        }
        if matches!(answer, Answer::Done(_)) {
            self.granted.entry(n).or_insert(self.world.engine.now_ms());
        }
        match (&act, &answer) {
            (Act::Publish(post), Answer::Done(body)) => {
                if let Ok(id) = PostId::from_str(body) {
                    self.posts.insert(id, *post);
                    self.ids.entry(*post).or_insert(id);
                }
            }
            (Act::Cancel(post), Answer::Done(_)) => {
                self.canceled.entry(*post).or_insert(self.world.engine.now_ms());
            }
            _ => {}
        }
        let asked = self.asked.entry(n).or_default();
        *asked += 1;
        if answer == Answer::Again && *asked < PATIENCE {
            self.world.engine.after(5_000, Happening::Client(n));
        } else {
            self.settled.insert(n);
        }
    }

    /// Every 20 minutes people decide what waits for them, reconnect accounts, and sometimes try again what failed.
    pub(super) fn people(&mut self) {
        self.round += 1;
        let round = self.round;
        let posts = self.world.posts();
        let found = posts.iter().flat_map(|(post, all)| all.iter().map(move |d| (texts(d.content(post)), d.clone())));
        for (texts, d) in found {
            let Some((_, at, author)) = self.accounts.iter().find(|(id, ..)| *id == d.account) else { continue };
            let (at, author) = (*at, author.clone());
            let again = self.world.engine.chance(|rng| rng.permille(100));
            let act = match &d.state {
                State::Unknown { .. } | State::Attention { .. } | State::BlockedAuth { .. } => true,
                State::Failed { .. } | State::Partial { .. } | State::Missed { .. } => again && round < 20,
                _ => false,
            };
            if !act {
                continue;
            }
            let (slug, errs) = (self.setup.rules[at].slug, self.setup.people_err);
            self.start(Kind::Api, API_S, Duty::default(), move |process, world| {
                Box::pin(async move {
                    match &d.state {
                        State::Unknown { part, .. } | State::Attention { part, .. } => {
                            let text = texts.get(usize::from(*part)).cloned().unwrap_or_default();
                            clients::decide(&process, &world.caller, &d, &world.platforms[at], &text, errs, round)
                                .await;
                        }
                        State::BlockedAuth { .. } => drop(world.connect(&process.deps, slug, &author).await),
                        _ => clients::retry(&process, &world.caller, &d, round).await,
                    }
                    End::Nothing
                })
            });
        }
        if round <= 60 {
            self.world.engine.after(1_200_000, Happening::People);
        }
    }

    /// Mutants that are somebody else writing into the ledger.
    pub(super) fn sabotage(&mut self) {
        let store_now = self.world.engine.now();
        let deps = self.world.deps();
        for mut d in deliveries(&self.world) {
            let hit = match (&d.state, self.setup.mutant) {
                (State::Dispatching { lease_until, .. }, Mutant::ReaperRequeues) => *lease_until < store_now,
                (State::Unknown { neg_reads, .. }, Mutant::AbsentAtOnce) => *neg_reads > 0,
                (State::Dispatching { .. } | State::Unknown { .. }, Mutant::BlindCancel) => {
                    self.posts.get(&d.post).is_some_and(|n| self.called_off.contains(n))
                }
                _ => false,
            };
            if !hit {
                continue;
            }
            d.state = if self.setup.mutant == Mutant::BlindCancel {
                State::Canceled { at: store_now }
            } else {
                State::Retry { reason: RetryReason::Asked }
            };
            let write = Write::put(Record::Delivery(d));
            self.world.engine.storm(false);
            drop(now(deps.ledger.commit(vec![write])));
            self.world.engine.storm(true);
        }
        self.world.engine.after(20_000, Happening::Sabotage);
    }
}
