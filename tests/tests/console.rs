//! The console in a real browser (headless Chromium): connect, compose, schedule, see it on the platform, read that it
//! is published.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use e2e::{Stack, unique};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;

/// A driver process that ends with the test.
struct Driver {
    process: Child,
    port: u16,
    profile: std::path::PathBuf,
}

impl Driver {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver does not start: apt-get install chromium chromium-driver");
        let profile = std::env::temp_dir().join(unique("herald-browser"));
        Self { process, port, profile }
    }

    async fn browser(&self) -> WebDriver {
        let mut wanted = DesiredCapabilities::chrome();
        for flag in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,1000",
        ] {
            wanted.add_arg(flag).unwrap();
        }
        wanted.add_arg(&format!("--user-data-dir={}", self.profile.display())).unwrap();
        let address = format!("http://127.0.0.1:{}", self.port);
        let start = Instant::now();
        loop {
            match WebDriver::new(&address, wanted.clone()).await {
                Ok(browser) => return browser,
                Err(error) if start.elapsed() > Duration::from_secs(30) => panic!("no browser: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(300)).await,
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

async fn click(browser: &WebDriver, css: &str) {
    let element = browser.query(By::Css(css)).first().await.unwrap_or_else(|e| panic!("{css}: {e}"));
    element.scroll_into_view().await.unwrap();
    element.click().await.unwrap();
}

/// Waits until the browser is at a page, or at one below it.
async fn arrives(browser: &WebDriver, path: &str) {
    let start = Instant::now();
    loop {
        let here = browser.current_url().await.unwrap();
        let below = path.ends_with('/') && here.path().starts_with(path);
        if here.path() == path || below {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(15), "not at {path} but at {here}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn fits_a_phone(browser: &WebDriver, page: &str) {
    let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let over: i64 = browser.execute(script, vec![]).await.unwrap().convert().unwrap();
    assert!(over <= 0, "{page} is {over} pixels too wide for a phone");
}

async fn says(browser: &WebDriver, text: &str) -> bool {
    browser.find(By::Css("main")).await.unwrap().text().await.unwrap().to_lowercase().contains(&text.to_lowercase())
}

#[tokio::test]
async fn a_person_connects_an_account_schedules_a_post_and_reads_that_it_is_published() {
    let stack = Stack::alone().await;
    let driver = Driver::start();
    let browser = driver.browser().await;
    let mark = unique("from-the-console");

    browser.goto(&stack.console).await.unwrap();
    browser.find(By::Id("key")).await.unwrap().send_keys(&stack.key).await.unwrap();
    click(&browser, "form.stack button.primary").await;
    browser.goto(format!("{}/accounts", stack.console)).await.unwrap();
    click(&browser, "a[href*='/console/accounts/connect/x']").await;
    click(&browser, "#allow").await;
    arrives(&browser, "/console/accounts").await;
    assert!(says(&browser, "connected").await);

    // A member who may speak for pages is asked which to connect, here on a phone.
    browser.set_window_rect(0, 0, 390, 844).await.unwrap();
    click(&browser, "a[href*='/console/accounts/connect/linkedin']").await;
    click(&browser, "#allow").await;
    arrives(&browser, "/console/accounts/choose/linkedin/").await;
    assert!(says(&browser, "Harbour Coffee Demo").await && says(&browser, "Lighthouse Labs Demo").await);
    fits_a_phone(&browser, "the choice").await;
    for ticked in browser.find_all(By::Css("input[name='choice']:checked")).await.unwrap() {
        ticked.click().await.unwrap();
    }
    click(&browser, "input[name='choice'][value$='5001002']").await;
    click(&browser, "main form button.primary").await;
    arrives(&browser, "/console/accounts").await;
    assert!(says(&browser, "connected").await && says(&browser, "Lighthouse Labs Demo").await);
    browser.set_window_rect(0, 0, 1280, 1000).await.unwrap();

    browser.goto(format!("{}/compose", stack.console)).await.unwrap();
    click(&browser, "input[name='target'][data-platform='x']:not(:checked)").await;
    browser.find(By::Id("text")).await.unwrap().send_keys(&mark).await.unwrap();
    click(&browser, "input[name='when'][value='at']").await;
    // The next full minute that is not too near; the tenant plans in UTC.
    let due = jiff::Timestamp::from_second((e2e::now().as_second() + 8).div_euclid(60) * 60 + 60).unwrap();
    for (id, part) in [("date", 0..10), ("time", 11..16)] {
        let script = format!("document.getElementById('{id}').value = '{}'", &due.to_string()[part]);
        browser.execute(script, vec![]).await.unwrap();
    }
    click(&browser, "button[value='save']").await;
    let start = Instant::now();
    while !browser.current_url().await.unwrap().path().starts_with("/console/posts/") {
        let shown = browser.find(By::Css("main")).await.unwrap().text().await.unwrap();
        assert!(start.elapsed() < Duration::from_secs(15), "not accepted: {shown}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(says(&browser, "scheduled").await);
    let start = Instant::now();
    loop {
        browser.refresh().await.unwrap();
        if says(&browser, "published").await && stack.on_timeline("x", &mark).await.len() == 1 {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(90), "the page does not say that it is published");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let here = browser.current_url().await.unwrap();

    browser.goto(format!("{}/x/timeline", stack.sandbox)).await.unwrap();
    let timeline = browser.find(By::Css("body")).await.unwrap().text().await.unwrap();
    assert!(timeline.contains(&mark), "the platform's own page shows it");

    // At a phone's width nothing scrolls sideways.
    browser.set_window_rect(0, 0, 390, 844).await.unwrap();
    for page in
        [here.as_str(), &stack.console, &format!("{}/compose", stack.console), &format!("{}/calendar", stack.console)]
    {
        browser.goto(page).await.unwrap();
        fits_a_phone(&browser, page).await;
    }
    browser.quit().await.unwrap();
}
