//! The Lambda Runtime API for one process: hands it events and hears its answers (AWS Lambda developer guide, "Using the
//! Lambda runtime API for custom runtimes").

use std::fmt::Write as _;
use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail};

use crate::http;

/// The API and its process's side of the conversation.
pub(super) struct RuntimeApi {
    /// Where it listens.
    pub address: String,
    events: Sender<String>,
    said: Receiver<Said>,
}

enum Said {
    /// It asked for work, at this moment.
    Next(Instant),
    /// It answered an event.
    Answer(Vec<u8>),
    /// It could not.
    Error(String),
}

const PATIENCE: Duration = Duration::from_mins(1);
/// How long an invocation may take, as its process is told.
const DEADLINE: Duration = Duration::from_mins(1);

impl RuntimeApi {
    /// Listens.
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?.to_string();
        let (events, work) = channel();
        let (voice, said) = channel();
        let work = Arc::new(Mutex::new(work));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (work, voice) = (Arc::clone(&work), voice.clone());
                std::thread::spawn(move || {
                    // The process ends in the middle of a request for work: that is how it is stopped.
                    serve(&stream, &work, &voice).ok();
                });
            }
        });
        Ok(Self { address, events, said })
    }

    /// Waits until the process asks for work.
    pub(super) fn next(&self) -> Result<Instant> {
        match self.said.recv_timeout(PATIENCE).context("the function never asked for work")? {
            Said::Next(at) => Ok(at),
            Said::Answer(_) => bail!("an answer nobody asked for"),
            Said::Error(error) => bail!("the function could not start: {error}"),
        }
    }

    /// One invocation: hands over an event, and waits for the answer and the next request for work.
    pub(super) fn invoke(&self, event: &str) -> Result<Vec<u8>> {
        self.events.send(event.to_owned())?;
        let answer = match self.said.recv_timeout(PATIENCE).context("the function does not answer")? {
            Said::Answer(answer) => answer,
            Said::Next(_) => bail!("the function asked for work without an answer"),
            Said::Error(error) => bail!("the function failed: {error}"),
        };
        self.next()?;
        Ok(answer)
    }
}

fn serve(stream: &TcpStream, work: &Mutex<Receiver<String>>, voice: &Sender<Said>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let mut count = 0_u64;
    while let Some(mut request) = http::read_head(&mut reader)? {
        let at = Instant::now();
        http::read_body(&mut reader, &mut request)?;
        let path = request.first.split(' ').nth(1).unwrap_or_default().to_owned();
        let (status, headers, body) = if path.ends_with("/invocation/next") {
            voice.send(Said::Next(at))?;
            let event = work.lock().ok().context("poisoned")?.recv()?;
            count += 1;
            let deadline = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)? + DEADLINE;
            let mut headers = format!("Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-{count:012x}\r\n");
            write!(headers, "Lambda-Runtime-Deadline-Ms: {}\r\n", deadline.as_millis())?;
            headers.push_str(
                "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:bench\r\n",
            );
            headers.push_str("Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0\r\n");
            ("200 OK", headers, event)
        } else {
            let failed = path.ends_with("/error");
            let text = || String::from_utf8_lossy(&request.body).into_owned();
            voice.send(if failed { Said::Error(text()) } else { Said::Answer(request.body.clone()) })?;
            ("202 Accepted", String::new(), r#"{"status":"OK"}"#.to_owned())
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        writer.write_all(answer.as_bytes())?;
    }
    Ok(())
}
