//! Those who judge a webhook of ours, and sign one of theirs: libraries in programs of their languages that `cargo xtask interop`
//! installs, and the one of Rust.

use crate::herald::Delivery;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::webhooks::Signature;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use standardwebhooks::{Webhook, WebhookError};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

/// The libraries of each program that judge.
const LIBRARIES: [&str; 2] = ["standardwebhooks", "svix"];

/// What a library says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// The webhook is whole, fresh and of whoever has the secret.
    Holds(bool),
    /// It is not, and why.
    Refused(String),
    /// It could not be judged.
    Broke(String),
}

/// A program that asks the libraries of its language.
struct Program {
    language: String,
    _child: Child,
    // Its end is the program's.
    stdin: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

/// What `cargo xtask interop` tells of one.
#[derive(Deserialize)]
struct Installed {
    language: String,
    command: Vec<String>,
}

impl Program {
    fn start(of: Installed) -> Self {
        let mut command = Command::new(&of.command[0]);
        let command = command.args(&of.command[1..]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let stdin = child.stdin.take().expect("it was asked for");
        let answers = BufReader::new(child.stdout.take().expect("it was asked for")).lines();
        Self { language: of.language, _child: child, stdin, answers }
    }

    fn ask<T: DeserializeOwned>(&mut self, question: &Value) -> T {
        writeln!(self.stdin, "{question}").unwrap();
        let answer = self.answers.next().expect("it answers").unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{}: {question}: {answer}", self.language))
    }
}

/// The programs that could be installed, started once for all tests of this process.
// Tests have no boot: what is told them comes by the environment.
#[allow(clippy::disallowed_methods)]
fn programs() -> &'static Mutex<Vec<Program>> {
    static PROGRAMS: OnceLock<Mutex<Vec<Program>>> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let file = std::env::var("HERALD_HOOKS").expect("run this by: cargo xtask interop");
        let installed: Vec<Installed> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        Mutex::new(installed.into_iter().map(Program::start).collect())
    })
}

fn header_map(delivery: &Delivery) -> HeaderMap {
    let headers = delivery.headers.iter();
    headers.map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::try_from(value).unwrap())).collect()
}

/// What the library of Rust says.
fn rust(secret: &str, delivery: &Delivery) -> Verdict {
    match Webhook::new(secret).and_then(|library| library.verify(&delivery.body, &header_map(delivery))) {
        Ok(()) => Verdict::Holds(true),
        Err(error @ (WebhookError::InvalidSecret(_) | WebhookError::MissingHeader(_))) => {
            Verdict::Broke(error.to_string())
        }
        Err(error) => Verdict::Refused(error.to_string()),
    }
}

/// What each library says, by its language and name.
pub(crate) fn verdicts(secret: &str, delivery: &Delivery) -> Vec<(String, Verdict)> {
    let mut said = vec![("Rust: standardwebhooks".to_owned(), rust(secret, delivery))];
    let mut programs = programs().lock().unwrap();
    for program in programs.iter_mut() {
        for library in LIBRARIES {
            let body = STANDARD.encode(&delivery.body);
            let question = json!({ "ask": "verify", "library": library, "secret": secret, "headers": delivery.headers, "body": body });
            said.push((format!("{}: {library}", program.language), program.ask(&question)));
        }
    }
    said
}

/// What the SDKs of `CloudEvents` read in a request: by their language, the attributes, of which `time` is in seconds since 1970, and the
/// data.
pub(crate) fn events_read(delivery: &Delivery) -> Vec<(String, Value)> {
    let body = STANDARD.encode(&delivery.body);
    let question = json!({ "ask": "event", "headers": delivery.headers, "body": body });
    let mut programs = programs().lock().unwrap();
    programs.iter_mut().map(|program| (program.language.clone(), program.ask(&question))).collect()
}

/// The programs that the console's page of an endpoint gives, as they stand there.
const PYTHON: [&str; 2] = [
    include_str!("../../../../functions/console/snippets/v1.py"),
    include_str!("../../../../functions/console/snippets/v1a.py"),
];
const JAVASCRIPT: [&str; 2] = [
    include_str!("../../../../functions/console/snippets/v1.mjs"),
    include_str!("../../../../functions/console/snippets/v1a.mjs"),
];

#[allow(unreachable_pub)]
mod given {
    include!("../../../../functions/console/snippets/v1.rs");
}

/// What each of them says, by its language. The other one of Rust and those of the shell need no library, and are tried by the
/// console's own tests.
pub(crate) fn programs_say(signature: Signature, key: &str, delivery: &Delivery) -> Vec<(String, Verdict)> {
    let mut said = Vec::new();
    if signature == Signature::V1 {
        let verdict = match given::verified(key, &delivery.body, &header_map(delivery)) {
            Ok(()) => Verdict::Holds(true),
            Err(error) => Verdict::Refused(error.to_string()),
        };
        said.push(("Rust".to_owned(), verdict));
    }
    for program in programs().lock().unwrap().iter_mut() {
        let texts = if program.language == "Python" { PYTHON } else { JAVASCRIPT };
        let text = texts[usize::from(signature == Signature::V1a)];
        let body = STANDARD.encode(&delivery.body);
        let question =
            json!({ "ask": "run", "program": text, "secret": key, "headers": delivery.headers, "body": body });
        said.push((program.language.clone(), program.ask(&question)));
    }
    said
}

/// A webhook that somebody else signed.
#[derive(Deserialize)]
pub(crate) struct Signed {
    /// What a source needs to know of its caller, by the names of its form; nobody else has it.
    pub(crate) proofs: BTreeMap<String, String>,
    /// What the query of the address has to be.
    pub(crate) query: String,
    /// The headers that prove it, names in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    /// The bytes, in base64.
    body: String,
}

impl Signed {
    /// The bytes.
    pub(crate) fn body(&self) -> Vec<u8> {
        STANDARD.decode(&self.body).unwrap()
    }
}

/// What a library of a language sends to this address, which has no query yet, at this second; none where its language is not
/// to be had.
pub(crate) fn signed(language: &str, library: &str, url: &str, at_s: i64) -> Option<Signed> {
    let mut programs = programs().lock().unwrap();
    let program = programs.iter_mut().find(|program| program.language == language)?;
    Some(program.ask(&json!({ "ask": "sign", "library": library, "url": url, "at": at_s })))
}
