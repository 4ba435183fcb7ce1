//! Pairs that nobody uses any more. An account that moves to another's pair leaves its own behind, at once or when the last
//! account that lives on it moves too. It is deleted after the move is committed, since before it is still needed: a crash in
//! between leaves it, and the next consent or disconnecting finds it. What tells is that a pair is stored, not
//! whose pair an account uses.

use super::pair;
use crate::Deps;
use domain::accounts::Account;
use domain::{PlatformId, TenantId};
use ports::SecretError;

/// Whether a pair stored for the account would be nobody's: it uses another's, and no account of `all` uses its own.
pub(super) fn unused(account: &Account, all: &[Account]) -> bool {
    account.holder.is_some() && !feeds(account, all)
}

/// Whether an account of `all` uses this one's pair.
pub(super) fn feeds(account: &Account, all: &[Account]) -> bool {
    all.iter().any(|other| other.holder == Some(account.id))
}

/// Deletes what is stored for an account whose pair is [`unused`]; whether there was something. A refresh
/// that was never recorded is newer by one; what is newer by two is a consent's that is about to be committed, and stays.
pub(super) async fn clear(deps: &Deps, account: &Account) -> Result<bool, SecretError> {
    let at = (account.tenant, account.id);
    let stored = pair::get(deps, at).await?;
    let old = stored.is_some_and(|s| s.version <= account.token.version + 1);
    if old {
        pair::delete(deps, at).await?;
    }
    Ok(old)
}

/// Deletes every unused pair of a platform. That one cannot be deleted now keeps nobody from connecting.
pub(super) async fn clear_all(deps: &Deps, tenant: TenantId, platform: &PlatformId) {
    let all = match deps.ledger.accounts(tenant).await {
        Ok(found) => found.into_iter().map(|a| a.value).filter(|a| a.platform == *platform).collect::<Vec<_>>(),
        Err(error) => {
            tracing::warn!(%error, "superseded token pairs are looked for the next time");
            return;
        }
    };
    for account in all.iter().filter(|a| unused(a, &all)) {
        if let Err(error) = clear(deps, account).await {
            tracing::warn!(account = %account.id, %error, "a superseded token pair could not be deleted");
        }
    }
}
