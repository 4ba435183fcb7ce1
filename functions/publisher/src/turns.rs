//! Messages of one batch that name the same account take turns. Only one could pass the account's gate at a time anyway; side
//! by side the others would each write themselves onto its list, and lose those writes to each other.

use domain::AccountId;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The accounts that this process is at work on.
#[derive(Debug, Default)]
pub(crate) struct Turns(std::sync::Mutex<HashMap<AccountId, Weak<Mutex<()>>>>);

impl Turns {
    /// Waits until every message that came earlier for this account is done. The turn ends when the guard is dropped.
    pub(crate) async fn wait(&self, account: AccountId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let known = turns.get(&account).and_then(Weak::upgrade);
            let turn = known.unwrap_or_default();
            turns.insert(account, Arc::downgrade(&turn));
            turn
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use futures_util::FutureExt;
    use std::pin::pin;

    fn account(n: u128) -> AccountId {
        AccountId::from_uuid(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn one_account_takes_turns_in_the_order_of_arrival_and_another_waits_for_nobody() {
        let turns = Turns::default();
        let first = turns.wait(account(1)).now_or_never().unwrap();
        let (mut second, mut third) = (pin!(turns.wait(account(1))), pin!(turns.wait(account(1))));
        assert!(second.as_mut().now_or_never().is_none() && third.as_mut().now_or_never().is_none());
        assert!(turns.wait(account(2)).now_or_never().is_some());
        drop(first);
        assert!(third.as_mut().now_or_never().is_none(), "the second came before");
        drop(second.as_mut().now_or_never().unwrap());
        assert!(third.as_mut().now_or_never().is_some());
    }

    #[test]
    fn accounts_that_nobody_is_at_work_on_are_forgotten() {
        let turns = Turns::default();
        for n in 0..100 {
            drop(turns.wait(account(n)).now_or_never().unwrap());
        }
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}
