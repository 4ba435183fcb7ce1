//! A post that somebody approves in the inbox, and whose words are changed once it is live.

use crate::visit::Visit;
use e2e::{Stack, unique};
use serde_json::json;
use std::time::Duration;

/// Who must have posts approved.
async fn rule(stack: &Stack, required_for: &str) {
    let body = json!({ "required_for": required_for });
    stack.ask("PUT", "/api/publishing/approval-rules", Some(body)).await.data();
}

#[tokio::test]
async fn an_approver_lets_a_post_out_of_the_inbox_and_its_words_are_mended_where_people_see_them() {
    let stack = Stack::alone().await;
    let account = stack.enter("telegram").await;
    let member = stack.ask("POST", "/api/admin/members", Some(json!({ "name": "Ed", "role": "editor" }))).await;
    let body = json!({ "name": "Ed's", "member_id": member.data()["member_id"] });
    let made = stack.ask("POST", "/api/admin/keys", Some(body)).await;
    let bearer = format!("Bearer {}", made.data()["api_key"].as_str().unwrap());
    rule(&stack, "editors").await;
    let mark = unique("to-approve");
    let body = json!({ "content": { "text": format!("{mark} Fresh baens") }, "accounts": [account] }).to_string();
    let headers = [("authorization", &*bearer), ("idempotency-key", &*mark)];
    let asked = stack.call("POST", "/api/publishing/publish", &headers, Some(&body)).await;
    let post = asked.data()["pack_id"].as_str().unwrap().to_owned();
    assert_eq!(asked.data()["approval"]["status"], "waiting");
    assert!(stack.on_timeline("telegram", &mark).await.is_empty());

    let visit = Visit::signed_in(&stack).await;
    visit.open("/approvals").await;
    assert!(visit.says(&mark).await);
    visit.fits_a_phone("the inbox").await;
    visit.click(&format!("form[action='/console/posts/{post}/approve'] button")).await;
    stack.until(&post, &["published"], Duration::from_secs(30)).await;
    rule(&stack, "nobody").await;
    assert_eq!(stack.on_timeline("telegram", &mark).await.len(), 1);

    visit.open(&format!("/posts/{post}")).await;
    visit.click(&format!("a[href='/console/posts/{post}/words']")).await;
    visit.fits_a_phone("the form for other words").await;
    visit.run("document.getElementById('text').value = ''", vec![]).await;
    visit.fill("#text", &format!("{mark} Fresh beans")).await;
    visit.click("button[value='save']").await;
    visit.arrives(&format!("/console/posts/{post}")).await;
    assert!(visit.says("people see the new words").await && visit.says("Changed on the platform").await);
    let live = stack.on_timeline("telegram", &mark).await;
    assert_eq!((live.len(), live[0]["text"].as_str().unwrap()), (1, &*format!("{mark} Fresh beans")));
    visit.end().await;
}
