//! What every mutation has in common: the permission it needs, the answer that commits with it, and the care taken of
//! answers that show a secret.

use crate::{Deps, Error, Once, Reply, relay, sha256_hex};
use domain::TenantId;
use domain::access::{Caller, Permission};
use ports::{StoredReply, Versioned, Write};
use secrecy::{ExposeSecret, SecretString};

/// Makes the answer of a mutation from what it came to.
pub(crate) type Encode<'a, T> = &'a (dyn Fn(&T) -> StoredReply + Sync);

/// Longest name of anything people name, in characters.
pub(crate) const MAX_NAME: usize = 100;

/// Refuses callers without `permission`.
pub(crate) fn require(caller: &Caller, permission: Permission) -> Result<(), Error> {
    if caller.may(permission) { Ok(()) } else { Err(Error::Forbidden(permission.name())) }
}

/// Refuses a change of a record by somebody who saw another revision of it than the one found; `otherwise` says what to do.
pub(crate) fn seen<T>(found: &Versioned<T>, rev: u64, otherwise: &'static str) -> Result<(), Error> {
    if found.rev == rev { Ok(()) } else { Err(Error::conflict("changed_meanwhile", otherwise)) }
}

/// A name given by a person, trimmed; 1 to 100 characters on one line.
pub(crate) fn named(name: &str, field: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid("name_invalid", field, format!("give a name of 1 to {MAX_NAME} characters")));
    }
    Ok(name.to_owned())
}

/// Commits `writes` and, with them, the answer to the client's key.
pub(crate) async fn commit(
    deps: &Deps,
    tenant: TenantId,
    once: &Once,
    mut writes: Vec<Write>,
    reply: StoredReply,
) -> Result<Reply, Error> {
    writes.push(once.remember(deps, tenant, &reply));
    match deps.ledger.commit(writes).await {
        Ok(committed) => {
            relay(deps, &committed.outbox).await;
            Ok(Reply::new(reply))
        }
        Err(error) => once.after_conflict(deps, tenant, error).await,
    }
}

/// Like [`Once::earlier`], for answers that show a secret.
pub(crate) async fn earlier_secret(deps: &Deps, tenant: TenantId, once: &Once) -> Result<Option<Reply>, Error> {
    match once.earlier(deps, tenant).await? {
        None => Ok(None),
        Some(reply) => unsealed(deps, tenant, once, reply).await.map(Some),
    }
}

/// Like [`commit`], for an answer that shows a secret: it is remembered sealed, or the secret would lie readable in the
/// ledger for as long as answers are repeated.
pub(crate) async fn commit_secret(
    deps: &Deps,
    tenant: TenantId,
    once: &Once,
    writes: Vec<Write>,
    reply: StoredReply,
) -> Result<Reply, Error> {
    let plain = SecretString::from(reply.body.clone());
    let body = deps.sealer.seal(&place(tenant, once), &plain).await?;
    let answered = commit(deps, tenant, once, writes, StoredReply { status: reply.status, body }).await?;
    if answered.replayed { unsealed(deps, tenant, once, answered).await } else { Ok(Reply::new(reply)) }
}

async fn unsealed(deps: &Deps, tenant: TenantId, once: &Once, mut reply: Reply) -> Result<Reply, Error> {
    let plain = deps.sealer.open(&place(tenant, once), &reply.stored.body).await?;
    plain.expose_secret().clone_into(&mut reply.stored.body);
    Ok(reply)
}

fn place(tenant: TenantId, once: &Once) -> String {
    format!("reply|{tenant}|{}|{}", once.route, sha256_hex(once.key.as_bytes()))
}
