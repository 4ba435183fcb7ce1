//! Connecting an account by what its owner enters, where there is no consent page.

use crate::visit::Visit;
use e2e::{Stack, unique};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_person_enters_a_bots_token_and_a_post_reaches_its_channel() {
    let stack = Stack::alone().await;
    let entries = stack.sandbox("POST", "/control/keys", Some(json!({ "platform": "telegram" }))).await;
    let visit = Visit::signed_in(&stack).await;
    visit.open("/accounts").await;
    visit.click("a[href*='/console/accounts/connect/telegram']").await;
    visit.fits_a_phone("the form").await;
    let chat = entries["chat"].as_str().unwrap();
    visit.fill("#chat", chat).await;
    visit.fill("#token", "110201543:wrong").await;
    visit.click("main form button.primary").await;
    assert!(visit.says("token").await && !visit.says("110201543:wrong").await);
    visit.fill("#token", entries["token"].as_str().unwrap()).await;
    visit.click("main form button.primary").await;
    visit.arrives("/console/accounts").await;
    assert!(visit.says("The account is connected").await);
    visit.end().await;

    let account = stack.account("telegram", "").await;
    let mark = unique("to-the-channel");
    let post = stack.publish(&format!("{mark} *as* <b>written</b>"), &[&account], None).await;
    let seen = stack.until(&post, &["published"], Duration::from_secs(30)).await;
    assert!(seen["deliveries"][0]["url"].as_str().unwrap().starts_with("http"), "{seen:#}");
    let live = stack.on_timeline("telegram", &mark).await;
    assert_eq!(live.len(), 1);
    assert!(live[0]["text"].as_str().unwrap().ends_with("*as* <b>written</b>"), "{live:?}");
}

#[tokio::test]
async fn where_a_platform_has_a_consent_beside_a_key_a_person_may_go_there_turn_back_and_choose() {
    let stack = Stack::alone().await;
    let visit = Visit::signed_in(&stack).await;
    visit.open("/accounts").await;
    visit.click("a[href*='/console/accounts/connect/mailchimp']").await;
    visit.arrives("/console/accounts/connect/mailchimp").await;
    visit.hears("Continue on Mailchimp").await;
    visit.fits_a_phone("consent beside a key").await;
    visit.click("a[href$='/consent']").await;
    visit.click("#deny").await;
    visit.arrives("/console/accounts").await;
    visit.fits_a_phone("consent that was refused").await;
    assert!(!visit.says("The account is connected").await, "{}", visit.shown().await);

    visit.open("/accounts/connect/mailchimp").await;
    visit.click("a[href$='/consent']").await;
    visit.click("#allow").await;
    visit.arrives("/console/accounts/choose/mailchimp/").await;
    visit.fits_a_phone("audiences to choose from").await;
    let first = "const [first, ...others] = document.querySelectorAll('[name=choice]'); first.checked = true; \
        for (const other of others) other.checked = false; \
        return first.closest('label').querySelector('strong').textContent";
    let audience = visit.run(first, vec![]).await.as_str().unwrap().to_owned();
    visit.click("main form button.primary").await;
    visit.arrives("/console/accounts").await;
    assert!(visit.says("connected").await && visit.says(&audience).await, "{}", visit.shown().await);
    let list = stack.ask("GET", "/api/publishing/credentials", None).await;
    let items = list.data().as_array().or_else(|| list.data()["items"].as_array()).cloned().unwrap();
    let account = items.iter().find(|account| account["platform"] == "mailchimp").expect("it is connected").clone();
    let address = format!("/api/publishing/credentials/{}", account["account_id"].as_str().unwrap());
    stack.ask("DELETE", &address, None).await;
    visit.end().await;
}
