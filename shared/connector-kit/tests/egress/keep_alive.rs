//! F19, when the first request went well: a connection that is used again may have turned bad meanwhile.

use crate::answers::callers;
use crate::callers::Told;
use crate::receiver::{Receiver, Step, say};
use std::time::Duration;

const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine";

#[tokio::test]
async fn a_second_request_on_the_same_connection_that_gets_no_answer_is_unknown_and_not_sent_again() {
    for (what, turned) in [
        ("closes", vec![]),
        ("says nothing", vec![Step::Wait]),
        ("trickles", vec![Step::Trickle(b"HTTP/1.1 200 OK\r\nx: ".to_vec())]),
        ("speaks another protocol", vec![say("* OK ready\r\n"), Step::Wait]),
        ("floods", vec![Step::Pour(b"x: y\r\n".repeat(1_000), u64::MAX)]),
    ] {
        let steps = [vec![Step::Hear, say(FINE), Step::Hear], turned].concat();
        let receiver = Receiver::doing(steps).await;
        let callers = callers();
        assert_eq!(callers.post(&receiver.url()).await, Told::Status(200), "{what}");
        assert_eq!(callers.post(&receiver.url()).await, Told::Unknown, "{what}");
        assert_eq!((receiver.connects(), receiver.requests().len()), (1, 2), "{what}");
        assert!(receiver.is_let_go().await, "{what}");
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_while_it_was_idle_is_not_used_again() {
    let receiver = Receiver::doing(vec![Step::Hear, say(FINE)]).await;
    let callers = callers();
    assert_eq!(callers.post(&receiver.url()).await, Told::Status(200));
    assert!(receiver.is_let_go().await);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(callers.post(&receiver.url()).await, Told::Status(200));
    assert_eq!((receiver.connects(), receiver.requests().len()), (2, 2));
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_not_taken_for_the_next_ones() {
    let planted = "HTTP/1.1 201 Created\r\ncontent-length: 7\r\n\r\nplanted";
    for first in [format!("{FINE}{planted}"), format!("{FINE}and more"), format!("{FINE}\r\n{planted}")] {
        let receiver =
            Receiver::start(vec![vec![Step::Hear, say(&first), Step::Wait], vec![Step::Hear, say(FINE)]], None).await;
        let callers = callers();
        assert_eq!(callers.post(&receiver.url()).await, Told::Status(200));
        tokio::time::sleep(Duration::from_millis(50)).await;
        let second = callers.webhook(&receiver.url()).await;
        assert_eq!((second.status, second.excerpt.as_str()), (Some(200), "fine"));
        assert_eq!(receiver.connects(), 2, "the first connection is not used again");
    }
}

#[tokio::test]
async fn a_connection_is_used_again_where_its_answers_are_good() {
    let receiver =
        Receiver::doing([[Step::Hear, say(FINE)], [Step::Hear, say(FINE)], [Step::Hear, say(FINE)]].concat()).await;
    let callers = callers();
    for _ in 0..3 {
        assert_eq!(callers.post(&receiver.url()).await, Told::Status(200));
    }
    assert_eq!((receiver.connects(), receiver.requests().len()), (1, 3));
}
