//! Members and keys in a browser: a member is added, gets a key that is shown once, signs in with it, and loses it.

use crate::visit::Visit;
use e2e::{Stack, unique};

#[tokio::test]
async fn a_member_signs_in_with_a_key_that_was_shown_once_and_is_out_as_soon_as_it_is_revoked() {
    let stack = Stack::alone().await;
    let visit = Visit::signed_in(&stack).await;
    let (name, key) = (unique("Grace"), unique("browser"));
    let row = |what: &str| format!("//tr[.//strong[.='{what}']]");

    visit.open("/team").await;
    visit.fill("#member_name", &name).await;
    visit.set("member_role", "viewer").await;
    visit.press("//button[.='Add member']").await;
    visit.hears("The member was added").await;
    assert!(visit.text(&row(&name)).await.contains("Viewer"));
    let choose = "const field = document.getElementById('key_member'); \
        field.value = [...field.options].find((option) => option.label.startsWith(arguments[0])).value";
    visit.run(choose, vec![name.as_str().into()]).await;
    visit.fill("#key_name", &key).await;
    visit.press("//button[.='Create key']").await;
    visit.hears("Keep this key now").await;
    let secret = visit.text("//*[@id='new-key']").await;
    visit.fits_a_phone("a key that is shown once").await;
    visit.open("/team").await;
    assert!(!visit.browser.source().await.unwrap().contains(&secret), "it is shown again");

    // She becomes an editor, and signs in.
    visit.press(&format!("{}//summary[contains(., 'Change role')]", row(&name))).await;
    visit.fits_a_phone("members and keys").await;
    let set =
        "const field = document.querySelector('details[open] select'); field.value = 'editor'; return field.value";
    assert_eq!(visit.run(set, vec![]).await, "editor");
    visit.press("//details[@open]//button[.='Change']").await;
    visit.hears("The role was changed").await;
    visit.click("form[action='/console/sign-out'] button").await;
    visit.arrives("/console/sign-in").await;
    visit.fill("#key", &secret).await;
    visit.click("form.stack button.primary").await;
    visit.arrives("/console").await;
    visit.open("/team").await;
    assert!(visit.says("(you)").await && !visit.says("Add a member").await, "only owners manage members");
    visit.open("/compose").await;
    assert_eq!(visit.path().await, "/console/compose", "an editor writes");

    // The owner revokes the key: she is out with the next page.
    let list = stack.ask("GET", "/api/admin/keys", None).await;
    let keys = list.data().as_array().or_else(|| list.data()["items"].as_array()).cloned().unwrap();
    let id = keys.iter().find(|one| one["name"] == key.as_str()).unwrap()["key_id"].as_str().unwrap().to_owned();
    stack.ask("DELETE", &format!("/api/admin/keys/{id}"), None).await;
    visit.open("/team").await;
    visit.arrives("/console/sign-in").await;

    // And takes her out of the team, after a question.
    visit.fill("#key", &stack.key).await;
    visit.click("form.stack button.primary").await;
    visit.arrives("/console/team").await;
    visit.press(&format!("{}//summary[contains(., 'Remove')]", row(&name))).await;
    assert!(visit.says("stop working at once").await);
    visit.fits_a_phone("a member who is taken out").await;
    visit.press("//details[@open]//button[contains(., 'Remove')]").await;
    visit.hears("The member was removed").await;
    assert!(!visit.says(&name).await, "{}", visit.shown().await);
    visit.end().await;
}
