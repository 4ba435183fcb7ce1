//! A program under measurement: started as Lambda starts it, looked at through /proc, ended when dropped.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::runtime_api::RuntimeApi;

/// A running program.
pub(super) struct Program {
    child: Child,
    /// Its Runtime API.
    pub api: RuntimeApi,
    /// From its start to its first request for work.
    pub start: Duration,
}

impl Program {
    /// Starts `command` with the environment Lambda and the template give, and waits for its first request for work.
    /// `cloud` is where AWS is; `out` takes what it logs.
    pub(super) fn start(mut command: Command, cloud: &str, out: Option<File>) -> Result<Self> {
        let api = RuntimeApi::start()?;
        environment(&mut command, cloud);
        command.env("AWS_LAMBDA_RUNTIME_API", &api.address).stdin(Stdio::null()).stderr(Stdio::null());
        command.stdout(out.map_or_else(Stdio::null, Stdio::from));
        let begun = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let mut program = Self { child, api, start: Duration::ZERO };
        program.start = program.api.next()?.duration_since(begun);
        Ok(program)
    }

    /// Processor time of all its threads.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let mut ns = 0_u64;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
            ns += text.split(' ').next().context("no time")?.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(ns))
    }

    /// Resident memory in MB.
    pub(super) fn rss_mb(&self) -> Result<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kb: f64 = line.split_whitespace().nth(1).context("no VmRSS")?.parse()?;
        Ok(kb / 1024.0)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What Lambda sets, and what `template.yaml` sets, with AWS at `cloud`.
pub(super) fn environment(command: &mut Command, cloud: &str) {
    let path = std::env::var("PATH").unwrap_or_default();
    let queues = r#"{"x":"http://127.0.0.1/queue/publish-x","linkedin":"http://127.0.0.1/queue/publish-linkedin","chat":"http://127.0.0.1/queue/publish-chat","blog":"http://127.0.0.1/queue/publish-blog","meta":"http://127.0.0.1/queue/publish-meta"}"#;
    command.env_clear().envs([
        ("PATH", path.as_str()),
        ("AWS_ENDPOINT_URL", cloud),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ("HERALD_ENV", "local"),
        ("CORE_TABLE", "core"),
        ("EPHEMERAL_TABLE", "ephemeral"),
        ("AUDIT_TABLE", "audit"),
        ("EVENT_BUS", "bus"),
        ("KEY_RING_SECRET", "ring"),
        ("PLATFORM_APPS_SECRET", "apps"),
        ("TOKEN_SECRET_PREFIX", "tokens/"),
        ("PUBLISH_QUEUES", queues),
        ("WEBHOOKS_QUEUE_URL", "http://127.0.0.1/queue/webhooks"),
        ("INGEST_QUEUE_URL", "http://127.0.0.1/queue/ingest"),
        ("MEDIA_BUCKET", "media"),
        ("BOOTSTRAP_SECRET", "bootstrap"),
        ("PUBLIC_BASE_URL", ""),
        ("ALLOW_PRIVATE_URLS", "true"),
    ]);
}
