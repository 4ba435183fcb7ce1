//! The audit log: who did what to credentials, access and outcomes. An entry commits with the change it tells of.

use crate::mutate::require;
use crate::{Deps, Error};
use domain::access::{Caller, Permission};
use domain::audit::AuditEntry;
use domain::{AuditId, MemberId, TenantId};
use ports::{Page, Record, Write};
use serde_json::Value;

/// Most entries of a page.
const MAX_PAGE: u32 = 200;

/// Who is written down as having done it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Actor<'a> {
    pub(crate) tenant: TenantId,
    /// None for Herald itself.
    pub(crate) member: Option<MemberId>,
    pub(crate) cid: &'a str,
}

impl<'a> From<&'a Caller> for Actor<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self { tenant: caller.tenant, member: Some(caller.member), cid: &caller.cid }
    }
}

/// The write of one entry. `facts` are stable codes and numbers, never content or secrets.
pub(crate) fn entry<'a>(
    deps: &Deps,
    actor: impl Into<Actor<'a>>,
    action: &str,
    subject: impl Into<String>,
    facts: Option<Value>,
) -> Write {
    let Actor { tenant, member: actor, cid } = actor.into();
    let (id, at) = (AuditId::from_uuid(deps.uuid()), deps.clock.now());
    let (action, subject, cid) = (action.to_owned(), subject.into(), cid.to_owned());
    Write::create(Record::Audit(AuditEntry { id, tenant, at, actor, action, subject, facts, cid }))
}

/// The tenant's audit log, newest first.
pub async fn log(deps: &Deps, caller: &Caller, cursor: Option<&str>, limit: u32) -> Result<Page<AuditEntry>, Error> {
    require(caller, Permission::Administer)?;
    Ok(deps.ledger.audit(caller.tenant, cursor, limit.clamp(1, MAX_PAGE)).await?)
}
