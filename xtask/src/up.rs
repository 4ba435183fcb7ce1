//! `up`, `down`, `status`: the whole product on this machine, from the real template.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::emulator::{self, Emulator};
use crate::template::Template;
use crate::{deploy, http, needs, package, process, repo, roles, tools};

/// `cargo xtask up`.
#[derive(clap::Args, Clone, Copy)]
pub(crate) struct Options {
    /// Port of the API and the console.
    #[arg(long, default_value_t = 4580)]
    pub api_port: u16,
    /// Port of the AWS emulator.
    #[arg(long, default_value_t = 4566)]
    pub port: u16,
    /// Port of the platforms' sandbox.
    #[arg(long, default_value_t = 4600)]
    pub sandbox_port: u16,
    /// Deploy target/lambda as it is, without building.
    #[arg(long)]
    pub skip_build: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { api_port: 4580, port: 4566, sandbox_port: 4600, skip_build: false }
    }
}

/// What runs, as `.local/stack.json` keeps it for the tests and the demo.
#[derive(Serialize, Deserialize)]
pub(crate) struct Stack {
    /// The API, `http://localhost:4580`.
    pub api_url: String,
    /// The web pages.
    pub console_url: String,
    /// The sandbox of the platforms.
    pub sandbox_url: String,
    /// The emulator, for `AWS_ENDPOINT_URL`.
    pub emulator_url: String,
    /// An owner's key of the tenant made by `up`.
    pub api_key: String,
    /// Port of the emulator.
    pub port: u16,
    /// Port of the sandbox.
    pub sandbox_port: u16,
    /// Outputs of the deployed template.
    pub outputs: deploy::Outputs,
}

const ASK: Duration = Duration::from_secs(35);

/// Starts everything that does not run yet, deploys what changed.
pub(crate) fn up(options: Options) -> Result<Stack> {
    needs::check(needs::STACK)?;
    tools::EMULATOR.install()?;
    tools::SAM.install()?;
    if !options.skip_build {
        package::debug()?;
    }
    let emulator = Emulator { port: options.port };
    start_emulator(emulator)?;
    let outputs = deploy::local(emulator)?;
    process::step("roles", || Ok(((), format!("{} may send batches", roles::allow_batches(emulator)?))))?;
    let api_url = format!("http://localhost:{}", options.api_port);
    process::step("routes", || {
        let routes: Vec<(String, String)> = Template::main()?
            .routes()?
            .into_iter()
            .map(|(key, function)| (key, format!("herald-local-{function}")))
            .collect();
        let made = emulator.create_routes(&outputs["ApiId"], &routes)?;
        Ok(((), format!("{} routes, {made} new", routes.len())))
    })?;
    start_gateway(options.api_port, options.port, &outputs["ApiId"])?;
    start_sandbox(options.sandbox_port)?;
    process::step("platform apps", || {
        emulator.put_secret(&outputs["PlatformAppsSecret"], &platform_apps(options.sandbox_port).to_string())?;
        Ok(((), "the sandbox's".to_owned()))
    })?;
    let api_key = process::step("tenant and key", || {
        if let Some(stack) = saved().filter(|stack| stack.api_url == api_url) {
            return Ok((stack.api_key, "kept".to_owned()));
        }
        Ok((bootstrap(emulator, &api_url, &outputs["BootstrapSecret"])?, "new".to_owned()))
    })?;
    let stack = Stack {
        console_url: format!("{api_url}/console"),
        sandbox_url: format!("http://localhost:{}", options.sandbox_port),
        emulator_url: emulator.url(),
        api_url,
        api_key,
        port: options.port,
        sandbox_port: options.sandbox_port,
        outputs,
    };
    std::fs::write(repo::local().join("stack.json"), serde_json::to_string_pretty(&stack)?)?;
    Ok(stack)
}

/// Prints the addresses.
pub(crate) fn print(stack: &Stack) {
    println!();
    println!("  console    {}", stack.console_url);
    println!("  API        {}", stack.api_url);
    println!("  API key    {}", stack.api_key);
    println!("  platforms  {}  (the sandbox: what was posted is shown here)", stack.sandbox_url);
    println!("  AWS        {}  (AWS_ENDPOINT_URL for the aws tool, key and secret `test`)", stack.emulator_url);
    println!("\n  stop it with `cargo xtask down`");
}

fn start_emulator(emulator: Emulator) -> Result<()> {
    process::step("emulator", || {
        if emulator::alive("emulator") {
            if emulator.ready() {
                return Ok(((), "runs".to_owned()));
            }
            bail!("an emulator runs at another port; first: cargo xtask down");
        }
        free(emulator.port, "--port")?;
        // A new emulator is empty, whatever an earlier one had.
        for file in ["deployed.json", "stack.json"] {
            std::fs::remove_file(repo::local().join(file)).ok();
        }
        emulator::stop("gateway")?;
        emulator.start()?;
        Ok(((), emulator.url()))
    })
}

fn start_gateway(port: u16, emulator_port: u16, api_id: &str) -> Result<()> {
    // By its place, not by what runs: building the workspace may have put a new file there, and the old one is gone.
    let mut command = Command::new(repo::root().join("target/debug/xtask"));
    command.args([
        "gateway",
        "--port",
        &port.to_string(),
        "--emulator-port",
        &emulator_port.to_string(),
        "--api-id",
        api_id,
    ]);
    start_server("gateway", port, "--api-port", &mut command)
}

fn start_sandbox(port: u16) -> Result<()> {
    let mut command = Command::new(repo::root().join("target/debug/sandbox"));
    start_server("sandbox", port, "--sandbox-port", command.args(["--port", &port.to_string()]))
}

/// Starts one of our own servers unless it runs, and waits until it answers.
fn start_server(name: &str, port: u16, option: &str, command: &mut Command) -> Result<()> {
    process::step(name, || {
        let url = format!("http://localhost:{port}");
        let answers = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        if emulator::alive(name) {
            if answers() {
                return Ok(((), "runs".to_owned()));
            }
            bail!("a {name} runs at another port; first: cargo xtask down");
        }
        free(port, option)?;
        emulator::background(name, command)?;
        for _ in 0..100 {
            if answers() {
                return Ok(((), url));
            }
            if !emulator::alive(name) {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("the {name} does not answer at {url}:\n{}", process::tail(&emulator::log(name), 20))
    })
}

fn free(port: u16, option: &str) -> Result<()> {
    match std::net::TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(error) => bail!("port {port} is taken ({error}); choose another with {option}"),
    }
}

/// The operator's apps at the platforms, here the sandbox's. `authorize` and `oauth` are opened by the person's browser,
/// `api` by the functions. A platform that tells the addresses of its posts tells them below the name that it has itself.
fn platform_apps(port: u16) -> Value {
    let site = |name: &str| format!("http://127.0.0.1:{port}/{name}");
    json!({
        "x": {
            "client_id": "sandbox-x",
            "client_secret": "sandbox-x-secret",
            "bases": { "api": format!("http://127.0.0.1:{port}/x/api"), "authorize": format!("http://localhost:{port}/x") }
        },
        "telegram": { "bases": { "api": site("telegram"), "web": site("telegram") } },
        "discord": { "bases": { "api": site("discord"), "web": site("discord") } },
        "slack": {
            "client_id": "sandbox-slack",
            "client_secret": "sandbox-slack-secret",
            "bases": { "api": site("slack/api"), "web": format!("http://localhost:{port}/slack") }
        },
        "mailchimp": {
            "client_id": "sandbox-mailchimp",
            "client_secret": "sandbox-mailchimp-secret",
            "bases": { "api": site("mailchimp"), "login": site("mailchimp") }
        },
        "wordpress": {
            "client_id": "sandbox-wordpress",
            "client_secret": "sandbox-wordpress-secret",
            "bases": { "com": site("wordpress/com") }
        },
        "sendgrid": { "bases": { "api": site("sendgrid") } },
        "whatsapp": { "bases": { "graph": site("whatsapp/graph") } },
        "medium": { "bases": { "api": site("medium"), "web": site("medium") } },
        "bluesky": { "bases": { "web": site("bluesky") } },
        "tiktok": {
            "client_id": "sandbox-tiktok",
            "client_secret": "sandbox-tiktok-secret",
            "bases": { "api": site("tiktok/api"), "web": site("tiktok/web") }
        },
        "youtube": {
            "client_id": "sandbox-youtube",
            "client_secret": "sandbox-youtube-secret",
            "bases": {
                "api": site("youtube/api"),
                "authorize": site("youtube/accounts"),
                "token": site("youtube/oauth"),
                "web": site("youtube/web")
            }
        },
        "facebook": {
            "client_id": "sandbox-facebook",
            "client_secret": "sandbox-facebook-secret",
            "bases": { "graph": site("facebook/graph"), "web": site("facebook/web") }
        },
        "instagram": {
            "client_id": "sandbox-instagram",
            "client_secret": "sandbox-instagram-secret",
            "bases": {
                "graph": site("instagram/graph"),
                "api": site("instagram/api"),
                "web": site("instagram/web"),
                "facebook_graph": site("facebook/graph"),
                "facebook_web": site("facebook/web")
            }
        },
        "threads": {
            "client_id": "sandbox-threads",
            "client_secret": "sandbox-threads-secret",
            "bases": { "graph": site("threads/graph"), "web": site("threads/web") }
        },
        "linkedin": {
            "client_id": "sandbox-linkedin",
            "client_secret": "sandbox-linkedin-secret",
            "settings": { "organisations": "true" },
            "bases": { "api": format!("http://127.0.0.1:{port}/linkedin/api"), "oauth": format!("http://localhost:{port}/linkedin/oauth/v2") }
        }
    })
}

/// Makes the first tenant and returns its owner's key, which is shown this once.
fn bootstrap(emulator: Emulator, api_url: &str, secret: &str) -> Result<String> {
    let secret: Value = serde_json::from_str(&emulator.secret(secret)?)?;
    let token = secret["token"].as_str().context("the bootstrap secret has no token")?;
    let body = json!({ "token": token, "tenant": "Local", "owner": "Owner" }).to_string();
    let headers = [("Content-Type", "application/json"), ("Idempotency-Key", "local-bootstrap")];
    let answer = http::send("POST", &format!("{api_url}/api/admin/bootstrap"), &headers, Some(&body), ASK)?;
    if answer.status >= 300 {
        bail!(
            "POST /api/admin/bootstrap: {} {}\n{}",
            answer.status,
            answer.body,
            process::tail(&emulator::log("emulator"), 20)
        );
    }
    let key = answer.json()?["data"]["api_key"].as_str().map(str::to_owned);
    key.with_context(|| format!("no data.api_key in {}", answer.body))
}

/// The stack that `up` wrote down, if any.
pub(crate) fn saved() -> Option<Stack> {
    serde_json::from_str(&std::fs::read_to_string(repo::local().join("stack.json")).ok()?).ok()
}

/// Everything that may run in the background, in the order in which it is stopped.
const SERVERS: [&str; 4] = ["sandbox", "gateway", "emulator", "dockerd"];

/// What runs now.
pub(crate) fn running() -> Vec<&'static str> {
    SERVERS.into_iter().filter(|name| emulator::alive(name)).collect()
}

/// `cargo xtask down`.
pub(crate) fn down() -> Result<()> {
    down_to(&[])
}

/// What is to be stopped so that only what ran `before` is left.
fn begun_since(before: &[&str]) -> Vec<&'static str> {
    SERVERS.into_iter().filter(|name| !before.contains(name)).collect()
}

/// Stops everything but what ran `before`, and forgets its state where nothing is left.
pub(crate) fn down_to(before: &[&str]) -> Result<()> {
    for name in begun_since(before) {
        process::step(&format!("stop the {name}"), || {
            Ok(((), if emulator::stop(name)? { "stopped" } else { "did not run" }.to_owned()))
        })?;
    }
    if before.is_empty() && repo::local().exists() {
        std::fs::remove_dir_all(repo::local())?;
    }
    Ok(())
}

/// `cargo xtask status`.
pub(crate) fn status() {
    for name in ["emulator", "gateway", "sandbox"] {
        println!("  {name:<10} {}", if emulator::alive(name) { "runs" } else { "does not run" });
    }
    if let Some(stack) = saved() {
        print(&stack);
    }
}

/// `cargo xtask logs`.
pub(crate) fn logs(function: &str) -> Result<()> {
    let stack = saved().context("nothing runs; first: cargo xtask up")?;
    for line in (Emulator { port: stack.port }).function_log(function)? {
        println!("{line}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ran_before_is_not_stopped_and_the_rest_is() {
        assert_eq!(begun_since(&["emulator", "gateway"]), ["sandbox", "dockerd"]);
        assert_eq!(begun_since(&[]), SERVERS);
        assert!(begun_since(&SERVERS).is_empty());
    }
}
