//! The media library in a browser: pictures go to the bucket itself, with their progress, and come along into a post.

use crate::visit::Visit;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use e2e::{Stack, unique};
use std::time::{Duration, Instant};

/// A picture of one pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::test]
async fn a_picture_is_uploaded_with_its_progress_described_and_taken_along_into_a_post() {
    let stack = Stack::alone().await;
    stack.account("x", "ada_demo").await;
    let folder = std::env::temp_dir().join(unique("herald-pictures"));
    std::fs::create_dir_all(&folder).unwrap();
    let (picture, other) = (folder.join("dot.png"), folder.join("not-a-picture.png"));
    std::fs::write(&picture, STANDARD.decode(PIXEL).unwrap()).unwrap();
    std::fs::write(&other, "no picture").unwrap();
    let visit = Visit::signed_in(&stack).await;

    // Whatever the bar showed is kept over the page's reload.
    let watch = "new MutationObserver(() => { for (const bar of document.querySelectorAll('#uploads progress')) \
        sessionStorage.seen = `${bar.value}/${bar.max}`; }).observe(document.body, { subtree: true, childList: true, \
        attributes: true, characterData: true });";
    visit.open("/media").await;
    visit.run(watch, vec![]).await;
    visit.fill("#file", picture.to_str().unwrap()).await;
    visit.click("#uploader button.primary").await;
    visit.hears("It is in the library").await;
    let bytes = std::fs::metadata(&picture).unwrap().len();
    assert_eq!(visit.run("return sessionStorage.seen", vec![]).await, format!("{bytes}/{bytes}"));
    let shown = "const image = document.querySelector('.library img'); return image.naturalWidth";
    let start = Instant::now();
    while visit.run(shown, vec![]).await != 1 {
        assert!(start.elapsed() < Duration::from_secs(10), "the picture is not shown");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    visit.fits_a_phone("the library").await;

    // What is none is refused in words, and the page stays to be read.
    visit.fill("#file", other.to_str().unwrap()).await;
    visit.click("#uploader button.primary").await;
    visit.hears("nothing Herald can read").await;

    visit.open("/media").await;
    let alt = unique("A dot");
    visit.write("//li[.//img]//input[@name='alt']", &alt).await;
    visit.press("//li[.//img]//form[@class='describe']//button").await;
    visit.hears("Noted").await;
    visit.press("//li[.//img]/a[contains(., 'Use in a post')]").await;
    visit.arrives("/console/compose").await;
    assert_eq!(visit.run("return document.querySelector('[name=media_0_alt]').value", vec![]).await, alt);
    visit.end().await;
    std::fs::remove_dir_all(&folder).unwrap();
}
