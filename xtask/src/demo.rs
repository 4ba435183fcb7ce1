//! `cargo xtask demo`: the product's main job through its public API, each step said in words.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::http;
use crate::up::{self, Options, Stack};

const ASK: Duration = Duration::from_secs(35);

/// `cargo xtask demo`.
pub(crate) fn run(options: Options) -> Result<()> {
    println!("Starting the product on this machine.");
    let stack = up::up(options)?;
    println!("\nThe main job, through the public API:");
    let demo = Demo { stack: &stack, run: format!("{:x}", std::process::id()) };
    demo.health()?;
    up::print(&stack);
    Ok(())
}

struct Demo<'a> {
    stack: &'a Stack,
    run: String,
}

impl Demo<'_> {
    fn health(&self) -> Result<()> {
        self.call("GET", "/health", None)?;
        println!("  the API answers");
        Ok(())
    }

    fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
        let start = Instant::now();
        let authorization = format!("Bearer {}", self.stack.api_key);
        let key = format!("demo-{}-{:x}", self.run, start.elapsed().as_nanos());
        let headers = [
            ("Content-Type", "application/json"),
            ("Authorization", authorization.as_str()),
            ("Idempotency-Key", key.as_str()),
        ];
        let text = body.map(|body| body.to_string());
        let answer = http::send(method, &format!("{}{path}", self.stack.api_url), &headers, text.as_deref(), ASK)?;
        if answer.status >= 400 {
            bail!("{method} {path}: {} {}", answer.status, answer.body);
        }
        Ok(answer.json().unwrap_or_else(|_| json!({ "text": answer.body })))
    }
}
