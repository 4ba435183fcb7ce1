//! Making a source of an account whose platform calls nobody.

use super::Listed;
use crate::audit::entry;
use crate::mutate::{Encode, MAX_NAME, commit, named, require};
use crate::{Deps, Error, Once, Reply};
use domain::access::{Caller, Permission};
use domain::accounts::Account;
use domain::inbound::{ASK_MIN, ASK_USUALLY_MIN, Asking, MAX_SOURCES, Source};
use domain::platform::{AskRule, Descriptor};
use domain::publishing::Violation;
use domain::{AccountId, SourceId};
use ports::{Connector, Record, Versioned, Write};
use serde_json::json;
use std::sync::Arc;

/// A source to make that is asked.
#[derive(Debug, Clone)]
pub struct NewAsked {
    /// The platform's slug.
    pub platform: String,
    /// What people call it; the account's name when empty.
    pub name: String,
    /// The account.
    pub account: AccountId,
    /// Minutes between two askings; [`ASK_USUALLY_MIN`] when left out.
    pub every_min: Option<u16>,
}

/// Makes a source of an account that is asked what was said to it, from now on.
///
/// # Errors
/// When the account is not there or not connected, its platform cannot be asked, it is asked already, or the tenant has as many sources
/// as it may.
pub async fn ask_source(
    deps: &Deps,
    caller: &Caller,
    new: &NewAsked,
    once: &Once,
    encode: Encode<'_, Listed>,
) -> Result<Reply, Error> {
    require(caller, Permission::ManageWebhooks)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let (connector, rule) = asked(deps, &new.platform)?;
    let every_min = interval(connector.descriptor(), rule, new.every_min)?;
    let account = account(deps, caller, connector.descriptor(), new.account).await?;
    let name = if new.name.trim().is_empty() {
        let theirs: String = account.profile.name.chars().take(MAX_NAME).collect();
        // A name that its platform gave may be none here.
        named(&theirs, "/name").unwrap_or_else(|_| connector.descriptor().name.clone())
    } else {
        named(&new.name, "/name")?
    };
    if deps.ledger.sources(caller.tenant).await?.len() >= MAX_SOURCES {
        return Err(too_many());
    }
    let known = deps.ledger.asking(caller.tenant, account.id).await?;
    if known.as_ref().is_some_and(|known| known.value.source.is_some()) {
        return Err(Error::conflict("already_asked", "this account has a source already: delete that first"));
    }
    let (id, now) = (SourceId::from_uuid(deps.uuid()), deps.clock.now());
    let source = Source {
        id,
        tenant: caller.tenant,
        platform: account.platform.clone(),
        name,
        account: Some(account.id),
        token_hash: String::new(),
        secrets: [].into(),
        created_at: now,
    };
    let asking = Asking::of((caller.tenant, account.id), account.platform.clone(), id, every_min, now);
    let facts = json!({ "platform": account.platform, "account": account.id, "every_minutes": every_min });
    let writes = vec![
        Write::create(Record::Source(source.clone())),
        asks(known.as_ref(), asking.clone()),
        entry(deps, caller, "source.made", id, Some(facts)),
    ];
    let reply = encode(&Listed { source, asking: Some(asking) });
    commit(deps, caller.tenant, once, writes, reply).await
}

/// Of two sources of one account that are made at once, one is.
fn asks(known: Option<&Versioned<Asking>>, asking: Asking) -> Write {
    let record = Record::Asking(Box::new(asking));
    known.map_or_else(|| Write::create(record.clone()), |known| Write::replace(known, record.clone()))
}

pub(super) fn too_many() -> Error {
    Error::conflict("too_many_sources", format!("a tenant has at most {MAX_SOURCES} sources: delete one first"))
}

/// The platforms that are asked.
pub(super) fn all_asked(deps: &Deps) -> impl Iterator<Item = &Descriptor> {
    let all = deps.connectors.all().iter().map(|connector| connector.descriptor());
    all.filter(|descriptor| descriptor.limits.asked.is_some())
}

/// The platform of this slug, where it is asked.
fn asked(deps: &Deps, slug: &str) -> Result<(Arc<dyn Connector>, AskRule), Error> {
    let found = slug.parse().ok().and_then(|platform| deps.connectors.get(&platform));
    if let Some((connector, rule)) = found.and_then(|it| it.descriptor().limits.asked.map(|rule| (it, rule))) {
        return Ok((connector, rule));
    }
    let known: Vec<&str> = all_asked(deps).map(|descriptor| descriptor.id.as_str()).collect();
    let detail = match deps.sources.iter().find(|form| form.slug == slug) {
        Some(form) => format!("{} calls Herald: leave account_id out", form.name),
        None => format!("Herald asks accounts of {} what was said to them", known.join(", ")),
    };
    Err(Error::invalid("not_asked", "/platform", detail))
}

fn interval(platform: &Descriptor, rule: AskRule, given: Option<u16>) -> Result<u16, Error> {
    let (least, most) = (rule.least_min.max(*ASK_MIN.start()), *ASK_MIN.end());
    let every = given.unwrap_or(ASK_USUALLY_MIN.max(least));
    if (least..=most).contains(&every) {
        return Ok(every);
    }
    let detail = format!("{} is asked every {least} to {most} minutes", platform.name);
    let violation =
        Violation { limit: Some(u64::from(most)), ..Violation::new("interval_invalid", "/every_minutes", detail) };
    Err(Error::Invalid(vec![violation]))
}

/// The tenant's account there; another tenant's is as one that does not exist.
async fn account(deps: &Deps, caller: &Caller, platform: &Descriptor, id: AccountId) -> Result<Account, Error> {
    let found = deps.ledger.account(caller.tenant, id).await?.map(|found| found.value);
    let there = found.filter(|account| account.platform == platform.id && !account.is_disconnected());
    let Some(account) = there else {
        let detail = format!("there is no such account on {}: name one that is connected, by its id", platform.name);
        return Err(Error::invalid("account_not_found", "/account_id", detail));
    };
    if !account.is_active() {
        let detail = format!("the account {} must be connected again before it can be asked", account.profile.name);
        return Err(Error::invalid("account_needs_reauth", "/account_id", detail));
    }
    Ok(account)
}
