//! What somebody said, taken and answered on the console's pages.

use crate::visit::Visit;
use e2e::{Stack, now, unique};
use serde_json::json;
use std::time::Duration;

/// The chat of the sandbox that an account on Telegram is connected to.
const CHAT: &str = "-1001000000001";

/// Until a call is read, or an answer is live.
const PATIENCE: Duration = Duration::from_mins(1);

/// Somebody names the account in the group, in a message of this number.
async fn mentioned(stack: &Stack, number: u64, text: &str) {
    let body = json!({ "platform": "telegram", "name": unique("bot") });
    let source = stack.ask("POST", "/api/publishing/sources", Some(body)).await.data().clone();
    let secret = source["secrets"]["secret_token"].as_str().unwrap_or_else(|| panic!("{source:#}")).to_owned();
    let (_, path) = source["url"].as_str().unwrap().split_once("/api/inbound/").unwrap();
    let message = json!({
        "message_id": number, "date": now().as_second(), "text": text,
        "chat": { "id": CHAT.parse::<i64>().unwrap(), "type": "supergroup" },
        "from": { "id": 7, "is_bot": false, "first_name": "Ada", "username": "ada" },
        "entities": [{ "type": "mention", "offset": 0, "length": 4 }],
    });
    let update = json!({ "update_id": now().as_millisecond(), "message": message }).to_string();
    let headers = [("x-telegram-bot-api-secret-token", &*secret), ("content-type", "application/json")];
    assert_eq!(stack.call("POST", &format!("/api/inbound/{path}"), &headers, Some(&update)).await.status, 200);
}

#[tokio::test]
async fn a_person_takes_what_was_said_answers_it_and_sees_it_answered() {
    let stack = Stack::alone().await;
    let account = stack.enter("telegram").await;
    // A message of the chat, which somebody is said to have written.
    let post = stack.publish(&unique("what they said"), &[&account], None).await;
    let live = stack.until(&post, &["published"], PATIENCE).await;
    let ids = &live["deliveries"][0]["platform_post_ids"];
    let number: u64 = ids[0].as_str().unwrap_or_else(|| panic!("{live:#}")).parse().unwrap();
    let asked = unique("when do you open <b>");
    mentioned(&stack, number, &asked).await;

    let visit = Visit::signed_in(&stack).await;
    visit.open("/inbox").await;
    visit.comes_to_say(&asked, PATIENCE).await;
    visit.fits_a_phone("the inbox").await;
    visit.press("//nav//a[contains(., 'Mentions')]").await;
    visit.hears(&asked).await;
    visit.press(&format!("//li[contains(., '{asked}')]//a")).await;
    visit.arrives("/console/inbox/").await;
    visit.press("//button[.='Assign to me']").await;
    visit.hears("sees to it").await;
    visit.fits_a_phone("a conversation").await;

    let said = unique("at ten");
    visit.fill("#text", &said).await;
    visit.press("//button[.='Answer']").await;
    visit.hears(&said).await;
    assert!(visit.says("It is on its way").await, "{}", visit.shown().await);
    visit.comes_to_say("Open again", PATIENCE).await;
    assert!(visit.says("Answered").await && visit.says("Published").await, "{}", visit.shown().await);
    let found = stack.on_timeline("telegram", &said).await;
    assert_eq!((found.len(), &found[0]["reply_to"]), (1, &json!(number.to_string())), "{found:#?}");
    visit.fits_a_phone("an answered conversation").await;
    visit.open("/inbox?state=done").await;
    assert!(visit.says(&asked).await, "{}", visit.shown().await);
    visit.end().await;
}
