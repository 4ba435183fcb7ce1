//! Platforms without a consent page: what is entered there is all that connects a profile, a mailing list or a conversation.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use e2e::{Stack, unique};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

async fn publish(stack: &Stack, account: &str, content: Value) -> String {
    let body = json!({ "content": content, "accounts": [account] });
    stack.ask("POST", "/api/publishing/publish", Some(body)).await.data()["pack_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_mailing_goes_out_once_and_one_whose_answer_was_lost_is_found_by_its_own_id() {
    let stack = Stack::alone().await;
    for platform in ["mailchimp", "sendgrid"] {
        let account = stack.enter(platform).await;
        for lost in [false, true] {
            if lost {
                stack.fault(platform, "create_post", "commit_then_drop", json!({})).await;
            }
            let mark = unique("mailing");
            let post =
                publish(&stack, &account, json!({ "text": format!("{mark}: the kettle is on."), "title": "News" }))
                    .await;
            if lost {
                stack.until(&post, &["unknown"], SOON).await;
                stack.reconciled(&post, &["published"]).await;
            } else {
                stack.until(&post, &["published"], SOON).await;
            }
            assert_eq!(stack.on_timeline(platform, &mark).await.len(), 1, "{platform}: once");
        }
    }
}

#[tokio::test]
async fn an_article_on_medium_goes_out_once_and_where_its_answer_was_lost_a_person_is_asked() {
    let stack = Stack::alone().await;
    let account = stack.enter("medium").await;
    for lost in [false, true] {
        if lost {
            stack.fault("medium", "create_post", "commit_then_drop", json!({})).await;
        }
        let mark = unique("medium");
        let post =
            publish(&stack, &account, json!({ "text": format!("{mark}: a morning."), "title": "A morning" })).await;
        if lost {
            stack.until(&post, &["unknown"], SOON).await;
            // Nobody can read there what was published.
            stack.reconciled(&post, &["attention"]).await;
        } else {
            let seen = stack.until(&post, &["published"], SOON).await;
            assert!(seen["deliveries"][0]["url"].is_string(), "{seen:#}");
        }
        assert_eq!(stack.on_timeline("medium", &mark).await.len(), 1, "once");
    }
}

#[tokio::test]
async fn an_approved_template_reaches_its_one_recipient_whose_number_is_told_to_nobody() {
    let stack = Stack::alone().await;
    let entries = stack.sandbox("POST", "/control/keys", Some(json!({ "platform": "whatsapp" }))).await;
    let number: String = entries["recipient"].as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
    let account = stack.enter("whatsapp").await;
    let mark = unique("order");
    let template = json!({ "name": "order_ready", "language": "en_US", "parameters": [mark, "42"] });
    let post = publish(&stack, &account, json!({ "template": template })).await;
    let seen = stack.heard_of(&post).await;
    assert_eq!(stack.on_timeline("whatsapp", &mark).await.len(), 1, "once: {seen:#}");
    for (asked, answer) in stack.answers.lock().unwrap().iter() {
        assert!(!answer.contains(&number), "{asked} tells the number");
    }
}
