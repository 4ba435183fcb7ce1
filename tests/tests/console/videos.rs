//! Media with more than words, in a browser: a video goes up with its progress and takes captions along, a thread has pictures in its
//! parts.

use crate::visit::Visit;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use e2e::{Stack, unique};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// A picture of one pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const CAPTIONS: &str = "WEBVTT\n\n00:01.000 --> 00:02.500\nThe harbour wakes up.\n";
/// More than the form itself takes.
const BYTES: usize = 11 * 1024 * 1024;

/// Files in a folder of their own.
struct Files(PathBuf);

impl Files {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(unique("herald-videos"));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn with(&self, name: &str, bytes: &[u8]) -> String {
        let file = self.0.join(name);
        std::fs::write(&file, bytes).unwrap();
        file.to_str().unwrap().to_owned()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A video of nine seconds, which takes a while to go up.
fn long_video() -> Vec<u8> {
    let mut video = testing::video(9_000).to_vec();
    let rest = BYTES - video.len();
    video.extend(u32::try_from(rest).unwrap().to_be_bytes());
    video.extend(b"mdat");
    video.resize(BYTES, 7);
    video
}

#[tokio::test]
async fn a_video_goes_up_with_its_progress_and_takes_captions_of_the_library_and_its_cover_along_into_a_post() {
    let stack = Stack::alone().await;
    stack.account("x", "ada_demo").await;
    stack.account("tiktok", "harbour-coffee-demo").await;
    let files = Files::new();
    let visit = Visit::signed_in(&stack).await;
    let watch = "sessionStorage.seen = ''; const look = () => { \
        const bar = document.querySelector('#uploads progress'); \
        if (bar) sessionStorage.seen += ` ${bar.value}`; requestAnimationFrame(look); }; look();";
    visit.open("/media").await;
    visit.run(watch, vec![]).await;
    visit.fill("#file", &files.with("harbour.mp4", &long_video())).await;
    visit.click("#uploader button.primary").await;
    visit.hears("It is in the library").await;
    let seen = visit.run("return sessionStorage.seen", vec![]).await;
    let seen: Vec<usize> = seen.as_str().unwrap().split_whitespace().map(|value| value.parse().unwrap()).collect();
    assert!(seen.is_sorted() && seen.first() == Some(&0) && seen.last() == Some(&BYTES), "{seen:?}");
    assert!(visit.says("MP4, 640 × 360, 0:09").await, "{}", visit.shown().await);
    visit.open("/media").await;
    visit.fill("#file", &files.with("english.vtt", CAPTIONS.as_bytes())).await;
    visit.click("#uploader button.primary").await;
    visit.hears("It is in the library").await;
    let said = unique("English");
    let track = "//li[.//*[contains(., 'WebVTT captions')]]";
    visit.write(&format!("{track}//input[@name='alt']"), &said).await;
    visit.press(&format!("{track}//form[@class='describe']//button")).await;
    visit.hears("Noted").await;
    visit.fits_a_phone("a library with a video and captions").await;

    visit.press("//li[.//*[contains(., 'MP4, 640')]]/a[contains(., 'Use in a post')]").await;
    visit.arrives("/console/compose").await;
    visit.only_on("x").await;
    visit.fill("#text", &unique("video")).await;
    visit.click(".video > summary").await;
    let pick = "const field = document.getElementById('media_0_captions_0'); \
        field.value = [...field.options].find((option) => option.label.includes(arguments[0])).value; \
        return field.value";
    let captions = visit.run(pick, vec![said.as_str().into()]).await;
    visit.fill("#media_0_cover", "9.5").await;
    visit.fits_a_phone("a video with captions in the composer").await;
    visit.click("input[name='when'][value='draft']").await;
    visit.click("button[value='save']").await;
    visit.hears("to put right").await;
    assert!(visit.text("//*[@id='media_0-error']").await.contains("language"), "{}", visit.shown().await);
    visit.fits_a_phone("a video that is refused").await;
    visit.retype("#media_0_cover", "2.5").await;
    visit.fill("#media_0_language_0", "en").await;
    visit.click("button[value='save']").await;
    visit.arrives("/console/posts/").await;
    let path = visit.path().await;
    let address = format!("/api/publishing/posts/{}", path.rsplit('/').next().unwrap());
    let post = stack.ask("GET", &address, None).await.data().clone();
    let medium = &post["content"]["media"][0];
    assert_eq!(medium["cover_ms"], 2_500, "{post:#}");
    let track = &medium["captions"][0];
    assert_eq!((&track["media_id"], &track["language"]), (&captions, &json!("en")), "{post:#}");
    visit.end().await;
}

#[tokio::test]
async fn each_part_of_a_thread_has_the_picture_that_a_person_gives_it() {
    let stack = Stack::alone().await;
    stack.account("x", "ada_demo").await;
    let files = Files::new();
    let file = files.with("dot.png", &STANDARD.decode(PIXEL).unwrap());
    let visit = Visit::signed_in(&stack).await;
    visit.open("/compose").await;
    visit.only_on("x").await;
    let mark = unique("parts");
    visit.fill("#text", &format!("{mark} one\n---\n{mark} two")).await;
    visit.fill("#media_0_file", &file).await;
    visit.fill("#media_0_alt", "The second").await;
    visit.fill("#media_0_part", "2").await;
    visit.click("#add-media").await;
    let copied = "return document.getElementById('media_1_part').value";
    assert_eq!(visit.run(copied, vec![]).await, "", "the new row has nothing of the other");
    visit.fill("#media_1_file", &file).await;
    visit.fill("#media_1_alt", "The first").await;
    visit.fits_a_phone("pictures of a thread").await;
    visit.click("button[value='save']").await;
    visit.arrives("/console/posts/").await;
    let path = visit.path().await;
    let post = path.rsplit('/').next().unwrap();
    stack.until(post, &["published"], Duration::from_mins(1)).await;
    let live = stack.on_timeline("x", &mark).await;
    assert_eq!(live.len(), 2, "{live:#?}");
    for (text, alt) in [("one", "The first"), ("two", "The second")] {
        let part = live.iter().find(|part| part["text"].as_str().unwrap().contains(&format!("{mark} {text}"))).unwrap();
        let shown = part.to_string();
        assert!(shown.contains(alt) && shown.matches("The ").count() == 1, "{text}: {shown}");
    }
    visit.end().await;
}
