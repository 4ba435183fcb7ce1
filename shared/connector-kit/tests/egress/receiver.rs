//! A receiver that does what it is told, byte by byte, and counts what it did.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// One thing that it does on a connection. After the last it closes.
#[derive(Clone)]
pub(crate) enum Step {
    /// Reads one request, wholly.
    Hear,
    /// Writes this.
    Say(Vec<u8>),
    /// Writes a byte of this every few milliseconds, from the beginning again and again.
    Trickle(Vec<u8>),
    /// Writes this again and again, as fast as it is taken, up to so many bytes.
    Pour(Vec<u8>, u64),
    /// Waits until the other side closes.
    Wait,
}

/// A text to write.
pub(crate) fn say(text: &str) -> Step {
    Step::Say(text.into())
}

#[derive(Default)]
struct Counts {
    connects: AtomicUsize,
    requests: Mutex<Vec<String>>,
    sent: AtomicU64,
    open: AtomicI64,
}

/// A running receiver.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    counts: Arc<Counts>,
}

impl Receiver {
    /// On its nth connection it does the nth of these, after the last the last again.
    pub(crate) async fn start(connections: Vec<Vec<Step>>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counts = Arc::new(Counts::default());
        let shared = Arc::clone(&counts);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let n = shared.connects.fetch_add(1, SeqCst);
                let steps = connections[n.min(connections.len() - 1)].clone();
                let (counts, tls) = (Arc::clone(&shared), tls.clone());
                counts.open.fetch_add(1, SeqCst);
                tokio::spawn(async move {
                    match tls {
                        None => run(socket, steps, &counts).await,
                        // Whoever does not trust it ends it here.
                        Some(tls) => {
                            if let Ok(socket) = tls.accept(socket).await {
                                run(socket, steps, &counts).await;
                            }
                        }
                    }
                    counts.open.fetch_sub(1, SeqCst);
                });
            }
        });
        Self { address, counts }
    }

    /// The same with one way for every connection, without TLS.
    pub(crate) async fn doing(steps: Vec<Step>) -> Self {
        Self::start(vec![steps], None).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn connects(&self) -> usize {
        self.counts.connects.load(SeqCst)
    }

    /// The requests that were read wholly.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.counts.requests.lock().unwrap().clone()
    }

    /// Bytes written so far. What lies in the buffers of the machine is among them.
    pub(crate) fn sent(&self) -> u64 {
        self.counts.sent.load(SeqCst)
    }

    /// Waits until the other side has let go of every connection.
    pub(crate) async fn is_let_go(&self) -> bool {
        for _ in 0..200 {
            if self.counts.open.load(SeqCst) == 0 {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }
}

async fn run(mut socket: impl AsyncRead + AsyncWrite + Unpin, steps: Vec<Step>, counts: &Counts) {
    for step in steps {
        let goes_on = match step {
            Step::Hear => hear(&mut socket, counts).await,
            Step::Say(bytes) => put(&mut socket, &bytes, counts).await,
            Step::Trickle(bytes) => {
                for byte in bytes.iter().cycle() {
                    if !put(&mut socket, &[*byte], counts).await {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                false
            }
            Step::Pour(piece, most) => {
                let mut poured = 0;
                let mut taken = true;
                while taken && poured < most {
                    taken = put(&mut socket, &piece, counts).await;
                    poured += piece.len() as u64;
                }
                taken
            }
            Step::Wait => {
                let mut rest = [0; 1024];
                while matches!(socket.read(&mut rest).await, Ok(1..)) {}
                false
            }
        };
        if !goes_on {
            return;
        }
    }
    // The other side may have gone; that is its business.
    let _ = socket.shutdown().await;
}

async fn put(socket: &mut (impl AsyncWrite + Unpin), bytes: &[u8], counts: &Counts) -> bool {
    let taken = socket.write_all(bytes).await.is_ok() && socket.flush().await.is_ok();
    counts.sent.fetch_add(bytes.len() as u64, SeqCst);
    taken
}

async fn hear(socket: &mut (impl AsyncRead + Unpin), counts: &Counts) -> bool {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                counts.requests.lock().unwrap().push(text);
                return true;
            }
        }
        match socket.read(&mut piece).await {
            Ok(0) | Err(_) => return false,
            Ok(read) => request.extend_from_slice(&piece[..read]),
        }
    }
}
