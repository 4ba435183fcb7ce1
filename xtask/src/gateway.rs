//! The local front door: `http://localhost:PORT` for the API and the console.
//!
//! The emulator serves an API under a name of its own (`<id>.execute-api.localhost`), which many clients do not resolve,
//! and answers a few paths of every API itself (`/health`, `/login`). Its path form has neither fault, so this forwards
//! each request to `/_aws/execute-api/<id>/$default/…` and leaves the Host header as the caller wrote it.

use std::fmt::Write as _;
use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::http::{self, Message};

/// API Gateway gives an integration 30 s.
const LIMIT: Duration = Duration::from_secs(35);
/// How long a caller may keep a connection open without asking anything.
const IDLE: Duration = Duration::from_mins(1);
/// Headers of one hop, which are not passed on.
const HOP: [&str; 6] = ["expect", "connection", "keep-alive", "transfer-encoding", "content-length", "upgrade"];

/// The hidden task that `up` starts in the background.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where to listen on 127.0.0.1.
    #[arg(long)]
    port: u16,
    /// The emulator's port.
    #[arg(long)]
    emulator_port: u16,
    /// The API's id in the emulator.
    #[arg(long)]
    api_id: String,
}

/// Serves until it is ended.
pub(crate) fn run(options: &Options) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", options.port))?;
    std::thread::scope(|scope| {
        for stream in listener.incoming() {
            let stream = stream?;
            scope.spawn(move || {
                // A caller that goes away in the middle is its own affair.
                serve(&stream, options).ok();
            });
        }
        Ok(())
    })
}

fn serve(stream: &TcpStream, options: &Options) -> Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(mut request) = http::read_head(&mut reader)? {
        if request.header("expect").is_some() {
            writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        http::read_body(&mut reader, &mut request)?;
        let closes = request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let answer = forward(&request, options).unwrap_or_else(|error| unavailable(&error));
        writer.write_all(&answer)?;
        if closes {
            break;
        }
    }
    Ok(())
}

fn forward(request: &Message, options: &Options) -> Result<Vec<u8>> {
    let mut words = request.first.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next().filter(|path| path.starts_with('/'))) else {
        bail!("not a request: {}", request.first);
    };
    let mut head =
        format!("{method} /_aws/execute-api/{}/$default{path} HTTP/1.1\r\nConnection: close\r\n", options.api_id);
    for (key, value) in passed_on(request) {
        write!(head, "{key}: {value}\r\n")?;
    }
    // As API Gateway tells it.
    write!(head, "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: {}\r\n", options.port)?;
    let bodiless = method == "HEAD";
    let answer = http::exchange(options.emulator_port, &head, &request.body, bodiless, LIMIT)?;
    let mut out = format!("{}\r\n", answer.first);
    for (key, value) in passed_on(&answer) {
        write!(out, "{key}: {value}\r\n")?;
    }
    if answer.status()? != 204 && answer.status()? != 304 {
        let length = if bodiless {
            answer.header("content-length").unwrap_or("0").to_owned()
        } else {
            answer.body.len().to_string()
        };
        write!(out, "Content-Length: {length}\r\n")?;
    }
    out.push_str("\r\n");
    let mut bytes = out.into_bytes();
    bytes.extend_from_slice(&answer.body);
    Ok(bytes)
}

fn passed_on(message: &Message) -> impl Iterator<Item = &(String, String)> {
    message.headers.iter().filter(|(key, _)| !HOP.iter().any(|hop| key.eq_ignore_ascii_case(hop)))
}

fn unavailable(error: &anyhow::Error) -> Vec<u8> {
    let body = format!("the local gateway: {error:#}\n");
    format!("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    /// A one-request upstream that hands back what it was sent; the gateway's own port with it.
    fn gateway_with_upstream(answer: &'static [u8]) -> (u16, std::thread::JoinHandle<Message>) {
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        let front = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = front.local_addr().unwrap().port();
        let options = Options { port, emulator_port: upstream.local_addr().unwrap().port(), api_id: "abc".to_owned() };
        let seen = std::thread::spawn(move || {
            let (mut stream, _) = upstream.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut request = http::read_head(&mut reader).unwrap().unwrap();
            http::read_body(&mut reader, &mut request).unwrap();
            stream.write_all(answer).unwrap();
            request
        });
        std::thread::spawn(move || serve(&front.accept().unwrap().0, &options));
        (port, seen)
    }

    #[test]
    fn a_request_reaches_the_api_with_its_host_body_and_query() {
        let (port, seen) = gateway_with_upstream(
            b"HTTP/1.1 201 Created\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nok",
        );
        let answer = http::send(
            "POST",
            &format!("http://localhost:{port}/health?a=b"),
            &[("Cookie", "c=d")],
            Some("body"),
            LIMIT,
        )
        .unwrap();
        assert_eq!((answer.status, answer.body.as_str(), answer.header("set-cookie")), (201, "ok", Some("a=1")));
        let request = seen.join().unwrap();
        assert_eq!(request.first, "POST /_aws/execute-api/abc/$default/health?a=b HTTP/1.1");
        assert_eq!(request.header("host"), Some(format!("localhost:{port}").as_str()));
        assert_eq!((request.header("cookie"), request.body.as_slice()), (Some("c=d"), b"body".as_slice()));
    }

    #[test]
    fn a_chunked_answer_arrives_whole_and_a_missing_upstream_is_a_502() {
        let (port, _) = gateway_with_upstream(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        );
        assert_eq!(http::send("GET", &format!("http://localhost:{port}/"), &[], None, LIMIT).unwrap().body, "abcde");
        let (port, _) = gateway_with_upstream(b"");
        assert_eq!(http::send("GET", &format!("http://localhost:{port}/"), &[], None, LIMIT).unwrap().status, 502);
    }
}
