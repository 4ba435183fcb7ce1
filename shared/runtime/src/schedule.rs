//! Functions that run on a schedule.

use crate::queue::{Failed, deadline_of};
use crate::{Error, cid};
use futures_util::FutureExt;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::de::IgnoredAny;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::Instrument;

/// One run. What the schedule wrote into the event does not matter: a tick may come late, twice or from an old schedule,
/// and the work is decided by the clock and the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Lambda's request id, and the correlation id of what this run does.
    pub cid: String,
    /// When this process will be stopped.
    pub deadline: Timestamp,
}

/// A run that failed, as Lambda is told of it: the type and the code are stable, so that an alarm or a search can name
/// them. What happened in words stands in the log, under the run's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{code}: the log tells more under this request's id")]
pub struct RunFailed {
    /// Stable code of what failed.
    pub code: &'static str,
}

/// `errorType` of a failed run.
const ERROR_TYPE: &str = "Herald.RunFailed";

impl From<RunFailed> for Diagnostic {
    fn from(failed: RunFailed) -> Self {
        Self { error_type: ERROR_TYPE.into(), error_message: failed.to_string() }
    }
}

/// Serves a schedule. A failed run is an error of the function, which its alarm sees.
///
/// # Errors
/// When the Lambda runtime stops.
pub async fn serve<F, Fut>(handler: F) -> Result<(), Error>
where
    F: Fn(Tick) -> Fut,
    Fut: Future<Output = Result<(), Failed>>,
{
    let handler = &handler;
    lambda_runtime::run(lambda_runtime::service_fn(|event: LambdaEvent<IgnoredAny>| async move {
        let tick = Tick { cid: event.context.request_id.clone(), deadline: deadline_of(&event.context) };
        run(tick, handler).await
    }))
    .await
}

/// One run: logged, and its panic caught.
///
/// # Errors
/// The code of what failed.
pub async fn run<F, Fut>(tick: Tick, handler: F) -> Result<(), RunFailed>
where
    F: Fn(Tick) -> Fut,
    Fut: Future<Output = Result<(), Failed>>,
{
    let (cid, span) = (tick.cid.clone(), tracing::info_span!("tick", cid = tick.cid));
    let work = async {
        let started = Instant::now();
        let panicked = |_| Err(Failed::new("panic", "a defect of ours; the line before tells where"));
        let result = AssertUnwindSafe(async { handler(tick).await }).catch_unwind().await.unwrap_or_else(panicked);
        let ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        match &result {
            Ok(()) => tracing::info!(ms, "tick done"),
            Err(failed) => tracing::error!(ms, code = failed.code, detail = failed.detail, "tick failed"),
        }
        result.map_err(|failed| RunFailed { code: failed.code })
    };
    cid::scope(cid, work).instrument(span).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn tick() -> Tick {
        Tick { cid: "r1".into(), deadline: Timestamp::MAX }
    }

    #[tokio::test]
    async fn a_run_knows_its_correlation_id_and_its_failure_is_an_error() {
        run(tick(), async |_| {
            assert_eq!(cid::current(), "r1");
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(run(tick(), async |_| panic!("x")).await.unwrap_err().code, "panic");
    }

    #[tokio::test]
    async fn lambda_is_told_a_stable_type_and_a_code_and_nothing_of_the_inside() {
        let failed = async |_| Err(Failed::new("store", "table herald-prod-core of 10.0.0.1"));
        let told = Diagnostic::from(run(tick(), failed).await.unwrap_err());
        assert_eq!(told.error_type, "Herald.RunFailed");
        assert_eq!(told.error_message, "store: the log tells more under this request's id");
    }
}
