//! A value that is loaded at its first use and again when it has grown old. One load at a time, whoever asks.

use jiff::{SignedDuration, Timestamp};
use ports::{Clock, SecretError};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long a loaded secret is used before it is read again: the time after which a rotation or a changed registration
/// has reached every process. Also what keeps warm publishes free of secret calls.
const LIFE: SignedDuration = SignedDuration::from_mins(5);
/// How long an old value is used on when it could not be read again.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

pub(crate) struct Cached<T> {
    clock: Arc<dyn Clock>,
    held: Mutex<Option<Held<T>>>,
}

struct Held<T> {
    value: Arc<T>,
    until: Timestamp,
}

impl<T> Cached<T> {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, held: Mutex::new(None) }
    }

    /// The value; read again when it is old. When reading fails the old one serves on: a secret store that is down must
    /// not stop what could go on.
    pub(crate) async fn get(&self, load: impl AsyncFnOnce() -> Result<T, SecretError>) -> Result<Arc<T>, SecretError> {
        let now = self.clock.now();
        let mut held = self.held.lock().await;
        if let Some(fresh) = held.as_ref().filter(|held| now < held.until) {
            return Ok(fresh.value.clone());
        }
        match (load().await, held.as_mut()) {
            (Ok(value), _) => Ok(self.hold(&mut held, value)),
            (Err(error), Some(old)) => {
                tracing::warn!(%error, "a secret could not be read again; the one held is used on");
                old.until = now.saturating_add(GRACE).unwrap_or(now);
                Ok(old.value.clone())
            }
            (Err(error), None) => Err(error),
        }
    }

    /// The value, read again now.
    pub(crate) async fn renewed(
        &self,
        load: impl AsyncFnOnce() -> Result<T, SecretError>,
    ) -> Result<Arc<T>, SecretError> {
        let mut held = self.held.lock().await;
        let value = load().await?;
        Ok(self.hold(&mut held, value))
    }

    fn hold(&self, held: &mut Option<Held<T>>, value: T) -> Arc<T> {
        let (value, now) = (Arc::new(value), self.clock.now());
        *held = Some(Held { value: value.clone(), until: now.saturating_add(LIFE).unwrap_or(now) });
        value
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    fn down() -> SecretError {
        SecretError::Unavailable("down".into())
    }

    #[tokio::test]
    async fn a_value_is_loaded_once_in_five_minutes_and_outlives_a_failing_source() {
        let hand = Arc::new(Hand(AtomicI64::new(0)));
        let cached = Cached::new(hand.clone());
        assert_eq!(cached.get(async || Err::<u8, _>(down())).await.unwrap_err(), down());
        assert_eq!(*cached.get(async || Ok(1)).await.unwrap(), 1);
        hand.0.store(299, Ordering::Relaxed);
        assert_eq!(*cached.get(async || Ok(2)).await.unwrap(), 1);
        hand.0.store(300, Ordering::Relaxed);
        assert_eq!(*cached.get(async || Err(down())).await.unwrap(), 1);
        assert_eq!(*cached.get(async || Ok(3)).await.unwrap(), 1, "not asked again at once");
        hand.0.store(331, Ordering::Relaxed);
        assert_eq!(*cached.get(async || Ok(4)).await.unwrap(), 4);
        assert_eq!(*cached.renewed(async || Ok(5)).await.unwrap(), 5);
    }
}
