//! Documents of platforms: bounded, kept for a while, and never from inside.

use crate::callers::Liar;
use crate::receiver::{Receiver, Step, say};
use connector_kit::{Documents, Egress, Guard, Limits, Setup};
use ports::{Documents as _, NoDocument};
use std::time::Duration;

fn reader() -> Documents {
    let limits = Limits { exchange: Duration::from_millis(500), ..Limits::default() };
    Documents::new(Egress::with(Guard::new(true), Setup { limits, ..Setup::default() }))
}

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMIIB";

fn saying(body: &str) -> Vec<Step> {
    vec![
        Step::Hear,
        say(&format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())),
    ]
}

fn status(line: &str) -> Vec<Step> {
    vec![Step::Hear, say(&format!("HTTP/1.1 {line}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"))]
}

#[tokio::test]
async fn a_document_is_read_once_and_kept_and_a_visit_is_made_each_time() {
    let receiver = Receiver::doing(saying(CERTIFICATE)).await;
    let (reader, url) = (reader(), receiver.url());
    for _ in 0..3 {
        assert_eq!(reader.read(&url).await, Ok(CERTIFICATE.as_bytes().to_vec()));
    }
    assert_eq!(receiver.requests().len(), 1);
    for _ in 0..2 {
        assert_eq!(reader.visit(&url).await, Ok(()));
    }
    assert_eq!(receiver.requests().len(), 3);
}

#[tokio::test]
async fn what_could_not_be_read_is_not_kept() {
    let answers = vec![status("503 Service Unavailable"), saying("<html>We will be back soon"), saying(CERTIFICATE)];
    let receiver = Receiver::start(answers, None).await;
    let (reader, url) = (reader(), receiver.url());
    for _ in 0..2 {
        assert_eq!(reader.read(&url).await, Err(NoDocument::Unavailable));
    }
    assert_eq!(reader.read(&url).await, Ok(CERTIFICATE.as_bytes().to_vec()));
}

#[tokio::test]
async fn a_document_of_sixteen_kibibytes_is_read_and_one_of_a_byte_more_is_not() {
    for (length, read) in [(16 * 1024, true), (16 * 1024 + 1, false)] {
        let body = format!("{CERTIFICATE}{}", "x".repeat(length - CERTIFICATE.len()));
        let receiver = Receiver::doing(saying(&body)).await;
        let expected = if read { Ok(body.into_bytes()) } else { Err(NoDocument::Absent) };
        assert_eq!(reader().read(&receiver.url()).await, expected, "{length}");
    }
    let head = say("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
    let endless = Receiver::doing(vec![Step::Hear, head, Step::Pour(vec![b'x'; 1_024], 100_000_000)]).await;
    assert_eq!(reader().read(&endless.url()).await, Err(NoDocument::Absent));
    assert!(endless.is_let_go().await);
}

#[tokio::test]
async fn an_answer_that_is_no_document_tells_whether_to_come_again() {
    for (line, expected) in [
        ("404 Not Found", NoDocument::Absent),
        ("403 Forbidden", NoDocument::Absent),
        ("302 Found", NoDocument::Absent),
        ("429 Too Many Requests", NoDocument::Unavailable),
        ("500 Internal Server Error", NoDocument::Unavailable),
    ] {
        let receiver = Receiver::doing(status(line)).await;
        assert_eq!(reader().read(&receiver.url()).await, Err(expected), "{line}");
        assert_eq!(reader().visit(&receiver.url()).await, Err(expected), "{line}");
    }
    let silent = Receiver::doing(vec![Step::Hear, Step::Wait]).await;
    assert_eq!(reader().read(&silent.url()).await, Err(NoDocument::Unavailable));
}

#[tokio::test]
async fn no_document_comes_from_inside() {
    let receiver = Receiver::doing(saying("inside")).await;
    let names = Liar::telling(&[&["127.0.0.1"]]);
    let reader = Documents::new(Egress::with(Guard::new(false), Setup { names, ..Setup::default() }));
    let port = receiver.address.port();
    for url in [
        receiver.url(),
        format!("https://127.0.0.1:{port}/"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://name.example.com/".to_owned(),
        "http://name.example.com/".to_owned(),
        format!("https://name.example.com:{port}/"),
    ] {
        assert!(reader.read(&url).await.is_err(), "{url}");
        assert!(reader.visit(&url).await.is_err(), "{url}");
    }
    assert_eq!(receiver.connects(), 0);
}
