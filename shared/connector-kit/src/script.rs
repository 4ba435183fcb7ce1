//! A loopback server for the tests: it answers with given bytes, and remembers what it was asked.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A running server.
pub(crate) struct Script {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Script {
    /// Answers every connection's one request with the next of these texts; after the last, with the last again. An
    /// empty text drops the connection.
    pub(crate) async fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            for n in 0.. {
                let (mut socket, _) = listener.accept().await.unwrap();
                log.lock().unwrap().push(String::new());
                let mut request = Vec::new();
                let mut piece = [0_u8; 4096];
                loop {
                    let text = String::from_utf8_lossy(&request).into_owned();
                    if let Some((head, body)) = text.split_once("\r\n\r\n") {
                        let length = head.lines().find_map(|line| {
                            line.to_ascii_lowercase().strip_prefix("content-length:").map(|v| v.trim().parse().unwrap())
                        });
                        if body.len() >= length.unwrap_or(0) {
                            break;
                        }
                    }
                    match socket.read(&mut piece).await {
                        Ok(0) | Err(_) => break,
                        Ok(read) => request.extend_from_slice(&piece[..read]),
                    }
                }
                *log.lock().unwrap().last_mut().unwrap() = String::from_utf8_lossy(&request).into_owned();
                // The client may have gone; that is its business.
                let _ = socket.write_all(&answers[n.min(answers.len() - 1)]).await;
                let _ = socket.shutdown().await;
            }
        });
        Self { address, seen }
    }

    /// A server that answers 200 with this JSON.
    pub(crate) async fn json(body: &str) -> Self {
        Self::start(vec![answer("200 OK", "content-type: application/json\r\n", body.as_bytes())]).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far; a connection without a request is an empty text.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// An answer that closes the connection.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
