//! The programs that a page gives to verify webhooks do so. Those here need nothing but what most machines have; those that use the
//! libraries of Standard Webhooks, and Python's for key pairs, are run by `cargo xtask interop`. What signs is written anew here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use console::words::snippets;
use domain::webhooks::Signature;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Command;

#[allow(unreachable_pub)]
mod of_pairs {
    use axum::http;
    include!("../snippets/v1a.rs");
}

const BODY: &str = r#"{"id":"evt_1","data":{"reason":"Grüße – 🎉"}}"#;

/// The second it is: programs have no other clock.
#[allow(clippy::disallowed_methods)]
fn now_s() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A request as it comes, and what its receiver knows.
#[derive(Clone)]
struct Call {
    key: String,
    sent_at: i64,
    signature: String,
    body: String,
}

impl Call {
    fn signed(scheme: Signature, seed: u8, sent_at: i64, body: &str) -> Self {
        let (bytes, text) = ([seed; 32], format!("evt_1.{sent_at}.{body}"));
        let (key, signature) = match scheme {
            Signature::V1 => {
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &bytes), text.as_bytes());
                (format!("whsec_{}", STANDARD.encode(bytes)), format!("v1,{}", STANDARD.encode(tag)))
            }
            Signature::V1a => {
                let pair = Ed25519KeyPair::from_seed_unchecked(&bytes).unwrap();
                let signature = STANDARD.encode(pair.sign(text.as_bytes()));
                (format!("whpk_{}", STANDARD.encode(pair.public_key())), format!("v1a,{signature}"))
            }
        };
        Self { key, sent_at, signature, body: body.to_owned() }
    }

    fn headers(&self) -> HeaderMap {
        let sent_at = self.sent_at.to_string();
        let all = [("webhook-id", "evt_1"), ("webhook-timestamp", &sent_at), ("webhook-signature", &self.signature)];
        all.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::try_from(value).unwrap()))
            .into_iter()
            .collect()
    }
}

/// What is right, and what is not: of another key, with another byte, too old, of later, unsigned.
fn calls(scheme: Signature) -> (Vec<Call>, Vec<Call>) {
    let now = now_s();
    let right = Call::signed(scheme, 1, now, BODY);
    let other = Call::signed(scheme, 2, now, BODY);
    let rotated = |first: &Call, second: &Call| Call {
        signature: format!("{} {}", first.signature, second.signature),
        ..right.clone()
    };
    let good =
        vec![right.clone(), rotated(&right, &other), rotated(&other, &right), Call::signed(scheme, 1, now - 280, BODY)];
    let bad = vec![
        Call { key: other.key.clone(), ..right.clone() },
        Call { body: BODY.replace("🎉", "🎈"), ..right.clone() },
        Call { signature: other.signature.clone(), ..right.clone() },
        Call { signature: String::new(), ..right.clone() },
        Call { sent_at: now - 1, ..right.clone() },
        Call::signed(scheme, 1, now - 320, BODY),
        Call::signed(scheme, 1, now + 320, BODY),
    ];
    (good, bad)
}

/// The program of a language, in a folder of its own.
fn written(scheme: Signature, language: &str, name: &str) -> (PathBuf, PathBuf) {
    let text = snippets(scheme).iter().find(|program| program.language == language).unwrap().text;
    let folder = std::env::temp_dir().join(format!("herald-{}-{}-{name}", std::process::id(), scheme.name()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    (folder, file)
}

/// Whether a program takes a call; none where the machine has not what runs it.
fn says(command: &mut Command, call: &Call) -> Option<bool> {
    let command = command
        .env("WEBHOOK_SECRET", &call.key)
        .env("WEBHOOK_PUBLIC_KEY", &call.key)
        .env("WEBHOOK_ID", "evt_1")
        .env("WEBHOOK_TIMESTAMP", call.sent_at.to_string())
        .env("WEBHOOK_SIGNATURE", &call.signature);
    match command.output() {
        Ok(said) => Some(said.status.success()),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("{error}"),
    }
}

fn judges(scheme: Signature, what: &str, mut says: impl FnMut(&Call) -> Option<bool>) {
    let (good, bad) = calls(scheme);
    for (calls, holds) in [(good, true), (bad, false)] {
        for (i, call) in calls.iter().enumerate() {
            let Some(said) = says(call) else {
                eprintln!("SKIPPED: {what} was not tried, since this machine has nothing that runs it");
                return;
            };
            assert_eq!(said, holds, "{what}, {i}: {} {}", call.sent_at, call.signature);
        }
    }
}

#[test]
fn the_shells_programs_take_what_is_signed_and_nothing_else() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("SKIPPED: the programs of the shell were not tried, since this machine has no openssl");
        return;
    }
    for scheme in [Signature::V1, Signature::V1a] {
        let (folder, file) = written(scheme, "Shell with OpenSSL", "verify.sh");
        judges(scheme, "the shell", |call| {
            std::fs::write(folder.join("body.json"), &call.body).unwrap();
            says(Command::new("sh").arg(&file).current_dir(&folder), call)
        });
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn javascripts_program_for_key_pairs_takes_what_is_signed_and_nothing_else() {
    let (folder, file) = written(Signature::V1a, "JavaScript", "verify.mjs");
    let runner = format!(
        "import {{ verified }} from {:?}; const e = process.env; const event = verified(Buffer.from(e.BODY), {{ \
         'webhook-id': e.WEBHOOK_ID, 'webhook-timestamp': e.WEBHOOK_TIMESTAMP, 'webhook-signature': e.WEBHOOK_SIGNATURE }}); \
         if (event.id !== 'evt_1') throw new Error('it is not parsed')",
        file.display().to_string()
    );
    judges(Signature::V1a, "JavaScript", |call| {
        says(Command::new("node").args(["--input-type=module", "-e", &runner]).env("BODY", &call.body), call)
    });
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn rusts_program_for_key_pairs_takes_what_is_signed_and_nothing_else() {
    judges(Signature::V1a, "Rust", |call| {
        Some(of_pairs::verified(&call.key, call.body.as_bytes(), &call.headers(), now_s()))
    });
}

#[test]
fn every_scheme_has_a_program_in_every_language() {
    let languages = |scheme| snippets(scheme).iter().map(|program| program.language).collect::<Vec<_>>();
    assert_eq!(languages(Signature::V1), languages(Signature::V1a));
    assert_eq!(languages(Signature::V1), ["Python", "JavaScript", "Rust", "Shell with OpenSSL"]);
}

#[test]
fn the_script_of_the_pages_is_one_that_can_be_read() {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/app.js");
    match Command::new("node").arg("--check").arg(script).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => eprintln!("SKIPPED: there is no `node` on this machine"),
        answer => {
            let answer = answer.unwrap();
            assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        }
    }
}
