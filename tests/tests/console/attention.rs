//! What no machine can tell is decided on the console's page.

use crate::visit::Visit;
use e2e::{Stack, unique};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// A post whose answer was lost and which cannot be read back.
async fn doubtful(stack: &Stack, account: &str, mark: &str) -> String {
    stack.fault("linkedin", "create_post", "commit_then_drop", json!({})).await;
    let post = stack.publish(mark, &[account], None).await;
    stack.until(&post, &["unknown"], SOON).await;
    post
}

#[tokio::test]
async fn a_person_says_on_the_page_what_no_machine_can_tell_and_cannot_send_again_too_early() {
    let stack = Stack::alone().await;
    let member = stack.person().await;
    let (seen, early) = (unique("is-live"), unique("too-early"));
    let (first, second) = (doubtful(&stack, &member, &seen).await, doubtful(&stack, &member, &early).await);
    stack.reconciled(&first, &["attention"]).await;
    stack.reconciled(&second, &["attention"]).await;
    let visit = Visit::signed_in(&stack).await;
    let card = |mark: &str| format!("//article[.//blockquote[contains(., '{mark}')]]");

    visit.open("/attention").await;
    assert!(visit.says(&seen).await && visit.says(&early).await, "{}", visit.shown().await);
    visit.fits_a_phone("attention with questions").await;

    // Too early to send again: there is no button, and it says why and until when.
    let asked = visit.text(&card(&early)).await;
    assert!(asked.contains("What was sent may still appear until") && !asked.contains("Send again"), "{asked}");
    // A page that offers it all the same, as one of another moment would, is refused in words.
    let forge = "const card = [...document.querySelectorAll('article')].find((a) => a.textContent.includes(arguments[0])); \
        card.querySelector('[name=answer]').value = 'again';";
    visit.run(forge, vec![early.as_str().into()]).await;
    visit.press(&format!("{}//button[.='It is live']", card(&early))).await;
    visit.arrives(&format!("/console/posts/{second}/resolve")).await;
    assert!(visit.says("does not work now").await && visit.says("may still appear until").await);
    assert_eq!(stack.post(&second).await["deliveries"][0]["status"], "attention", "nothing was decided");
    assert_eq!(stack.on_timeline("linkedin", &early).await.len(), 1, "nothing was sent again");

    // Who saw it says so, with its address; an address of something else is refused in words.
    let urn = stack.on_timeline("linkedin", &seen).await[0]["id"].as_str().unwrap().to_owned();
    // The platform's site has another name than its API, here as in the world.
    let address = format!("{}/linkedin/feed/update/{urn}/", stack.sandbox.replace("127.0.0.1", "localhost"));
    for (named, arrives) in
        [("https://example.com/1", format!("/console/posts/{first}/resolve")), (&address, "/console/attention".into())]
    {
        visit.open("/attention").await;
        visit.write(&format!("{}//input[@name='post']", card(&seen)), named).await;
        visit.press(&format!("{}//button[.='It is live']", card(&seen))).await;
        visit.arrives(&arrives).await;
    }
    assert!(visit.says("it is live").await && !visit.says(&seen).await, "{}", visit.shown().await);
    let done = stack.until(&first, &["published"], SOON).await;
    assert_eq!(done["deliveries"][0]["platform_post_ids"][0], urn, "{done:#}");
    visit.open(&format!("/posts/{first}")).await;
    assert!(visit.says("published").await);
    assert_eq!(stack.on_timeline("linkedin", &seen).await.len(), 1);
    visit.end().await;
}
