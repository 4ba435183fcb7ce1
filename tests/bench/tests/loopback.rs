//! What the release functions are measured against works: the loopback cloud can be filled through the real use cases.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const BENCH: &str = env!("CARGO_BIN_EXE_bench");

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn the_loopback_cloud_is_filled_with_accounts_posts_an_endpoint_and_the_events_for_the_functions() {
    let mut cloud = Ended(Command::new(BENCH).arg("cloud").stdout(Stdio::piped()).spawn().unwrap());
    let mut port = String::new();
    BufReader::new(cloud.0.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let out = std::env::temp_dir().join(format!("herald-bench-filled-{}", std::process::id()));
    let url = format!("http://127.0.0.1:{}", port.trim());
    let mut seed = Command::new(BENCH);
    let queues = r#"{"x":"http://127.0.0.1/queue/x","linkedin":"http://127.0.0.1/queue/linkedin","chat":"http://127.0.0.1/queue/chat","blog":"http://127.0.0.1/queue/blog","meta":"http://127.0.0.1/queue/meta"}"#;
    seed.env_clear().envs([
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("HERALD_ENV", "local"),
        ("CORE_TABLE", "core"),
        ("EPHEMERAL_TABLE", "ephemeral"),
        ("AUDIT_TABLE", "audit"),
        ("EVENT_BUS", "bus"),
        ("KEY_RING_SECRET", "ring"),
        ("PLATFORM_APPS_SECRET", "apps"),
        ("TOKEN_SECRET_PREFIX", "tokens/"),
        ("PUBLISH_QUEUES", queues),
        ("MEDIA_BUCKET", "media"),
        ("ALLOW_PRIVATE_URLS", "true"),
    ]);
    let done = seed.args(["seed", "2", "20", &url]).arg(&out).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    let filled: serde_json::Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    std::fs::remove_file(&out).ok();
    let count = |what: &str| filled[what].as_array().unwrap().len();
    assert_eq!((count("jobs"), count("requests"), count("events")), (2, 20, 2));
}
