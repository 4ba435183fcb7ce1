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
    // It has first comments.
    stack.person().await;
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
    // What X charges for it.
    told(&visit, "1 to know").await;
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

/// What was filled in as a draft, as the API tells of it.
async fn draft(stack: &Stack, visit: &Visit) -> Value {
    visit.click("input[name='when'][value='draft']").await;
    visit.click("button[value='save']").await;
    visit.arrives("/console/posts/").await;
    let path = visit.path().await;
    let address = format!("/api/publishing/posts/{}", path.rsplit('/').next().unwrap());
    stack.ask("GET", &address, None).await.data().clone()
}

#[tokio::test]
async fn a_person_says_which_followers_of_a_page_see_a_post_and_mends_what_the_platform_does_not_know() {
    let stack = Stack::alone().await;
    stack.connect("linkedin", "ada-demo").await;
    let visit = Visit::signed_in(&stack).await;
    visit.open("/compose").await;
    visit.fill("#text", &unique("targeted")).await;
    let pages = "for (const target of document.querySelectorAll('[name=target]')) target.checked = \
        target.closest('label').textContent.includes('Lighthouse Labs Demo')";
    visit.run(pages, vec![]).await;
    visit.click("#extras > summary").await;
    visit.fill("#targeting_regions", "Berlin").await;
    visit.fits_a_phone("all that a post can have").await;
    visit.click("input[name='when'][value='draft']").await;
    visit.click("button[value='save']").await;
    visit.hears("to put right").await;
    assert!(visit.text("//*[@id='targeting_regions-error']").await.contains("urn:li:geo:1"));
    visit.fits_a_phone("targeting that is refused").await;
    visit.retype("#targeting_regions", "urn:li:geo:103035651, urn:li:geo:102713980").await;
    let post = draft(&stack, &visit).await;
    let regions = json!(["urn:li:geo:103035651", "urn:li:geo:102713980"]);
    assert_eq!(post["content"]["targeting"]["regions"], regions, "{post}");
    assert!(visit.says("urn:li:geo:103035651").await, "the post's page tells it");
    visit.click("a[href*='/console/compose?post=']").await;
    let kept = visit.run("return document.getElementById('targeting_regions').value", vec![]).await;
    assert_eq!(kept, "urn:li:geo:103035651, urn:li:geo:102713980");
    visit.end().await;
}

#[tokio::test]
async fn a_template_that_was_approved_is_named_in_the_composer_and_reaches_its_recipient_with_its_words() {
    let stack = Stack::alone().await;
    stack.enter("whatsapp").await;
    let visit = Visit::signed_in(&stack).await;
    visit.open("/compose").await;
    visit.only_on("whatsapp").await;
    visit.click("#extras > summary").await;
    let who = unique("Ada");
    visit.fill("#template_name", "order_ready").await;
    visit.fill("#template_language", "en_US").await;
    visit.fill("#template_parameters", &format!("{who}\n42")).await;
    visit.fits_a_phone("a template in the composer").await;
    visit.click("button[value='save']").await;
    visit.arrives("/console/posts/").await;
    let path = visit.path().await;
    let post = path.rsplit('/').next().unwrap();
    let start = Instant::now();
    while stack.on_timeline("whatsapp", &format!("Hi {who}, your order 42 is ready")).await.is_empty() {
        assert!(start.elapsed() < Duration::from_mins(1), "{:#}", stack.post(post).await);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    visit.end().await;
}
