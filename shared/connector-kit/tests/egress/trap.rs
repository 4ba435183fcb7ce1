//! A listener to which nothing may ever connect.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;

/// Listens on one port of several loopback addresses, and counts who connects.
pub(crate) struct Trap {
    pub(crate) port: u16,
    connects: Arc<AtomicUsize>,
}

impl Trap {
    pub(crate) async fn set() -> Self {
        let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = first.local_addr().unwrap().port();
        let connects = Arc::new(AtomicUsize::new(0));
        let mut listeners = vec![first];
        // Where the machine has no such address, nothing can connect to it either.
        for other in [format!("127.0.0.2:{port}"), format!("[::1]:{port}")] {
            listeners.extend(TcpListener::bind(other).await);
        }
        for listener in listeners {
            let counted = Arc::clone(&connects);
            tokio::spawn(async move {
                while let Ok((socket, _)) = listener.accept().await {
                    counted.fetch_add(1, Ordering::SeqCst);
                    drop(socket);
                }
            });
        }
        Self { port, connects }
    }

    /// How many have connected; who is on the way has arrived by then.
    pub(crate) async fn connects(&self) -> usize {
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.connects.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_trap_sees_whoever_connects() {
    let trap = Trap::set().await;
    assert_eq!(trap.connects().await, 0);
    tokio::net::TcpStream::connect(("127.0.0.1", trap.port)).await.unwrap();
    assert_eq!(trap.connects().await, 1);
}
