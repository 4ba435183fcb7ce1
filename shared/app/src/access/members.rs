//! The people of a tenant. One owner always remains: a tenant that nobody can administer could not be helped.

use crate::audit::entry;
use crate::mutate::{Encode, commit, named, require};
use crate::{Deps, Error, Once, Reply};
use domain::MemberId;
use domain::access::{Caller, Member, Permission, Role};
use ports::{Record, Versioned, Write};
use serde_json::json;

/// Most members of a tenant.
const MAX_MEMBERS: usize = 500;

/// A member to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// The name colleagues see.
    pub name: String,
    /// What the member may do.
    pub role: Role,
}

/// Adds a member. The member comes in with a key that an owner makes for them.
pub async fn create_member(
    deps: &Deps,
    caller: &Caller,
    new: &NewMember,
    once: &Once,
    encode: Encode<'_, Member>,
) -> Result<Reply, Error> {
    require(caller, Permission::Administer)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let name = named(&new.name, "/name")?;
    if deps.ledger.members(caller.tenant).await?.len() >= MAX_MEMBERS {
        return Err(Error::conflict("too_many_members", format!("a tenant has at most {MAX_MEMBERS} members")));
    }
    let (id, created_at) = (MemberId::from_uuid(deps.uuid()), deps.clock.now());
    let member = Member { id, tenant: caller.tenant, name, role: new.role, created_at };
    let reply = encode(&member);
    let writes = vec![
        Write::create(Record::Member(member)),
        entry(deps, caller, "member.created", id, Some(json!({ "role": new.role }))),
    ];
    commit(deps, caller.tenant, once, writes, reply).await
}

/// The tenant's members, oldest first.
pub async fn members(deps: &Deps, caller: &Caller) -> Result<Vec<Member>, Error> {
    require(caller, Permission::Read)?;
    let mut members: Vec<_> = deps.ledger.members(caller.tenant).await?.into_iter().map(|m| m.value).collect();
    members.sort_by_key(|m| m.id);
    Ok(members)
}

/// Gives a member another role; it counts from the next request on.
pub async fn change_role(
    deps: &Deps,
    caller: &Caller,
    id: MemberId,
    role: Role,
    once: &Once,
    encode: Encode<'_, Member>,
) -> Result<Reply, Error> {
    require(caller, Permission::Administer)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = deps.ledger.member(caller.tenant, id).await?.ok_or(Error::NotFound("member"))?;
    let next = Member { role, ..found.value.clone() };
    let reply = encode(&next);
    let mut writes = vec![Write::replace(&found, Record::Member(next))];
    if role != Role::Owner {
        writes.extend(another_owner_stays(deps, &found).await?);
    }
    let facts = json!({ "from": found.value.role, "to": role });
    writes.push(entry(deps, caller, "member.role_changed", id, Some(facts)));
    commit(deps, caller.tenant, once, writes, reply).await
}

/// Removes a member, the member's keys and with them the sessions.
pub async fn remove_member(
    deps: &Deps,
    caller: &Caller,
    id: MemberId,
    once: &Once,
    encode: Encode<'_, Member>,
) -> Result<Reply, Error> {
    require(caller, Permission::Administer)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(reply);
    }
    let found = deps.ledger.member(caller.tenant, id).await?.ok_or(Error::NotFound("member"))?;
    let reply = encode(&found.value);
    let mut writes = vec![Write::delete(&found, Record::Member(found.value.clone()))];
    writes.extend(another_owner_stays(deps, &found).await?);
    let keys = deps.ledger.keys(caller.tenant).await?;
    let theirs = keys.into_iter().filter(|k| k.value.member == id);
    writes.extend(theirs.map(|k| Write::delete(&k, Record::ApiKey(k.value.clone()))));
    writes.push(entry(deps, caller, "member.removed", id, Some(json!({ "role": found.value.role }))));
    commit(deps, caller.tenant, once, writes, reply).await
}

/// For a member who is about to stop being an owner: a write that touches another owner, so that the commit fails if
/// that one stops being an owner at the same moment.
pub(super) async fn another_owner_stays(deps: &Deps, leaving: &Versioned<Member>) -> Result<Option<Write>, Error> {
    if leaving.value.role != Role::Owner {
        return Ok(None);
    }
    let members = deps.ledger.members(leaving.value.tenant).await?;
    let other = members.iter().find(|m| m.value.role == Role::Owner && m.value.id != leaving.value.id);
    let other = other
        .ok_or_else(|| Error::conflict("last_owner", "a tenant needs an owner: make somebody else an owner first"))?;
    Ok(Some(Write::replace(other, Record::Member(other.value.clone()))))
}
