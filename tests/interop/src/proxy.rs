//! A proxy before a real server. It lets everything pass, but for the request that it is told to watch for: that one meets the
//! trouble that was ordered.

use connector_kit::contract::Fault;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

/// Largest head of a request in bytes.
const MAX_HEAD: usize = 64 * 1024;
/// Largest body of a request in bytes.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// What a watched request meets.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// The server does not get it, and the connection ends.
    DropRequest,
    /// The server gets it when the proxy is told to release it, and the connection ends before.
    Hold,
    /// The server gets it and answers, and the connection ends without the answer.
    DropAnswer,
    /// The server gets it and answers, and half of the answer arrives.
    CutAnswer,
    /// The server gets it and answers, and something else arrives in place of its answer.
    Replace(Vec<u8>),
    /// The server does not get it; this is the answer.
    Instead(Vec<u8>),
}

impl Trouble {
    /// The trouble that a fault of the contract is; `refusal` is how the platform words a status.
    pub fn of(fault: Fault, refusal: impl FnOnce(u16) -> serde_json::Value) -> Self {
        let (json, html) = ("application/json", "text/html");
        match fault {
            Fault::CommitThenDrop => Self::DropAnswer,
            Fault::DropBeforeCommit => Self::DropRequest,
            Fault::LateCommit => Self::Hold,
            Fault::CutBody => Self::CutAnswer,
            Fault::NoId => Self::Replace(answer(200, json, "{}")),
            Fault::Garbage => Self::Instead(answer(200, html, "<h1>Please wait</h1>")),
            Fault::Status(code) => Self::Instead(answer(code, json, &refusal(code).to_string())),
            Fault::Bare(code) => Self::Instead(answer(code, html, "<h1>blocked</h1>")),
        }
    }
}

/// An answer in whole.
fn answer(status: u16, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into()
}

/// A request as it passes.
pub struct Request<'a> {
    /// Its method.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// Its body.
    pub body: &'a [u8],
}

type Watch = Arc<dyn Fn(&Request<'_>) -> bool + Send + Sync>;

struct Order {
    watch: Watch,
    trouble: Trouble,
}

#[derive(Default)]
struct State {
    counted: Option<Watch>,
    count: u64,
    orders: Vec<Order>,
    /// Requests that the server shall get later, as they are sent to it.
    held: Vec<Vec<u8>>,
    strips_authorization: bool,
}

/// A running proxy. It has a thread of its own, since each test has a runtime that ends with it, and runs as long as the process.
pub struct Proxy {
    address: SocketAddr,
    server: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Listens at `address`, whose port may be 0 for any that is free, for what is for `server`.
    ///
    /// # Errors
    /// The address cannot be listened at.
    pub fn start(address: SocketAddr, server: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                while let Ok((client, _)) = listener.accept().await {
                    let shared = Arc::clone(&shared);
                    // A connection that ends early is the business of the two that speak over it.
                    tokio::spawn(async move { passes(client, server, &shared).await.ok() });
                }
            });
        });
        Ok(Self { address, server, state })
    }

    /// Where it listens, as a URL without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Forgets what it was told.
    pub fn reset(&self) {
        *self.state() = State::default();
    }

    /// Counts these from now on.
    pub fn count(&self, watch: impl Fn(&Request<'_>) -> bool + Send + Sync + 'static) {
        let mut state = self.state();
        state.counted = Some(Arc::new(watch));
        state.count = 0;
    }

    /// How many of them there were.
    pub fn counted(&self) -> u64 {
        self.state().count
    }

    /// The next of these meets trouble, once.
    pub fn order(&self, trouble: Trouble, watch: impl Fn(&Request<'_>) -> bool + Send + Sync + 'static) {
        self.state().orders.push(Order { watch: Arc::new(watch), trouble });
    }

    /// The server gets what was held.
    ///
    /// # Errors
    /// It did not answer.
    pub async fn release(&self) -> io::Result<()> {
        let held = std::mem::take(&mut self.state().held);
        for request in held {
            asks(self.server, &request).await?;
        }
        Ok(())
    }

    /// Whether every trouble was met.
    pub fn is_calm(&self) -> bool {
        self.state().orders.is_empty()
    }

    /// From now on requests arrive without their Authorization header, as some hosts have it, or with it again.
    pub fn strip_authorization(&self, strips: bool) {
        self.state().strips_authorization = strips;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// One request and its answer: the proxy keeps no connection.
async fn passes(mut client: TcpStream, server: SocketAddr, state: &Mutex<State>) -> io::Result<()> {
    let (head, body) = read(&mut client).await?;
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let request = Request { method, target, body: &body };
    let (trouble, strips) = {
        let mut state = lock(state);
        if state.counted.as_ref().is_some_and(|watch| watch(&request)) {
            state.count += 1;
        }
        let ordered = state.orders.iter().position(|order| (order.watch)(&request));
        (ordered.map(|at| state.orders.remove(at).trouble), state.strips_authorization)
    };
    match trouble {
        Some(Trouble::DropRequest) => return Ok(()),
        Some(Trouble::Instead(answer)) => return client.write_all(&answer).await,
        _ => {}
    }
    let whole = [forwarded(&head, strips).as_bytes(), &body].concat();
    if matches!(trouble, Some(Trouble::Hold)) {
        lock(state).held.push(whole);
        return Ok(());
    }
    let answer = asks(server, &whole).await?;
    match trouble {
        Some(Trouble::DropAnswer) => Ok(()),
        Some(Trouble::CutAnswer) => client.write_all(&answer[..answer.len() - answer.len() / 4]).await,
        Some(Trouble::Replace(other)) => client.write_all(&other).await,
        _ => client.write_all(&answer).await,
    }
}

/// What the server answers.
async fn asks(server: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut upstream = TcpStream::connect(server).await?;
    upstream.write_all(request).await?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// The head as the server gets it: it ends the connection after its answer, which tells where the answer ends.
fn forwarded(head: &str, strips: bool) -> String {
    let is = |line: &str, name: &str| line.to_ascii_lowercase().starts_with(name);
    let dropped = |line: &&str| is(line, "connection:") || (strips && is(line, "authorization:"));
    let kept = head.lines().filter(|line| !dropped(line));
    let mut lines: Vec<&str> = kept.collect();
    lines.push("Connection: close");
    format!("{}\r\n\r\n", lines.join("\r\n"))
}

/// A request: its head without the blank line, and its body.
async fn read(client: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if bytes.len() > MAX_HEAD || client.read_buf(&mut bytes).await? == 0 {
            return Err(invalid("no whole head"));
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).map_err(|_| invalid("a head that is no text"))?;
    let mut body = bytes.split_off(end + 4);
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let mut length = 0;
    for (name, value) in fields {
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().map_err(|_| invalid("a length that is none"))?,
            "transfer-encoding" => return Err(invalid("the proxy knows no chunks")),
            _ => {}
        }
    }
    if length > MAX_BODY {
        return Err(invalid("too large"));
    }
    while body.len() < length {
        if client.read_buf(&mut body).await? == 0 {
            return Err(invalid("no whole body"));
        }
    }
    Ok((head, body))
}
