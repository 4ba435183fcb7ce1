#![allow(clippy::unwrap_used)]

use super::*;
use crate::egress::Guard;
use crate::script::{Script, answer};
use tokio::net::TcpListener;

fn http() -> Http {
    Http::new(Egress::new(Guard::new(true)))
}

#[tokio::test]
async fn a_deployed_stack_sends_no_token_over_plain_http() {
    let server = Script::json("{}").await;
    let http = Http::new(Egress::new(Guard::new(false)));
    assert_eq!(http.call(Call::get(server.url("/"))).await.unwrap_err(), Lost::Unsent);
    assert!(server.seen().is_empty());
}

async fn lost(url: String) -> Lost {
    http().call(Call::post(url).json(&"x").within(Duration::from_millis(300))).await.unwrap_err()
}

#[tokio::test]
async fn what_did_not_leave_is_told_from_what_may_have_arrived() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(lost(format!("http://{closed}/")).await, Lost::Unsent, "nobody listens");
    assert_eq!(lost("https://does-not-exist.invalid/".into()).await, Lost::Unsent, "the name does not resolve");
    assert_eq!(lost("no address".into()).await, Lost::Unsent);
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    // Hangs up on the client's greeting.
    tokio::spawn(async move { plain.accept().await.map(drop) });
    assert_eq!(lost(format!("https://{address}/")).await, Lost::Unsent, "TLS fails");
    let dropping = Script::start(vec![Vec::new()]).await;
    let what = Lost::Unanswered("the connection broke before the answer");
    assert_eq!(lost(dropping.url("/")).await, what);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    assert_eq!(lost(format!("http://{address}/")).await, Lost::Unanswered("no answer in time"));
    assert_eq!(Failure::from(Lost::Unsent), Failure::Unavailable);
    assert_eq!(Failure::from(what).code(), "unconfirmed");
}

#[tokio::test]
async fn a_dropped_request_is_never_repeated_not_even_on_a_kept_connection() {
    let kept = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec();
    let server = Script::start(vec![kept, Vec::new()]).await;
    let http = http();
    assert_eq!(http.call(Call::get(server.url("/"))).await.unwrap().status, 200);
    http.call(Call::post(server.url("/")).json(&1)).await.unwrap_err();
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn an_answer_is_believed_only_as_whole_json_of_a_bounded_size() {
    let big = vec![b' '; MAX_ANSWER + 1];
    let cut = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{}".to_vec();
    for (reply, status, whole) in [
        (answer("200 OK", "content-type: text/html\r\n", b"{}"), 200, true),
        (answer("200 OK", "", b"{}"), 200, true),
        (answer("200 OK", "content-type: application/json\r\n", b"{"), 200, true),
        (answer("200 OK", "content-type: application/json\r\n", &big), 200, false),
        (cut, 201, false),
    ] {
        let server = Script::start(vec![reply]).await;
        let answer = http().call(Call::get(server.url("/"))).await.unwrap();
        assert_eq!((answer.status, answer.whole), (status, whole));
        assert_eq!(answer.too_large, status == 200 && !whole, "one that broke off is not too large");
        assert!(answer.body.len() <= MAX_ANSWER);
        assert!(answer.json::<serde_json::Value>().is_none());
    }
    let problem = Script::start(vec![answer("403 No", "content-type: Application/Problem+JSON; a=b\r\n", b"{}")]).await;
    assert!(http().call(Call::get(problem.url("/"))).await.unwrap().json::<serde_json::Value>().is_some());
}

#[tokio::test]
async fn an_echoed_token_is_not_shown() {
    let server = Script::json("{}").await;
    let token = SecretString::from("tok-secret-1");
    let answer = http().call(Call::get(server.url("/")).bearer(&token)).await.unwrap();
    assert_eq!(answer.words("bad token\r\n tok-secret-1!"), "bad token …!");
    assert!(server.seen()[0].contains("Bearer tok-secret-1"));
    assert!(!format!("{answer:?}").contains("tok-secret-1"));
}

#[tokio::test]
async fn a_name_and_a_password_are_sent_as_they_should_be_and_the_password_is_not_shown() {
    let server = Script::json("{}").await;
    let password = SecretString::from("pass word");
    let answer = http().call(Call::head(server.url("/")).basic("ada", &password)).await.unwrap();
    let seen = server.seen().remove(0);
    // `ada:pass word` in base64.
    assert!(seen.starts_with("HEAD / ") && seen.contains("Basic YWRhOnBhc3Mgd29yZA=="), "{seen}");
    assert_eq!(answer.words("wrong: pass word"), "wrong: …");
    assert!(!format!("{answer:?}").contains("pass word"));
}

#[tokio::test]
async fn a_streamed_body_has_its_length_and_arrives() {
    let server = Script::json("{}").await;
    let pieces = vec![Ok(Bytes::from_static(b"abc")), Ok(Bytes::from_static(b"def"))];
    let call = Call::put(server.url("/")).stream("image/png", 6, Box::pin(futures_util::stream::iter(pieces)));
    http().call(call).await.unwrap();
    let seen = server.seen().remove(0).to_ascii_lowercase();
    assert!(seen.contains("content-length: 6") && !seen.contains("chunked") && seen.ends_with("abcdef"), "{seen}");
}

#[test]
fn a_configured_base_replaces_the_platforms_own() {
    let mut app = PlatformApp {
        client_id: String::new(),
        client_secret: String::new().into(),
        bases: std::collections::BTreeMap::new(),
        settings: std::collections::BTreeMap::new(),
    };
    assert_eq!(base(&app, "api", "https://api.example.com"), "https://api.example.com");
    app.bases.insert("api".into(), "http://127.0.0.1:1/x/".into());
    assert_eq!(base(&app, "api", "https://api.example.com"), "http://127.0.0.1:1/x");
}

#[tokio::test]
async fn a_server_that_a_customer_named_is_called_only_if_it_is_public() {
    let server = Script::json("{}").await;
    let deployed = Http::new(Egress::new(Guard::new(false)));
    for url in [server.url("/"), "https://127.0.0.1/".into(), "https://metadata.internal/".into()] {
        assert_eq!(deployed.call(Call::get(url).theirs()).await.unwrap_err(), Lost::Unsent);
    }
    assert!(server.seen().is_empty());
    assert_eq!(http().call(Call::get(server.url("/")).theirs()).await.unwrap().status, 200, "on a local stack");
}

#[tokio::test]
async fn a_secret_in_an_address_is_left_out_of_what_the_platform_says() {
    let server = Script::json("{}").await;
    let secret = SecretString::from("s3cret");
    let answer = http().call(Call::get(server.url("/s3cret")).hiding(&secret)).await.unwrap();
    assert!(!answer.words("you sent s3cret").contains("s3cret"));
}
