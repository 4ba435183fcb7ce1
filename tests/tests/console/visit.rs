//! A person in front of the console: a browser with a session, and patience.

use e2e::{Stack, unique};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;

/// How long a page may take to show what it must.
const PATIENCE: Duration = Duration::from_secs(20);

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

/// A visit of the console. The stack lets one scenario run at a time, so there is one browser at a time.
pub(crate) struct Visit {
    pub(crate) browser: WebDriver,
    console: String,
    _driver: Driver,
}

impl Visit {
    /// Opens a browser and signs in with the owner's key.
    pub(crate) async fn signed_in(stack: &Stack) -> Self {
        let driver = Driver::start();
        let browser = driver.browser().await;
        let visit = Self { browser, console: stack.console.clone(), _driver: driver };
        visit.browser.goto(&stack.console).await.unwrap();
        visit.fits_a_phone("the sign-in").await;
        visit.fill("#key", &stack.key).await;
        visit.click("form.stack button.primary").await;
        visit.arrives("/console").await;
        visit
    }

    /// Ends it.
    pub(crate) async fn end(self) {
        self.browser.clone().quit().await.unwrap();
    }

    /// Opens a page by its path below the console, such as `/accounts`.
    pub(crate) async fn open(&self, path: &str) {
        self.browser.goto(format!("{}{path}", self.console)).await.unwrap();
    }

    async fn find(&self, by: By) -> WebElement {
        let element = self.browser.query(by.clone()).first().await.unwrap_or_else(|e| panic!("{by:?}: {e}"));
        element.scroll_into_view().await.unwrap();
        element
    }

    /// Clicks the first element of a selector.
    pub(crate) async fn click(&self, css: &str) {
        self.find(By::Css(css.to_owned())).await.click().await.unwrap();
    }

    /// Clicks the first element of a path.
    pub(crate) async fn press(&self, xpath: &str) {
        self.find(By::XPath(xpath.to_owned())).await.click().await.unwrap();
    }

    /// Types into a field.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        self.find(By::Css(css.to_owned())).await.send_keys(text).await.unwrap();
    }

    /// Types into the field of a path.
    pub(crate) async fn write(&self, xpath: &str, text: &str) {
        self.find(By::XPath(xpath.to_owned())).await.send_keys(text).await.unwrap();
    }

    /// What the element of a path says.
    pub(crate) async fn text(&self, xpath: &str) -> String {
        self.find(By::XPath(xpath.to_owned())).await.text().await.unwrap()
    }

    /// What a script answers.
    pub(crate) async fn run(&self, script: &str, arguments: Vec<serde_json::Value>) -> serde_json::Value {
        self.browser.execute(script, arguments).await.unwrap().json().clone()
    }

    /// The path of the page.
    pub(crate) async fn path(&self) -> String {
        self.browser.current_url().await.unwrap().path().to_owned()
    }

    /// Waits until the browser is at a page, or at one below it.
    pub(crate) async fn arrives(&self, path: &str) {
        let start = Instant::now();
        loop {
            let here = self.path().await;
            if here == path || path.ends_with('/') && here.starts_with(path) && here.len() > path.len() {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "not at {path} but at {here}: {}", self.shown().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// All that stands on the page.
    pub(crate) async fn shown(&self) -> String {
        // In one step: the page may be loading anew.
        let script = "return document.querySelector('main')?.innerText ?? ''";
        self.run(script, vec![]).await.as_str().unwrap_or_default().to_owned()
    }

    /// Whether the page says this, in whatever case.
    pub(crate) async fn says(&self, text: &str) -> bool {
        self.shown().await.to_lowercase().contains(&text.to_lowercase())
    }

    /// Waits until the page says this, by itself.
    pub(crate) async fn hears(&self, text: &str) {
        let start = Instant::now();
        while !self.says(text).await {
            assert!(start.elapsed() < PATIENCE, "{text:?} is not said: {}", self.shown().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Loads the page anew until it says this.
    pub(crate) async fn comes_to_say(&self, text: &str, patience: Duration) {
        let start = Instant::now();
        while !self.says(text).await {
            assert!(start.elapsed() < patience, "the page does not say {text:?}: {}", self.shown().await);
            tokio::time::sleep(Duration::from_millis(300)).await;
            self.browser.refresh().await.unwrap();
        }
    }

    /// Replaces what a field holds.
    pub(crate) async fn retype(&self, css: &str, text: &str) {
        let field = self.find(By::Css(css.to_owned())).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Gives a date, a time or a choice its value, however the browser shows it.
    pub(crate) async fn set(&self, id: &str, value: &str) {
        let script = "const field = document.getElementById(arguments[0]); field.value = arguments[1]; \
            field.dispatchEvent(new Event('change', { bubbles: true })); return field.value";
        assert_eq!(self.run(script, vec![id.into(), value.into()]).await, value, "{id} takes no such value");
    }

    /// Ticks the accounts of a platform in the composer, and no others.
    pub(crate) async fn only_on(&self, platform: &str) {
        let script = "for (const target of document.querySelectorAll('[name=target]')) { \
            target.checked = target.dataset.platform === arguments[0]; \
            target.dispatchEvent(new Event('change', { bubbles: true })); }";
        self.run(script, vec![platform.into()]).await;
    }

    /// Makes the window one of a phone, in which nothing may scroll sideways, and then wide again. Both are pictured in the folder
    /// that `HERALD_PICTURES` names, if it does.
    pub(crate) async fn fits_a_phone(&self, page: &str) {
        self.browser.set_window_rect(0, 0, 390, 844).await.unwrap();
        let script = "const root = document.documentElement; return [innerWidth, root.scrollWidth - root.clientWidth]";
        let measured = self.run(script, vec![]).await;
        assert_eq!(measured[0], 390, "the window is not a phone's");
        let over = measured[1].as_i64().unwrap();
        assert!(over <= 0, "{page} is {over} pixels too wide for a phone");
        if std::env::var_os("HERALD_PICTURES").is_some() {
            self.picture(page, "phone", 390).await;
            self.picture(page, "wide", 1280).await;
        }
        self.browser.set_window_rect(0, 0, 1280, 1000).await.unwrap();
    }

    /// Pictures the whole page, as high as it is, in a window of this width.
    async fn picture(&self, page: &str, window: &str, width: u32) {
        self.browser.set_window_rect(0, 0, width, 844).await.unwrap();
        let high = self.run("return document.documentElement.scrollHeight", vec![]).await;
        let name = page.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        self.photograph(&format!("{name}.{window}"), width, high.as_u64().unwrap()).await;
    }

    /// Pictures the beginning of a page as the documents show it, in the folder that `HERALD_PICTURES` names, if it does.
    pub(crate) async fn portrait(&self, name: &str, high: u64) {
        self.photograph(name, 1280, high).await;
    }

    async fn photograph(&self, name: &str, width: u32, high: u64) {
        let Ok(folder) = std::env::var("HERALD_PICTURES") else { return };
        // The window's own frame comes on top.
        let frame = self.run("return outerHeight - innerHeight", vec![]).await.as_u64().unwrap();
        self.browser.set_window_rect(0, 0, width, u32::try_from(high + frame).unwrap()).await.unwrap();
        self.run("document.activeElement.blur(); scrollTo(0, 0)", vec![]).await;
        let file = std::path::Path::new(&folder).join(format!("{name}.png"));
        self.browser.screenshot(&file).await.unwrap();
    }
}
