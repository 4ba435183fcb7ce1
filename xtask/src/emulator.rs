//! The local AWS: one emulator process that also runs the functions, and the few calls `up` makes to it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::{http, process, repo, tools};

/// The region everything local is in.
pub(crate) const REGION: &str = "us-east-1";
/// Both halves of the emulator's built-in administrator, whose requests need no valid signature.
const ADMIN: &str = "test";
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// The emulator at a port of this machine.
#[derive(Clone, Copy)]
pub(crate) struct Emulator {
    pub port: u16,
}

impl Emulator {
    /// Its address.
    pub(crate) fn url(self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Whether it answers.
    pub(crate) fn ready(self) -> bool {
        http::send("GET", &format!("{}/_ministack/health", self.url()), &[], None, Duration::from_secs(2))
            .is_ok_and(|answer| answer.status == 200)
    }

    /// Starts it in the background and waits until it answers.
    pub(crate) fn start(self) -> Result<()> {
        let mut command = tools::EMULATOR.program("ministack")?;
        command
            .env("GATEWAY_PORT", self.port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            // Handed to the functions it starts, so that their SDK calls come back here.
            .env("AWS_ENDPOINT_URL", self.url())
            // Roles are enforced: a permission missing in template.yaml fails here as it would on AWS.
            .env("AUTH", "true")
            // On AWS the function's LoggingConfig makes Lambda set it.
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .env_remove("AWS_PROFILE");
        background("emulator", &mut command)?;
        let start = Instant::now();
        while !self.ready() {
            if start.elapsed() > Duration::from_mins(1) {
                bail!("the emulator did not answer within 60 s:\n{}", process::tail(&log("emulator"), 20));
            }
            if !alive("emulator") {
                bail!("the emulator stopped:\n{}", process::tail(&log("emulator"), 20));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Environment for tools that talk to it as to AWS.
    pub(crate) fn configure(self, command: &mut Command) -> &mut Command {
        command
            .env("AWS_ENDPOINT_URL", self.url())
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", ADMIN)
            .env("AWS_SECRET_ACCESS_KEY", ADMIN)
            .env_remove("AWS_SESSION_TOKEN")
            .env_remove("AWS_PROFILE")
            .env("SAM_CLI_TELEMETRY", "0")
    }

    fn credential(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={ADMIN}/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    fn json_call(self, service: &str, target: &str, body: &Value) -> Result<Value> {
        let headers = [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", target),
            ("Authorization", &Self::credential(service)),
        ];
        let answer = http::send("POST", &format!("{}/", self.url()), &headers, Some(&body.to_string()), CALL_LIMIT)?;
        if answer.status != 200 {
            bail!("{target}: {} {}", answer.status, answer.body);
        }
        answer.json()
    }

    fn rest_call(self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let headers = [("Content-Type", "application/json"), ("Authorization", &Self::credential("apigateway"))];
        let text = body.map(Value::to_string);
        let answer = http::send(method, &format!("{}{path}", self.url()), &headers, text.as_deref(), CALL_LIMIT)?;
        if answer.status >= 300 {
            bail!("{method} {path}: {} {}", answer.status, answer.body);
        }
        answer.json()
    }

    /// A secret's text.
    pub(crate) fn secret(self, name: &str) -> Result<String> {
        let answer = self.json_call("secretsmanager", "secretsmanager.GetSecretValue", &json!({ "SecretId": name }))?;
        Ok(answer["SecretString"].as_str().context("a secret without text")?.to_owned())
    }

    /// A call of IAM's query API; the answer is XML.
    pub(crate) fn iam(self, query: &str) -> Result<String> {
        let body = format!("Version=2010-05-08&{query}");
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let answer = http::send(
            "POST",
            &self.url(),
            &[form, ("Authorization", &Self::credential("iam"))],
            Some(&body),
            CALL_LIMIT,
        )?;
        if answer.status >= 300 {
            bail!("{}: {} {}", query.split('&').next().unwrap_or_default(), answer.status, answer.body);
        }
        Ok(answer.body)
    }

    /// Replaces a secret's text.
    pub(crate) fn put_secret(self, name: &str, text: &str) -> Result<()> {
        self.json_call(
            "secretsmanager",
            "secretsmanager.PutSecretValue",
            &json!({ "SecretId": name, "SecretString": text }),
        )
        .map(drop)
    }

    /// The last lines that a function of the local stack logged, oldest first.
    pub(crate) fn function_log(self, function: &str) -> Result<Vec<String>> {
        let body = json!({ "logGroupName": format!("/aws/lambda/herald-local-{function}"), "limit": 10_000 });
        let answer = self.json_call("logs", "Logs_20140328.FilterLogEvents", &body)?;
        let mut events = answer["events"].as_array().cloned().unwrap_or_default();
        events.sort_by_key(|event| event["timestamp"].as_i64());
        let texts = events.iter().filter_map(|event| event["message"].as_str());
        Ok(texts
            .filter(|text| !["START ", "END ", "REPORT "].iter().any(|mark| text.starts_with(mark)))
            .map(str::to_owned)
            .collect())
    }

    /// Makes the HTTP API's routes. The emulator creates a `AWS::Serverless::HttpApi` without the routes of its
    /// generated `OpenAPI` body, so they are made through the API; delete this step when it learns to import them.
    /// Returns how many were made (0 when they were there).
    pub(crate) fn create_routes(self, api_id: &str, routes: &[(String, String)]) -> Result<usize> {
        let have: Vec<String> = self.route_keys(api_id)?;
        let mut integrations = std::collections::BTreeMap::new();
        let mut made = 0;
        for (key, function) in routes.iter().filter(|(key, _)| !have.contains(key)) {
            if !integrations.contains_key(function) {
                let uri = format!("arn:aws:lambda:{REGION}:000000000000:function:{function}");
                let body =
                    json!({ "integrationType": "AWS_PROXY", "integrationUri": uri, "payloadFormatVersion": "2.0" });
                let answer = self.rest_call("POST", &format!("/v2/apis/{api_id}/integrations"), Some(&body))?;
                integrations.insert(
                    function.clone(),
                    answer["integrationId"].as_str().context("no integration id")?.to_owned(),
                );
            }
            let body = json!({ "routeKey": key, "target": format!("integrations/{}", integrations[function]) });
            self.rest_call("POST", &format!("/v2/apis/{api_id}/routes"), Some(&body))?;
            made += 1;
        }
        Ok(made)
    }

    fn route_keys(self, api_id: &str) -> Result<Vec<String>> {
        let answer = self.rest_call("GET", &format!("/v2/apis/{api_id}/routes"), None)?;
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        Ok(items.iter().filter_map(|item| item["routeKey"].as_str()).map(str::to_owned).collect())
    }
}

/// Starts a process that outlives this tool, with `.local/NAME.log` and `.local/NAME.pid`.
pub(crate) fn background(name: &str, command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    std::fs::create_dir_all(repo::local())?;
    let log = std::fs::File::create(repo::local().join(format!("{name}.log")))?;
    // Its own process group: the terminal's Ctrl-C does not reach it, and `down` ends it with its children.
    let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0).spawn();
    let child = child.with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
    let mark = std::path::Path::new(command.get_program())
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    std::fs::write(repo::local().join(format!("{name}.pid")), format!("{} {mark}", child.id()))?;
    Ok(())
}

/// Whether the background process runs. A number that another program has by now does not count.
pub(crate) fn alive(name: &str) -> bool {
    running(name).is_some()
}

fn running(name: &str) -> Option<u32> {
    let text = std::fs::read_to_string(repo::local().join(format!("{name}.pid"))).ok()?;
    let (pid, mark) = text.trim().split_once(' ')?;
    let (status, out, _) =
        process::capture(Command::new("ps").args(["-o", "stat=,args=", "-p", pid]), CALL_LIMIT).ok()?;
    let zombie = out.trim_start().starts_with('Z');
    (status.success() && !zombie && out.contains(mark)).then(|| pid.parse().ok()).flatten()
}

/// Ends the background process and its children; true when it ran.
pub(crate) fn stop(name: &str) -> Result<bool> {
    let Some(pid) = running(name) else { return Ok(false) };
    for (signal, patience_ms) in [("-TERM", 6_000), ("-KILL", 2_000)] {
        process::capture(Command::new("kill").args([signal, "--", &format!("-{pid}")]), CALL_LIMIT)?;
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(patience_ms) {
            if !alive(name) {
                return Ok(true);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    bail!("process {pid} ({name}) does not end")
}

/// What the background process wrote.
pub(crate) fn log(name: &str) -> String {
    std::fs::read_to_string(repo::local().join(format!("{name}.log"))).unwrap_or_default()
}
