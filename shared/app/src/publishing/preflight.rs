//! Preflight: what would be said of a post if it were accepted now, for all of its targets at once. Nothing is written, and no
//! platform is asked.

use super::request::survey;
use super::slots::Book;
use super::{PublishCommand, approval, format::texts, gate, governor, rules, schedule};
use crate::mutate::require;
use crate::{Deps, Error};
use domain::access::{Caller, Permission};
use domain::accounts::Account;
use domain::platform::{Quota, QuotaScope, quotas_of};
use domain::publishing::{Asking, BestTime, DEFAULT_LATENESS_S, Governor, Media, Meters, Variant, Violation, cost};
use domain::{AccountId, PlatformId, TenantId};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What would be said of a post.
#[derive(Debug, Clone, PartialEq)]
pub struct Preflight {
    /// When it would be due; none of a draft, and where the time is what is wrong.
    pub due_at: Option<Timestamp>,
    /// Why then, where the best time was asked for.
    pub best: Option<BestTime>,
    /// Every rule it breaks: with any, it would be refused.
    pub violations: Vec<Violation>,
    /// What would be done otherwise than asked, in words.
    pub warnings: Vec<String>,
    /// Each account it would go to.
    pub targets: Vec<Forecast>,
}

/// A post on one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its platform.
    pub platform: PlatformId,
    /// Each step's text as it is sent, its length and the most it may have, in the platform's units.
    pub steps: Vec<(String, u32, u32)>,
    /// What the platform charges for it, in millionths of a US dollar; none where it charges nothing, or the price is not
    /// known: then a warning says so.
    pub cost_usd_micros: Option<u64>,
    /// When the access to the account ends unless a person connects it again; none where nothing is known to end it.
    pub access_ends_at: Option<Timestamp>,
    /// Until when the platform wants no more requests on the account.
    pub quiet_until: Option<Timestamp>,
    /// How the quotas of the platform stand that it counts for.
    pub quotas: Vec<QuotaLeft>,
    /// When it is expected to go out: when it is due, unless the platform takes no more by then. What else is planned until
    /// then is not counted. None of a draft.
    pub expected_at: Option<Timestamp>,
    /// What will go wrong, or may, in words.
    pub warnings: Vec<String>,
}

/// How a quota stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaLeft {
    /// The quota, with the limit that holds: the platform may tell another than it documents.
    pub quota: Quota,
    /// Requests that may be made now; of a quota that several share, by this tenant.
    pub left: u32,
}

/// Looks at a post as accepting it would.
pub async fn preflight(deps: &Deps, caller: &Caller, command: &PublishCommand) -> Result<Preflight, Error> {
    require(caller, Permission::Read)?;
    let rules = rules::of(deps, caller.tenant).await?;
    let (plan, mut violations) = survey(deps, &rules, command).await?;
    let (mut due_at, mut best, mut warnings) = (None, None, plan.warnings.clone());
    if caller.may(Permission::Publish) && approval::is_needed(&rules, caller, &command.when) {
        warnings.push("it waits until somebody approves it, and is missed when nobody does in time".into());
        violations.extend(plan.unfit_to_approve.iter().cloned());
    }
    match schedule::resolve(deps, caller.tenant, &plan.targets, &command.when, &mut Book::default()).await {
        // Without an account there is no slot; that it is missing is said already.
        Ok(_) | Err(Error::Conflict { .. }) if command.when.takes_slot() && plan.targets.is_empty() => {}
        Ok(resolved) => {
            due_at = resolved.schedule.due_at();
            best = resolved.schedule.best_time().cloned();
            warnings.extend(resolved.warning);
        }
        Err(Error::Invalid(more)) => violations.extend(more),
        // Every slot is taken, or its accounts have none in common.
        Err(Error::Conflict { code, detail, .. }) if command.when.takes_slot() => {
            violations.push(Violation::new(code, "/when", detail));
        }
        Err(other) => return Err(other),
    }
    let late = SignedDuration::from_secs(command.max_lateness_s.unwrap_or(DEFAULT_LATENESS_S).into());
    let accounts: Vec<Account> = deps.ledger.accounts(caller.tenant).await?.into_iter().map(|a| a.value).collect();
    let (mut targets, mut shared) = (Vec::new(), BTreeMap::new());
    for target in &plan.targets {
        let variant = plan.variants.get(&target.platform).unwrap_or(&command.content);
        let Some(account) = accounts.iter().find(|account| account.id == target.account) else { continue };
        let Some(mut forecast) = forecast(deps, account, variant, &plan.media) else { continue };
        let gate = deps.ledger.gate(caller.tenant, account.id).await?;
        let (quiet, own) = gate.map(|gate| (gate.value.quiet_until, gate.value.meters)).unwrap_or_default();
        forecast.quiet_until = quiet.filter(|until| *until > deps.clock.now());
        let together = match shared.entry(account.platform.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(governor::meters(deps, &account.platform).await?),
        };
        forecast.govern(deps, caller.tenant, variant, (&own, together), due_at);
        forecast.access_ends_at = account.access_ends_at(&accounts);
        forecast.warnings = due_at.map_or_else(Vec::new, |due| forecast.foreseen(due, late));
        targets.push(forecast);
    }
    Ok(Preflight { due_at, best, violations, warnings, targets })
}

impl Forecast {
    /// How the quotas stand, and when it goes out by them: by the use of those that the account has for itself, and of those that all
    /// accounts share.
    fn govern(
        &mut self,
        deps: &Deps,
        tenant: TenantId,
        variant: &Variant,
        (own, shared): (&Meters, &Meters),
        due: Option<Timestamp>,
    ) {
        let Some(connector) = deps.connectors.get(&self.platform) else { return };
        let limits = &connector.descriptor().limits;
        let quotas = limits.quotas_for(variant.kind, variant.reply_to.is_some());
        let (alone, together) = (quotas_of(&quotas, QuotaScope::Account), quotas_of(&quotas, QuotaScope::App));
        let (now, share) = (deps.clock.now(), Governor::share(tenant));
        let counted = limits.counted(self.steps.len(), variant.first_comment.is_some());
        let n = u32::try_from(counted).unwrap_or(u32::MAX);
        let mut expected = due.map(|due| due.max(self.quiet_until.unwrap_or(due)));
        for (quotas, meters, who) in [(alone, own, gate::ALONE), (together, shared, share.as_str())] {
            expected =
                expected.map(|at| meters.expects(&quotas, Asking { who, n, waited: false }, at.max(now)).max(at));
            self.quotas.extend(quotas.into_iter().map(|quota| {
                let meter = meters.of(quota);
                let (limit, left) = (meter.limit(quota), meter.room(quota, who, now));
                // Of what tenants share, nobody is to count another's posts one by one.
                let steps = if quota.scope == QuotaScope::App { (limit / 20).max(1) } else { 1 };
                QuotaLeft { quota: Quota { limit, ..quota.clone() }, left: left - left % steps }
            }));
        }
        self.expected_at = expected;
    }

    /// What is known today to go wrong at `due`, when it may start `late` at most.
    fn foreseen(&self, due: Timestamp, late: SignedDuration) -> Vec<String> {
        let name = &self.name;
        let ends = self.access_ends_at.filter(|ends| *ends <= due).map(|ends| {
            format!(
                "the access to {name} ends at {ends}, before this post is due: connect the account again until then"
            )
        });
        let held_up = self.expected_at.filter(|at| *at > due).map(|at| {
            let why = match self.quiet_until.filter(|until| *until > due) {
                Some(until) => format!("the platform wants no more posts of {name} before {until}"),
                None => format!("{name} has had as many posts as the platform takes by then"),
            };
            let comes = if at <= due + late {
                format!("this one goes out at about {at}")
            } else {
                format!("there is room at about {at}, so this one is missed: choose that time, or let it start later")
            };
            format!("{why}: {comes}")
        });
        ends.into_iter().chain(held_up).collect()
    }
}

fn forecast(deps: &Deps, account: &Account, variant: &Variant, media: &[Media]) -> Option<Forecast> {
    let connector = deps.connectors.get(&account.platform)?;
    let descriptor = connector.descriptor();
    let steps = texts(connector.as_ref(), variant, media);
    Some(Forecast {
        account: account.id,
        name: account.profile.name.clone(),
        platform: account.platform.clone(),
        cost_usd_micros: cost(variant, descriptor, steps.iter().map(|(text, ..)| text.as_str())),
        steps,
        access_ends_at: None,
        quiet_until: None,
        quotas: Vec::new(),
        expected_at: None,
        warnings: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::fakes::FakePlatform;
    use domain::platform::{Limits, Price};
    use domain::publishing::{ContentKind, Part};
    use ports::Connector as _;
    use uuid::Uuid;

    #[test]
    fn an_access_that_ends_by_the_due_time_and_a_wait_beyond_it_are_foreseen() {
        let due: Timestamp = "2027-01-15T09:00:00Z".parse().unwrap();
        let (minute, hour) = (SignedDuration::from_mins(1), SignedDuration::from_hours(1));
        let forecast = |access_ends_at, quiet_until: Option<Timestamp>| Forecast {
            account: AccountId::from_uuid(Uuid::nil()),
            name: "Harbour".into(),
            platform: "chirp".parse().unwrap(),
            steps: Vec::new(),
            cost_usd_micros: None,
            access_ends_at,
            quiet_until,
            quotas: Vec::new(),
            expected_at: Some(quiet_until.unwrap_or(due).max(due)),
            warnings: Vec::new(),
        };
        for (ends, quiet, expected) in [
            (None, None, 0),
            (Some(due + minute), Some(due - minute), 0),
            (Some(due), None, 1),
            (None, Some(due + minute), 1),
            (Some(due - minute), Some(due + minute), 2),
        ] {
            assert_eq!(forecast(ends, quiet).foreseen(due, hour).len(), expected, "{ends:?} {quiet:?}");
        }
        let spent = Forecast { expected_at: Some(due + minute), ..forecast(None, None) };
        assert!(spent.foreseen(due, hour)[0].contains("goes out at about 2027-01-15T09:01:00Z"), "a quota is foreseen");
        for held_up in [spent, forecast(None, Some(due + minute))] {
            let told = held_up.foreseen(due, minute / 2);
            assert!(told.len() == 1 && told[0].contains("is missed"), "it may start half a minute late: {told:?}");
        }
    }

    #[test]
    fn each_step_is_charged_by_whether_it_has_a_link() {
        let mut descriptor = FakePlatform::new().descriptor().clone();
        let steps = ["hello", "see https://example.com"];
        let thread = Variant { parts: vec![Part::default(); 2], ..Variant::default() };
        assert_eq!(cost(&thread, &descriptor, steps), None);
        let price = Price { step_usd_micros: 15, link_usd_micros: 200 };
        descriptor.limits.price = Some(price);
        assert_eq!(cost(&thread, &descriptor, steps), Some(215));
        let own = Price { step_usd_micros: 30, link_usd_micros: 400 };
        descriptor.limits.article = Some(Box::new(Limits { price: Some(own), ..descriptor.limits.clone() }));
        assert_eq!(cost(&thread, &descriptor, steps), Some(215), "posts cost what they did");
        let first_comment = Some("see https://example.com".to_owned());
        let article = Variant { kind: ContentKind::Article, first_comment, ..Variant::text("hello") };
        assert_eq!(cost(&article, &descriptor, steps), Some(230), "an article, and a post below it");
    }
}
