//! S7: a redirect is an answer, of every kind and for every caller.

use crate::callers::{Callers, Told};
use crate::receiver::{Receiver, Step, say};
use crate::trap::Trap;
use connector_kit::{Egress, Guard};
use ports::MediaError;

#[tokio::test]
async fn no_redirect_is_followed() {
    let trap = Trap::set().await;
    // A local stack's guard: nothing but the client stands between.
    let callers = Callers::new(Egress::new(Guard::new(true)));
    for status in [300, 301, 302, 303, 304, 305, 307, 308] {
        for to in [
            format!("http://127.0.0.1:{}/latest/meta-data/", trap.port),
            format!("//127.0.0.1:{}/", trap.port),
            format!("http://localhost:{}/", trap.port),
        ] {
            // Old ways of saying the same are there too.
            let more =
                format!("refresh: 0; url={to}\r\ncontent-location: {to}\r\nalt-svc: h2=\"127.0.0.1:{}\"", trap.port);
            let head = format!("HTTP/1.1 {status} Over There\r\nlocation: {to}\r\n{more}\r\ncontent-length: 0\r\n\r\n");
            let receiver = Receiver::doing(vec![Step::Hear, say(&head)]).await;
            let url = receiver.url();
            assert_eq!(callers.hook(&url).await, Told::Status(status));
            assert_eq!(callers.post(&url).await, Told::Status(status));
            assert_eq!(callers.platform(&url).await, Told::Status(status));
            assert!(matches!(callers.medium(&url).await, Err(MediaError::Unavailable(_))));
        }
    }
    assert_eq!(trap.connects().await, 0);
    println!("S7: 8 kinds of redirects to 3 spellings, 0 connects");
}
