//! Access that more than one consent lives on. A bot is installed in a workspace once, and whoever consents again for another
//! of its channels gets the same access: taking that back under one account takes it from all of them.

use crate::AccountDeps;
use domain::accounts::Profile;
use domain::{AccountId, PlatformId, TenantId};
use ports::StoreError;

/// Whether another account than `leaving` would lose its access if one were taken back that is for `profile`; where that is not
/// known, every account may be one that would.
pub(super) async fn is_needed(
    deps: &AccountDeps,
    tenant: TenantId,
    platform: &PlatformId,
    profile: Option<&Profile>,
    leaving: Option<AccountId>,
) -> Result<bool, StoreError> {
    let connector = deps.connect.get(platform);
    let Some(auth) = connector.as_deref().and_then(ports::Connect::auth) else { return Ok(false) };
    let given_up = profile.map(|profile| auth.installation(profile));
    if given_up == Some(None) {
        return Ok(false);
    }
    let accounts = deps.ledger.accounts(tenant).await?;
    Ok(accounts.iter().map(|found| &found.value).any(|account| {
        let theirs = auth.installation(&account.profile);
        let connected = account.platform == *platform && !account.is_disconnected() && leaving != Some(account.id);
        connected && theirs.is_some() && given_up.is_none_or(|given_up| given_up == theirs)
    }))
}
