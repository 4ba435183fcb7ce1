//! A tenant's own rules: whose posts somebody has to approve, what may stand in them, and what else lies in their record.

use crate::mutate::{Encode, commit, require};
use crate::{Deps, Error, Once, Reply, audit};
use domain::access::{Caller, Permission};
use domain::publishing::{ApprovalRule, BrandRules, Media, Rules, Variant, Violation};
use domain::{PlatformId, TenantId};
use ports::{Record, Write};
use serde_json::{Value, json};

/// The rules that hold now.
pub(crate) async fn of(deps: &Deps, tenant: TenantId) -> Result<Rules, Error> {
    Ok(deps.ledger.rules(tenant).await?.map_or_else(|| Rules::none(tenant), |found| found.value))
}

/// The brand rules that a content breaks on this platform.
pub(super) fn off_brand(
    deps: &Deps,
    brand: &BrandRules,
    platform: &PlatformId,
    variant: &Variant,
    media: &[Media],
    at: &str,
) -> Vec<Violation> {
    match deps.connectors.get(platform) {
        Some(connector) => brand.check_on(connector.descriptor(), variant, media, at),
        // Nothing goes there.
        None => brand.check(variant, at),
    }
}

/// The rules that hold now, for whoever may look.
pub async fn rules(deps: &Deps, caller: &Caller) -> Result<Rules, Error> {
    require(caller, Permission::Read)?;
    of(deps, caller.tenant).await
}

/// Says whose posts somebody has to approve. It counts for what is accepted or changed from now on; what waits goes on
/// waiting, and what was accepted without stays free.
pub async fn set_approval_rule(
    deps: &Deps,
    caller: &Caller,
    rule: ApprovalRule,
    once: &Once,
    encode: Encode<'_, Rules>,
) -> Result<Reply, Error> {
    let facts = json!({ "required_for": rule });
    set(deps, caller, "rules.approval_changed", facts, once, encode, |rules| Ok(Rules { approval: rule, ..rules }))
        .await
}

/// Replaces the brand rules. They count for what is accepted or changed from now on: what was accepted before goes out.
pub async fn set_brand_rules(
    deps: &Deps,
    caller: &Caller,
    brand: &BrandRules,
    once: &Once,
    encode: Encode<'_, Rules>,
) -> Result<Reply, Error> {
    let facts = json!({
        "required_words": brand.required_words.len(), "forbidden_words": brand.forbidden_words.len(),
        "allowed_domains": brand.allowed_domains.len(), "denied_domains": brand.denied_domains.len(),
        "max_hashtags": brand.max_hashtags,
    });
    set(deps, caller, "rules.brand_changed", facts, once, encode, |rules| {
        Ok(Rules { brand: brand.clone().checked().map_err(Error::Invalid)?, ..rules })
    })
    .await
}

/// Changes the record. Who may administer may.
pub(crate) async fn set(
    deps: &Deps,
    caller: &Caller,
    action: &str,
    facts: Value,
    once: &Once,
    encode: Encode<'_, Rules>,
    change: impl FnOnce(Rules) -> Result<Rules, Error>,
) -> Result<Reply, Error> {
    require(caller, Permission::Administer)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = deps.ledger.rules(caller.tenant).await?;
    let before = found.as_ref().map_or_else(|| Rules::none(caller.tenant), |found| found.value.clone());
    let next = change(before)?;
    let reply = encode(&next);
    let record = Record::Rules(next);
    let write = found.map_or_else(|| Write::create(record.clone()), |old| Write::replace(&old, record.clone()));
    let writes = vec![write, audit::entry(deps, caller, action, caller.tenant, Some(facts))];
    commit(deps, caller.tenant, once, writes, reply).await
}
