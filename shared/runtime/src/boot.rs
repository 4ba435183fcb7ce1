//! The start of a function: logs first, so that whatever goes wrong afterwards is seen; then configuration; then work.

use crate::config::{ConfigError, Env, FromEnv, Stage};
use crate::logging;
use std::future::Future;
use std::process::ExitCode;

/// What stops a function.
pub type Error = lambda_runtime::Error;

/// A started function.
#[derive(Debug, Clone)]
pub struct Boot {
    /// The function's name, as its folder.
    pub function: &'static str,
    /// Which deployment this is.
    pub stage: Stage,
    env: Env,
}

impl Boot {
    /// A function that starts with this environment.
    ///
    /// # Errors
    /// [`ConfigError`], when it does not say which deployment this is.
    pub fn new(function: &'static str, env: Env) -> Result<Self, ConfigError> {
        Ok(Self { function, stage: env.read()?, env })
    }

    /// Reads one concern of the configuration.
    ///
    /// # Errors
    /// [`ConfigError`], naming the variable and how to set it.
    pub fn read<T: FromEnv>(&self) -> Result<T, ConfigError> {
        self.env.read()
    }

    /// Metrics of this function.
    pub fn metrics(&self) -> crate::EmfMetrics {
        crate::EmfMetrics::new(self.stage)
    }
}

/// Runs a function's `main`. One thread: Lambda hands a process one invocation at a time, and what happens inside one is
/// waiting. An error while starting is one log line and exit code 1.
pub fn boot<F, Fut>(function: &'static str, main: F) -> ExitCode
where
    F: FnOnce(Boot) -> Fut,
    Fut: Future<Output = Result<(), Error>>,
{
    let env = Env::process();
    logging::start(function, env.log_level());
    match run(function, env, main) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the function could not start");
            ExitCode::FAILURE
        }
    }
}

fn run<F, Fut>(function: &'static str, env: Env, main: F) -> Result<(), Error>
where
    F: FnOnce(Boot) -> Fut,
    Fut: Future<Output = Result<(), Error>>,
{
    let boot = Boot::new(function, env)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(main(boot))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_function_starts_with_its_stage_and_reads_what_it_needs() {
        let env = Env::of([("HERALD_ENV", "dev"), ("EVENT_BUS", "herald-dev")]);
        run("test", env, |boot| async move {
            assert_eq!((boot.function, boot.stage), ("test", Stage::Dev));
            assert_eq!(boot.read::<crate::config::EventBus>()?.0, "herald-dev");
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn without_a_stage_nothing_starts() {
        let error = run("test", Env::of([]), |_| async { unreachable!() }).unwrap_err();
        assert!(error.to_string().starts_with("HERALD_ENV is not set"), "{error}");
    }
}
