//! The listener. It exists because a fault must be able to cut a TCP connection without an answer, which no
//! response value can say: every socket carries a switch that the fault layer may throw.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

const OPEN: u8 = 0;
const CLOSE: u8 = 1;
const RESET: u8 = 2;

/// The switch of one connection.
#[derive(Clone, Default)]
pub(crate) struct Line(Arc<AtomicU8>);

impl Line {
    /// From now on nothing is written to the connection: the peer sees it end (FIN), or a reset (RST).
    pub(crate) fn cut(&self, reset: bool) {
        self.0.store(if reset { RESET } else { CLOSE }, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, Sockets>> for Line {
    fn connect_info(stream: IncomingStream<'_, Sockets>) -> Self {
        stream.io().line.clone()
    }
}

/// A TCP listener whose sockets can be cut.
pub(crate) struct Sockets(pub(crate) TcpListener);

impl Listener for Sockets {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((io, peer)) => {
                    // Only a matter of speed: a refusal to set it changes nothing.
                    let _ = io.set_nodelay(true);
                    return (Socket { io, line: Line::default() }, peer);
                }
                // Out of descriptors or the peer left: the next try may succeed.
                Err(error) => {
                    tracing::warn!(kind = %error.kind(), "accept failed");
                    crate::faults::pause(50).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// One connection with its switch.
pub(crate) struct Socket {
    io: TcpStream,
    line: Line,
}

impl Socket {
    fn alive(&self) -> io::Result<()> {
        match self.line.0.load(Ordering::SeqCst) {
            OPEN => Ok(()),
            state => {
                if state == RESET {
                    // With linger zero the kernel sends RST instead of FIN when the socket is dropped.
                    let _ = self.io.set_zero_linger();
                }
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.alive()?;
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.alive()?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
