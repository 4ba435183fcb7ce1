//! A running sandbox and a client that neither follows redirects nor repeats a request.

use reqwest::{Client, RequestBuilder, Response};
use sandbox::{Handle, Options};
use serde_json::{Value, json};

pub(crate) const LINKEDIN_VERSION: &str = "202606";
/// The smallest thing that is a PNG by its first bytes.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

pub(crate) struct Server {
    handle: Handle,
    pub(crate) http: Client,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let handle = sandbox::serve(listener, Options::default()).unwrap();
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .unwrap();
        Self { handle, http }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.handle.base_url())
    }

    pub(crate) async fn control(&self, path: &str, body: Value) {
        let response = self.http.post(self.url(&format!("/control/{path}"))).json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.text().await.unwrap());
    }

    /// Orders one fault.
    pub(crate) async fn fault(&self, platform: &str, op: &str, kind: &str, params: Value) {
        self.control("faults", json!({"platform": platform, "op": op, "kind": kind, "params": params})).await;
    }

    /// Tokens of a demo user with all scopes.
    pub(crate) async fn tokens(&self, platform: &str, actor: &str) -> Value {
        let body = json!({"platform": platform, "actor": actor});
        self.http.post(self.url("/control/grants")).json(&body).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn token(&self, platform: &str, actor: &str) -> String {
        self.tokens(platform, actor).await["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        self.http.get(self.url(path)).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        let request = self.http.get(self.url(path)).header("accept", "text/html");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    }

    /// A post on X; send it or let it fail.
    pub(crate) fn tweet(&self, token: &str, body: &Value) -> RequestBuilder {
        self.http.post(self.url("/x/api/2/tweets")).bearer_auth(token).json(body)
    }

    /// A post on X that works; its id.
    pub(crate) async fn tweeted(&self, token: &str, body: &Value) -> String {
        let response = self.tweet(token, body).send().await.unwrap();
        assert_eq!(response.status(), 201);
        read(response).await["data"]["id"].as_str().unwrap().to_owned()
    }

    /// A call to LinkedIn's versioned API.
    pub(crate) fn rest(&self, method: &str, path: &str, token: &str) -> RequestBuilder {
        let url = self.url(&format!("/linkedin/api/rest/{path}"));
        self.http
            .request(method.parse().unwrap(), url)
            .bearer_auth(token)
            .header("LinkedIn-Version", LINKEDIN_VERSION)
            .header("X-Restli-Protocol-Version", "2.0.0")
    }

    pub(crate) fn share(&self, token: &str, author: &str, commentary: &str) -> RequestBuilder {
        self.rest("POST", "posts", token).json(&share_body(author, commentary))
    }
}

pub(crate) fn share_body(author: &str, commentary: &str) -> Value {
    json!({
        "author": author, "commentary": commentary, "visibility": "PUBLIC", "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": false,
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
    })
}

pub(crate) async fn read(response: Response) -> Value {
    response.json().await.unwrap()
}
