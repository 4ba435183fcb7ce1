//! F19: whatever a receiver does, the exchange ends in time, takes no more bytes than somebody reads, is made once, and means
//! what it must mean: without the head of an answer nobody knows whether the request was taken.

use crate::callers::{Callers, Told};
use crate::receiver::{Receiver, Step, say};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connector_kit::{Egress, Guard, Limits, Setup};
use futures_util::future::join_all;
use ports::MediaError;
use std::time::{Duration, Instant};

/// The time for an exchange, cut down from 15 and more seconds.
const CAP: Duration = Duration::from_millis(1_200);
/// More than the machine needs to notice that it is over.
const SPARE: Duration = Duration::from_secs(2);
/// What the buffers of a machine may hold of an answer that nobody reads.
const BUFFERS: u64 = 12 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;

pub(crate) fn callers() -> Callers {
    let limits = Limits { connect: CAP, exchange: CAP, ..Limits::default() };
    Callers::new(Egress::with(Guard::new(true), Setup { limits, ..Setup::default() }))
}

/// A receiver, what a webhook and a post come to there, and how many bytes a medium has there, if it can be read.
struct Case {
    what: &'static str,
    steps: Vec<Step>,
    hook: Told,
    post: Told,
    medium: Option<usize>,
}

/// One that never gives the head of an answer.
fn headless(what: &'static str, steps: Vec<Step>) -> Case {
    Case { what, steps, hook: Told::Unknown, post: Told::Unknown, medium: None }
}

/// One whose 200 has a body that does not come to its end.
fn endless(what: &'static str, steps: Vec<Step>) -> Case {
    Case { what, steps, hook: Told::Status(200), post: Told::Cut(200), medium: None }
}

/// One that answers.
fn answering(what: &'static str, status: u16, head_and_body: &str, medium: Option<usize>) -> Case {
    let steps = vec![Step::Hear, say(head_and_body)];
    Case { what, steps, hook: Told::Status(status), post: Told::Status(status), medium }
}

const OK: &str = "HTTP/1.1 200 OK\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn pour(piece: &str, most: u64) -> Step {
    Step::Pour(piece.repeat(1 + 16_384 / piece.len()).into(), most)
}

/// Interim answers until nobody takes them any more. Each has some length, for this build reads them slowly.
fn interim() -> Step {
    pour(&format!("HTTP/1.1 103 Early Hints\r\nlink: </{}>\r\n\r\n", "a".repeat(2_000)), u64::MAX)
}

fn heads() -> Vec<Case> {
    let many = format!("{OK}{}\r\n", "x-flood: 1\r\n".repeat(200));
    let one_more = format!("{OK}content-length: 0\r\n{}\r\n", "x-flood: 1\r\n".repeat(100));
    let large = format!("{OK}x-large: {}\r\n\r\n", "a".repeat(1_000_000));
    let hear = |steps: &[Step]| [&[Step::Hear], steps].concat();
    vec![
        headless("says nothing", hear(&[Step::Wait])),
        headless("trickles the status line", hear(&[Step::Trickle(b"HTTP/1.1 200 OK".to_vec())])),
        headless("trickles headers", hear(&[say(OK), Step::Trickle(b"x-slow: 1\r\n".to_vec())])),
        headless("interim answers without end", hear(&[interim()])),
        headless("interim answers, trickled", hear(&[Step::Trickle(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())])),
        headless("200 headers", hear(&[say(&many)])),
        headless("101 headers", hear(&[say(&one_more)])),
        headless("headers without end", hear(&[say(OK), pour("x-flood: 1\r\n", u64::MAX)])),
        headless("a header of 1 MB", hear(&[say(&large)])),
        headless("a header without end", hear(&[say("HTTP/1.1 200 OK\r\nx-large: "), pour("a", u64::MAX)])),
        headless("a reason without end", hear(&[say("HTTP/1.1 200 "), pour("OK ", u64::MAX)])),
        headless("closes before it reads", vec![]),
        headless("closes after it has read", hear(&[])),
        headless("closes within the head", hear(&[say("HTTP/1.1 200 OK\r\ncontent-le")])),
        headless("another protocol", hear(&[say("SSH-2.0-Server_1\r\n"), Step::Wait])),
        headless("frames of HTTP/2", hear(&[Step::Say(b"\0\0\0\x04\0\0\0\0\0".to_vec()), Step::Wait])),
        headless("a status of four digits", hear(&[say("HTTP/1.1 2000 OK\r\n\r\n"), Step::Wait])),
        headless(
            "two lengths",
            hear(&[say("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"), Step::Wait]),
        ),
        headless(
            "a header with a NUL",
            hear(&[say("HTTP/1.1 200 OK\r\nx: \0\r\ncontent-length: 0\r\n\r\n"), Step::Wait]),
        ),
    ]
}

fn bodies() -> Vec<Case> {
    let hear = |steps: &[Step]| [&[Step::Hear], steps].concat();
    let long = format!("{OK}content-length: {}\r\n\r\n", 100 * MIB);
    let most = format!("{OK}content-length: 2\r\n{}\r\nok", "x-flood: 1\r\n".repeat(99));
    vec![
        endless(
            "trickles the body",
            hear(&[say(&format!("{OK}content-length: 99999\r\n\r\n")), Step::Trickle(b"z".to_vec())]),
        ),
        endless("trickles chunks", hear(&[say(CHUNKED), Step::Trickle(b"1\r\nz\r\n".to_vec())])),
        endless("sends the head and no body", hear(&[say(&format!("{OK}content-length: 2\r\n\r\n")), Step::Wait])),
        endless("100 MB", hear(&[say(&long), pour("z", 100 * MIB), Step::Wait])),
        endless("chunks without end", hear(&[say(CHUNKED), pour("5\r\nzzzzz\r\n", u64::MAX)])),
        endless("a body without length or end", hear(&[say(&format!("{OK}\r\n")), pour("z", u64::MAX)])),
        endless("a chunk of no size", hear(&[say(&format!("{CHUNKED}zz\r\nzz\r\n")), Step::Wait])),
        endless("a chunk of more than there is", hear(&[say(&format!("{CHUNKED}FFFFFFFFFFFFFFF0\r\nzz"))])),
        endless(
            "a chunk of more than can be counted",
            hear(&[say(&format!("{CHUNKED}FFFFFFFFFFFFFFFFFF\r\nzz")), Step::Wait]),
        ),
        endless("a chunk's words without end", hear(&[say(&format!("{CHUNKED}1;")), pour("a", u64::MAX)])),
        endless("trailers without end", hear(&[say(&format!("{CHUNKED}0\r\n")), pour("x-t: 1\r\n", u64::MAX)])),
        endless("less than it promised", hear(&[say(&format!("{OK}content-length: 10\r\n\r\nhello"))])),
        endless("HTTP/1.0, less than it promised", hear(&[say("HTTP/1.0 200 OK\r\ncontent-length: 10\r\n\r\nhello")])),
        answering("100 headers", 200, &most, Some(2)),
        answering("more than it promised", 200, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhello", Some(2)),
        answering("HTTP/1.0", 200, "HTTP/1.0 200 OK\r\n\r\nhello", Some(5)),
        answering("a body where there is none", 204, "HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello", None),
        answering(
            "a few interim answers",
            200,
            &format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n{OK}content-length: 2\r\n\r\nok"),
            Some(2),
        ),
        answering(
            "another protocol, asked for by nobody",
            101,
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
            None,
        ),
        answering("gone", 410, "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n", None),
        answering(
            "too many",
            429,
            "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n",
            None,
        ),
        answering("broken", 500, "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n", None),
        answering("busy", 503, "HTTP/1.1 503 Busy\r\nconnection: close\r\n\r\nlater", None),
        answering("a status nobody knows", 799, "HTTP/1.1 799 Hm\r\ncontent-length: 0\r\n\r\n", None),
    ]
}

/// One caller's exchange with a receiver of its own.
async fn tried<T>(case: &Case, call: impl AsyncFnOnce(String) -> T) -> (T, u64, Duration) {
    let receiver = Receiver::doing(case.steps.clone()).await;
    let began = Instant::now();
    let told = call(receiver.url()).await;
    let took = began.elapsed();
    let what = case.what;
    assert!(took < CAP + SPARE, "{what}: {took:?}");
    assert!(receiver.is_let_go().await, "{what}: its connection is kept");
    assert_eq!(receiver.connects(), 1, "{what}: tried once");
    assert!(receiver.requests().len() <= 1, "{what}: asked once");
    (told, receiver.sent(), took)
}

/// All callers' exchanges with this receiver: the most bytes that were sent, and the longest time.
async fn held_to(case: &Case, callers: &Callers) -> (u64, Duration) {
    let what = case.what;
    let (hook, hook_sent, hook_took) = tried(case, async |url| callers.hook(&url).await).await;
    let (post, post_sent, post_took) = tried(case, async |url| callers.post(&url).await).await;
    let (medium, _, medium_took) = tried(case, async |url| callers.medium(&url).await).await;
    assert_eq!((hook, post), (case.hook, case.post), "{what}");
    assert_eq!(medium.clone().ok(), case.medium, "{what}: {medium:?}");
    assert!(medium != Err(MediaError::Changed), "{what}");
    let (sent, took) = (hook_sent.max(post_sent), hook_took.max(post_took).max(medium_took));
    println!("F19: {what}: {hook:?}, {post:?}; {sent} bytes sent, {took:?}");
    // Interim answers are bounded by the time alone.
    assert!(sent < BUFFERS || what.starts_with("interim"), "{what}: {sent} bytes");
    (sent, took)
}

#[tokio::test]
async fn whatever_a_receiver_does_the_exchange_is_bounded_made_once_and_means_the_right_thing() {
    let callers = callers();
    let pours = |case: &Case| case.steps.iter().any(|step| matches!(step, Step::Pour(..)));
    let (busy, quiet): (Vec<Case>, Vec<Case>) = heads().into_iter().chain(bodies()).partition(pours);
    // Those that wait may wait together.
    let mut came = join_all(quiet.iter().map(|case| held_to(case, &callers))).await;
    for case in &busy {
        came.push(held_to(case, &callers).await);
    }
    let bytes = came.iter().map(|(sent, _)| sent).max().unwrap();
    let longest = came.iter().map(|(_, took)| took).max().unwrap();
    println!("F19: {} receivers, at most {bytes} bytes sent and {longest:?} taken", came.len());
}

#[tokio::test]
async fn interim_answers_without_end_fill_no_memory() {
    let before = resident();
    let receiver = Receiver::doing(vec![Step::Hear, interim()]).await;
    assert_eq!(callers().hook(&receiver.url()).await, Told::Unknown);
    assert!(receiver.is_let_go().await);
    let (sent, grown) = (receiver.sent(), resident().saturating_sub(before));
    println!("F19: {sent} bytes of interim answers, {grown} bytes of memory");
    assert!(grown < 24 * MIB, "{sent} bytes were sent, {grown} kept");
}

/// Bytes of memory that this process has; none where the machine does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or(0) * 1024
}

/// 400 kB of one letter, packed into 424 bytes.
fn packed() -> Vec<u8> {
    let zeros = "A".repeat(514);
    STANDARD.decode(format!("H4sIALHODGsC/+3BMQEAAADCoKzrX8IUfkAB{zeros}DA3wB1+IeRgBoGAA==")).unwrap()
}

#[tokio::test]
async fn nothing_packed_is_asked_for_and_what_comes_packed_stays_so() {
    let callers = callers();
    for coding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        let bomb = packed();
        let head = format!("{OK}content-encoding: {coding}\r\ncontent-length: {}\r\n\r\n", bomb.len());
        let steps = vec![Step::Hear, say(&head), Step::Say(bomb.clone())];
        let receiver = Receiver::doing(steps).await;
        let answer = callers.webhook(&receiver.url()).await;
        assert_eq!(answer.status, Some(200));
        assert!(!answer.excerpt.contains("aaaa"), "{coding} was unpacked");
        assert_eq!(callers.medium(&receiver.url()).await, Ok(bomb.len()), "{coding} was unpacked");
        let asked = receiver.requests();
        assert!(asked.len() == 2 && asked.iter().all(|request| !request.contains("accept-encoding")), "{asked:?}");
    }
}

#[tokio::test]
async fn a_server_that_takes_no_connection_got_nothing() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", gone.local_addr().unwrap());
    drop(gone);
    assert_eq!(callers().hook(&url).await, Told::Unsent);
    assert_eq!(callers().post(&url).await, Told::Unsent);
    assert!(callers().medium(&url).await.is_err());
}
