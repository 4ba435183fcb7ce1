//! What a post has besides its text, filled in by a person.

use crate::visit::Visit;
use e2e::{Stack, unique};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What is to be put right on a platform, as its tab says it.
const WRONG: &str = "return document.querySelector('#tab-x .tab-note').textContent";

/// Writes into a field as typing does.
const TYPE: &str = "const field = document.getElementById(arguments[0]); field.focus(); field.select(); \
    document.execCommand('insertText', false, arguments[1]);";

async fn told(visit: &Visit, expected: &str) {
    let start = Instant::now();
    while visit.run(WRONG, vec![]).await != expected {
        assert!(start.elapsed() < Duration::from_secs(15), "{expected:?} is never told");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_person_opens_what_else_a_post_can_have_and_is_told_at_once_what_to_put_right_in_it() {
    let stack = Stack::alone().await;
    stack.account("x", "ada_demo").await;
    let visit = Visit::signed_in(&stack).await;
    visit.open("/compose").await;
    let mark = unique("extras");
    visit.fill("#text", &mark).await;
    let closed = "return document.getElementById('first_comment').checkVisibility()";
    assert_eq!(visit.run(closed, vec![]).await, false, "it is not in the way");
    visit.click("#extras > summary").await;
    visit.fits_a_phone("what else a post can have").await;
    visit.run(TYPE, vec!["poll_options".into(), "North".into()]).await;
    told(&visit, "1 to put right").await;
    visit.run(TYPE, vec!["poll_options".into(), "North\nSouth".into()]).await;
    told(&visit, "").await;
    visit.run(TYPE, vec!["first_comment".into(), "More below".into()]).await;
    visit.click("input[name='when'][value='draft']").await;
    visit.click("button[value='save']").await;
    visit.arrives("/console/posts/").await;
    let path = visit.path().await;
    let id = path.rsplit('/').next().unwrap();
    let post = stack.ask("GET", &format!("/api/publishing/posts/{id}"), None).await.data().clone();
    let content: &Value = &post["content"];
    assert_eq!(content["poll"]["options"], json!(["North", "South"]), "{post}");
    assert_eq!((&content["first_comment"], &content["text"]), (&json!("More below"), &json!(mark)));
    visit.end().await;
}
