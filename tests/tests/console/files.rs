//! Posts from a file in a browser: looked at, made only then, and taken along again.

use crate::visit::Visit;
use e2e::{Stack, unique};

#[tokio::test]
async fn rows_of_a_file_are_looked_at_and_then_made_and_the_list_is_taken_along_as_a_file() {
    let stack = Stack::alone().await;
    let account = stack.account("x", "ada_demo").await;
    let mark = unique("from-a-file");
    let folder = std::env::temp_dir().join(unique("herald-files"));
    std::fs::create_dir_all(&folder).unwrap();
    let (file, large) = (folder.join("posts.csv"), folder.join("large.csv"));
    let rows = format!("text,accounts,option\r\n\"{mark}, good\",{account},draft\r\n{mark} wrong,nobody,draft\r\n");
    std::fs::write(&file, rows).unwrap();
    std::fs::write(&large, format!("text\n{}\n", "a".repeat(300_000))).unwrap();
    let visit = Visit::signed_in(&stack).await;

    visit.open("/queue").await;
    visit.click("a[href='/console/import']").await;
    visit.arrives("/console/import").await;
    visit.fill("#file", large.to_str().unwrap()).await;
    let message = "return document.getElementById('file').validationMessage";
    assert!(visit.run(message, vec![]).await.as_str().unwrap().contains("too large"), "it is not sent in vain");

    visit.open("/import").await;
    visit.fill("#file", file.to_str().unwrap()).await;
    visit.click("#importer button.primary").await;
    visit.hears("1 of 2 rows has to be put right").await;
    assert!(visit.says("Nothing is made yet").await && visit.says(&format!("{mark}, good")).await);
    visit.fits_a_phone("the rows that were looked at").await;
    visit.click("#make button.primary").await;
    visit.hears("1 post was made").await;
    visit.fits_a_phone("what became of the rows").await;
    // The page is an address of its own: to load it anew makes nothing.
    visit.browser.refresh().await.unwrap();
    visit.hears("1 row was left out").await;
    visit.click("main td a").await;
    visit.arrives("/console/posts/").await;
    assert!(visit.says(&format!("{mark}, good")).await);

    visit.open("/queue?state=draft").await;
    let take = "const asked = new XMLHttpRequest(); \
        asked.open('GET', document.querySelector(\"a[href^='/console/export']\").href, false); asked.send(); \
        return [asked.getResponseHeader('content-disposition'), asked.responseText]";
    let taken = visit.run(take, vec![]).await;
    assert_eq!(taken[0], "attachment; filename=\"posts-draft.csv\"");
    assert!(taken[1].as_str().unwrap().contains(&format!("\"{mark}, good\"")), "{taken}");
    visit.end().await;
    std::fs::remove_dir_all(&folder).unwrap();
}
