//! The composer's counters and preview: what they show is what the API says of the same text.

use crate::visit::Visit;
use e2e::{Stack, unique};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;

/// Replaces a field's text as typing does: the field's own events follow.
const TYPE: &str = "const field = document.getElementById(arguments[0]); field.focus(); field.select(); \
    document.execCommand(arguments[1] ? 'insertText' : 'delete', false, arguments[1]); return field.value;";

/// What every counter and preview shows, by platform; null while a count is on its way.
const SHOWN: &str = "if (document.querySelector('.counter[aria-busy]')) return null; \
    return Object.fromEntries([...document.querySelectorAll('[data-counter]')].map((counter) => { \
      const preview = document.querySelector(`[data-preview=\"${counter.dataset.counter}\"]`); \
      const text = preview.querySelector('.preview-text').cloneNode(true); \
      for (const line of text.querySelectorAll('hr')) line.replaceWith('\\n---\\n'); \
      return [counter.dataset.counter, { count: counter.querySelector('.counter-number').textContent, \
        over: 'over' in counter.dataset, text: text.textContent, \
        marked: [...text.querySelectorAll('b')].map((b) => b.textContent), \
        link: preview.querySelector('.preview-link').hidden ? '' : preview.querySelector('.preview-link').textContent }]; \
    }));";

/// Texts on which counts have been wrong.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "plain words, no more",
        "a link at the end https://example.com/a/very/long/path?with=query&and=more#there",
        "in brackets (https://example.com/x), then a stop: https://example.org/y. And example.net! Done?",
        "no links: mail@example.com, 3.14, file.tar.gz, e.g. this, https://",
        "bare example.museum and b\u{fc}cher.example, UPPER.COM/Path_(1)",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466} a family, \u{1f1ef}\u{1f1f5}\u{1f1fa}\u{1f1e6} two flags",
        "\u{1f44b}\u{1f3fd} a hand, \u{1f3f3}\u{fe0f}\u{200d}\u{1f308} a rainbow, 1\u{fe0f}\u{20e3} a key, \
         \u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} England",
        "\u{2764} and \u{2764}\u{fe0f}, \u{260e} \u{263a} \u{a9} \u{2122} \u{25fd} \u{2615} \u{1f004} \u{1f0a1} \u{3030}",
        "\u{65e5}\u{672c}\u{8a9e}\u{306e}\u{6587}\u{3002}\u{d55c}\u{ae00} \u{4e2d}\u{6587}\u{ff0c}https://example.com/\u{65e5}",
        "cafe\u{301} Zo\u{308}e \u{1112}\u{1161}\u{11ab} a\u{323}\u{307} \u{924}\u{947}",
        "#launch #\u{65e5}\u{672c} #\u{e9}t\u{e9} and @ada_demo, not a#tag",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{2067}https://example.com\u{2069} \u{2028} \u{201c}quoted\u{201d} \u{2014} \u{2026}",
        "two\nlines\n\n  and space  ",
        "one\n---\ntwo https://example.com/of/a/thread\n---\n\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} three",
    ]
    .map(str::to_owned)
    .into();
    texts.extend([280, 281, 3000, 3001].map(|length| "a".repeat(length)));
    texts.extend([140, 141].map(|emoji| "\u{1f389}".repeat(emoji)));
    texts
}

async fn typed(visit: &Visit, field: &str, text: &str) -> Value {
    assert_eq!(visit.run(TYPE, vec![field.into(), text.into()]).await, text, "the field holds something else");
    let start = Instant::now();
    loop {
        let shown = visit.run(SHOWN, vec![]).await;
        if !shown.is_null() {
            return shown;
        }
        assert!(start.elapsed() < Duration::from_secs(15), "{text:?} is never counted");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The counter's words and whether the text is too long, by the API; and the parts it counted.
async fn by_the_api(stack: &Stack, platform: &str, text: &str, link: &str) -> (String, bool, Vec<String>) {
    // The form's own way to write a thread; on a platform without threads the line is a line of the text.
    let threads = platform == "x";
    let parts: Vec<String> =
        if threads { text.split("\n---\n").map(str::to_owned).collect() } else { vec![text.to_owned()] };
    let mut content = match parts.as_slice() {
        [only] => json!({ "text": only }),
        several => json!({ "thread": several.iter().map(|text| json!({ "text": text })).collect::<Vec<_>>() }),
    };
    if !link.is_empty() {
        content["link"] = json!({ "url": link });
    }
    let path = format!("/api/publishing/format/{platform}");
    let answer = stack.ask("POST", &path, Some(json!({ "content": content, "split": false }))).await;
    let limit = answer.data()["limit"].as_u64().unwrap();
    let counted = answer.data()["parts"].as_array().unwrap().iter();
    let counts: Vec<u64> = counted.map(|part| part["length"].as_u64().unwrap()).collect();
    assert_eq!(counts.len(), parts.len(), "{}", answer.text);
    let words = match counts.as_slice() {
        [one] => format!("{one} / {limit}"),
        several => {
            let each: Vec<String> = several.iter().map(u64::to_string).collect();
            format!("{} of {limit} each ({} parts)", each.join(" + "), several.len())
        }
    };
    (words, counts.iter().any(|count| *count > limit), parts)
}

#[tokio::test]
async fn every_counter_and_preview_shows_what_the_api_says_of_the_same_text() {
    let stack = Stack::alone().await;
    let platforms = ["x", "linkedin"];
    stack.account("x", "ada_demo").await;
    stack.account("linkedin", "ada-demo").await;
    let visit = Visit::signed_in(&stack).await;
    visit.open("/compose").await;
    let mut over = 0;
    for text in texts() {
        let shown = typed(&visit, "text", &text).await;
        for platform in platforms {
            let (words, too_long, parts) = by_the_api(&stack, platform, &text, "").await;
            let seen = &shown[platform];
            assert_eq!((&seen["count"], &seen["over"]), (&json!(words), &json!(too_long)), "{platform}: {text:?}");
            assert_eq!(seen["text"], parts.join("\n---\n"), "{platform}: the preview shows something else");
            over += usize::from(too_long);
        }
    }
    assert!(over >= 4, "texts over the limit were among them");

    // A link of its own counts where it stands in the text, and each preview shows it.
    let words = unique("words");
    typed(&visit, "text", &format!("{words} #launch https://example.com")).await;
    let link = "https://example.com/what/it/is/about";
    let shown = typed(&visit, "link", link).await;
    for platform in platforms {
        let text = format!("{words} #launch https://example.com");
        let (counted, ..) = by_the_api(&stack, platform, &text, link).await;
        let seen = &shown[platform];
        assert_eq!((&seen["count"], &seen["link"]), (&json!(counted), &json!(link)), "{platform}");
        assert_eq!(seen["marked"], json!(["#launch", "https://example.com"]), "{platform}");
    }

    // A chosen platform has a tab, in which its own text counts and shows, and nowhere else.
    let tabs = "return [...document.querySelectorAll('[role=tab]:not([hidden])')].map((tab) => tab.id)";
    assert_eq!(visit.run(tabs, vec![]).await, json!(["tab-all"]), "nothing is chosen yet");
    visit.click("input[name='target'][data-platform='x']:not(:checked)").await;
    assert_eq!(visit.run(tabs, vec![]).await, json!(["tab-all", "tab-x"]));
    visit.browser.find(By::Id("tab-all")).await.unwrap().send_keys(Key::Right + "").await.unwrap();
    assert_eq!(visit.run("return document.activeElement.id", vec![]).await, "tab-x", "the arrows walk the tabs");
    assert!(!visit.browser.find(By::Id("text")).await.unwrap().is_displayed().await.unwrap());
    let shown = typed(&visit, "variant_x", "\u{1f44b}\u{1f3fd} only here").await;
    let (own, ..) = by_the_api(&stack, "x", "\u{1f44b}\u{1f3fd} only here", link).await;
    assert_eq!((&shown["x"]["count"], &shown["x"]["text"]), (&json!(own), &json!("\u{1f44b}\u{1f3fd} only here")));
    assert!(shown["linkedin"]["text"].as_str().unwrap().starts_with(&words), "{shown:#}");
    visit.fits_a_phone("the composer with a text").await;

    // What the platform will not take is told in its tab, in the server's words, and by the tab.
    let shown = typed(&visit, "variant_x", &"a".repeat(281)).await;
    assert_eq!(shown["x"]["over"], true);
    let problem = visit.text("//*[@data-problems='x']").await;
    // One too many, and the link, which counts 23, on a line of its own.
    assert!(problem.contains("shorten it by 25."), "{problem}");
    assert!(visit.text("//*[@id='tab-x']").await.contains("1 to put right"));
    typed(&visit, "variant_x", "short").await;
    assert!(visit.text("//*[@id='tab-x']").await.contains("own text"));
    visit.click("#tab-all").await;

    // Without an answer no old number stands as the count of a new text.
    visit.browser.delete_all_cookies().await.unwrap();
    let shown = typed(&visit, "text", "nobody is signed in").await;
    for platform in platforms {
        assert_eq!(shown[platform]["count"], "counted when you send it", "{platform}");
    }
    visit.end().await;
}
