//! A small HTTP/1.1 for addresses on this machine: the emulator, the functions behind it, the sandbox. A full client with
//! TLS would double the build time of this tool.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Largest body taken, in bytes: above what API Gateway takes (10 MB).
const MAX_BODY: usize = 16 << 20;

/// A request or an answer as it is on the wire.
pub(crate) struct Message {
    /// The request line or the status line.
    pub first: String,
    /// In their order; names as they were written.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Message {
    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The answer's status.
    pub(crate) fn status(&self) -> Result<u16> {
        Ok(self.first.split(' ').nth(1).context("no status line")?.parse()?)
    }
}

/// An answer: status, body, and headers for those who ask.
pub(crate) struct Answer {
    pub status: u16,
    pub body: String,
    message: Message,
}

impl Answer {
    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.message.header(name)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).with_context(|| format!("not JSON (status {}): {}", self.status, self.body))
    }
}

/// Sends one request to `http://HOST[:PORT]/PATH`. Names under `localhost` are this machine (RFC 6761), whatever the
/// system's resolver makes of them.
pub(crate) fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
    limit: Duration,
) -> Result<Answer> {
    let rest = url.strip_prefix("http://").with_context(|| format!("only http:// addresses of this machine: {url}"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port: u16 = host.rsplit_once(':').map_or(Ok(80), |(_, port)| port.parse())?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if name != "127.0.0.1" && name != "localhost" && !name.ends_with(".localhost") {
        bail!("{name} is not this machine");
    }
    let mut head = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (key, value) in headers {
        write!(head, "{key}: {value}\r\n")?;
    }
    let message = exchange(port, &head, body.unwrap_or_default().as_bytes(), method == "HEAD", limit)
        .with_context(|| format!("{method} {url}"))?;
    Ok(Answer { status: message.status()?, body: String::from_utf8_lossy(&message.body).into_owned(), message })
}

/// Sends a request whose head lacks only its length, and reads the answer.
pub(crate) fn exchange(port: u16, head: &str, body: &[u8], bodiless: bool, limit: Duration) -> Result<Message> {
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), limit)
        .with_context(|| format!("nothing answers at port {port}"))?;
    stream.set_read_timeout(Some(limit))?;
    stream.set_write_timeout(Some(limit))?;
    stream.write_all(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes())?;
    stream.write_all(body)?;
    let mut reader = BufReader::new(stream);
    let mut answer = read_head(&mut reader)?.context("the connection was closed without an answer")?;
    while answer.status()? < 200 {
        answer = read_head(&mut reader)?.context("the connection was closed without an answer")?;
    }
    // An answer to HEAD tells the length of a body it does not have.
    if !bodiless {
        read_body(&mut reader, &mut answer)?;
    }
    Ok(answer)
}

/// Reads a message's first line and headers; none when the connection ends before it begins.
pub(crate) fn read_head(reader: &mut impl BufRead) -> Result<Option<Message>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut message = Message { first: line.trim_end().to_owned(), headers: Vec::new(), body: Vec::new() };
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((key, value)) = line.trim_end().split_once(':') else { break };
        message.headers.push((key.to_owned(), value.trim().to_owned()));
    }
    Ok(Some(message))
}

/// Reads the body that the headers promise.
pub(crate) fn read_body(reader: &mut impl BufRead, message: &mut Message) -> Result<()> {
    if message.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
        read_chunks(reader, &mut message.body)?;
    } else if let Some(length) = message.header("content-length").map(str::parse).transpose()? {
        read_exactly(reader, length, &mut message.body)?;
    }
    Ok(())
}

fn read_exactly(reader: &mut impl BufRead, length: usize, body: &mut Vec<u8>) -> Result<()> {
    if body.len() + length > MAX_BODY {
        bail!("a body of more than {MAX_BODY} bytes");
    }
    let start = body.len();
    reader.take(length as u64).read_to_end(body)?;
    if body.len() - start < length {
        bail!("the body ended early");
    }
    Ok(())
}

fn read_chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> Result<()> {
    loop {
        let mut size = String::new();
        reader.read_line(&mut size)?;
        let size = usize::from_str_radix(size.trim().split(';').next().unwrap_or_default(), 16)?;
        read_exactly(reader, size, body)?;
        reader.read_line(&mut String::new())?;
        if size == 0 {
            return Ok(());
        }
    }
}
