//! Console sessions: opened with a key, bound to it and to its member, ended by time or by hand.

use super::authenticate::{by_key, session};
use super::secret::{cookie_text, hash, random};
use crate::audit::{Actor, entry};
use crate::{Deps, Error};
use domain::SessionId;
use domain::access::{Caller, Session};
use jiff::SignedDuration;
use ports::{Record, StoreError, Write};
use secrecy::SecretString;

/// Seconds a session lasts: a long working day.
pub const SESSION_LIFE_S: i64 = 12 * 3600;

/// An opened session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who came in.
    pub caller: Caller,
    /// The session.
    pub session: Session,
    /// The cookie's value.
    pub cookie: SecretString,
}

/// Opens a session for whoever presents a key; none when the key is no good.
pub async fn sign_in(deps: &Deps, key: &str, cid: &str) -> Result<Option<SignedIn>, Error> {
    let Some(caller) = by_key(deps, key, cid).await? else { return Ok(None) };
    let secret = random(deps);
    let session = Session {
        id: SessionId::from_uuid(deps.uuid()),
        tenant: caller.tenant,
        member: caller.member,
        key: caller.key,
        secret_hash: hash(&secret),
        expires_at: deps.clock.now() + SignedDuration::from_secs(SESSION_LIFE_S),
    };
    let cookie = cookie_text(session.tenant, session.id, &secret);
    let writes =
        vec![Write::create(Record::Session(session.clone())), entry(deps, &caller, "session.opened", session.id, None)];
    deps.ledger.commit(writes).await?;
    Ok(Some(SignedIn { caller, session, cookie }))
}

/// Ends the session the cookie names. Ending what has ended is no error.
pub async fn sign_out(deps: &Deps, cookie: &str, cid: &str) -> Result<(), Error> {
    let Some(found) = session(deps, cookie).await? else { return Ok(()) };
    let actor = Actor { tenant: found.value.tenant, member: Some(found.value.member), cid };
    let writes = vec![
        Write::delete(&found, Record::Session(found.value.clone())),
        entry(deps, actor, "session.closed", found.value.id, None),
    ];
    match deps.ledger.commit(writes).await {
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(other) => Err(other.into()),
    }
}
