//! The server, started once for all tests of this process, and a person with a browser before it.

use connector_kit::{Call, Egress, Guard, Http};
use connectors::Registry;
use interop::{Proxy, Trouble};
use ports::{AllRoles, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::SecretString;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, OnceLock};
use url::{Url, form_urlencoded};

/// A verifier and its challenge, of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// What comes back as it was: a text that any missing encoding would change.
const STATE: &str = "a&b=c+d%20e ü#f";
/// Pages that a consent may take.
const MAX_STEPS: usize = 12;

struct Server {
    told: Value,
    _child: Child,
    // Its end is the server's.
    _stdin: ChildStdin,
}

// Tests have no boot: what is told them comes by the environment.
#[allow(clippy::disallowed_methods)]
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let folder = std::env::var("HERALD_OAUTH").expect("run this by: cargo xtask interop");
        let mut node = Command::new("node");
        let node = node.arg("server.mjs").current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn().expect("node starts");
        let stdin = child.stdin.take().expect("it was asked for");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it was asked for")).read_line(&mut line).unwrap();
        let told = serde_json::from_str(&line).expect("the server says where it is");
        Server { told, _child: child, _stdin: stdin }
    })
}

/// The client; that of a deployed stack would not speak to loopback. It follows no redirect.
fn http() -> Http {
    Http::new(Egress::new(Guard::new(true)))
}

/// What the server keeps of us, or where it is.
fn told(name: &str) -> String {
    let told = &server().told;
    let found = told.get(name).or_else(|| told["client"].get(name)).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{told} lacks {name}")).to_owned()
}

/// The addresses that we are registered with; two.
pub(crate) fn redirects() -> Vec<String> {
    serde_json::from_value(server().told["client"]["redirect_uris"].clone()).unwrap()
}

/// A connector whose platform knows its clients in one of the two ways, before a server that does too.
pub(crate) struct Platform {
    connector: Arc<dyn AllRoles>,
    /// Our registration; calls of its server pass the proxy.
    pub(crate) app: PlatformApp,
    /// Where people consent.
    web: String,
    proxy: Proxy,
}

/// What a consent gave the browser to bring back.
pub(crate) struct Brought {
    pub(crate) code: String,
    pub(crate) redirect: String,
}

impl Platform {
    /// Both ways: X sends a header and proves who asked, LinkedIn sends fields and does not.
    pub(crate) fn both() -> [Self; 2] {
        [Self::of("x", "basic", &["api", "authorize"]), Self::of("linkedin", "body", &["oauth"])]
    }

    fn of(slug: &str, way: &str, bases: &[&str]) -> Self {
        let registry = Registry::new(Egress::new(Guard::new(true)));
        let web = told(way);
        let address = web.trim_start_matches("http://").parse().unwrap();
        let proxy = Proxy::start(([127, 0, 0, 1], 0).into(), address).unwrap();
        let app = PlatformApp {
            client_id: told("client_id"),
            client_secret: told("client_secret").into(),
            bases: bases.iter().map(|base| ((*base).to_owned(), proxy.url())).collect(),
            settings: BTreeMap::new(),
        };
        Self { connector: registry.all_roles().named(slug).unwrap(), app, web, proxy }
    }

    /// Its name, for a failed test.
    pub(crate) fn name(&self) -> &str {
        &self.connector.descriptor().name
    }

    /// How accounts of it are connected.
    pub(crate) fn auth(&self) -> &dyn ports::Auth {
        self.connector.auth().unwrap()
    }

    /// Whether the platform asks who exchanges a code to prove that it is who asked for it.
    pub(crate) fn verifier(&self) -> Option<SecretString> {
        self.auth().oauth().pkce.then(|| VERIFIER.to_owned().into())
    }

    /// The next request for tokens meets trouble.
    pub(crate) fn order(&self, trouble: Trouble) {
        self.proxy.order(trouble, |request| request.method == "POST");
    }

    /// A person reads what is asked, signs in and consents.
    pub(crate) async fn consent(&self) -> Brought {
        let redirect = redirects().remove(0);
        let challenge = self.verifier().map(|_| CHALLENGE.to_owned());
        let request = AuthorizeRequest { state: STATE.into(), challenge, redirect_uri: redirect.clone() };
        let url = self.auth().authorize_url(&self.app, &request).replacen(&self.proxy.url(), &self.web, 1);
        let back = Browser::new(&self.web).follow(&url, &redirect).await;
        let query: BTreeMap<_, _> = back.query_pairs().into_owned().collect();
        assert_eq!(query.get("state").map(String::as_str), Some(STATE), "{back}");
        assert_eq!(query.get("of").map(String::as_str), Some("x y"), "our own query stays: {back}");
        Brought { code: query["code"].clone(), redirect }
    }

    /// A consent and its exchange.
    pub(crate) async fn connected(&self) -> TokenPair {
        let brought = self.consent().await;
        let verifier = self.verifier();
        let pair = self.auth().exchange(&self.app, &brought.code, verifier.as_ref(), &brought.redirect).await;
        pair.unwrap_or_else(|failure| panic!("{}: {failure:?}", self.name()))
    }

    /// Whether the server takes an access token. X's own scopes open no user's page: then it says that they do not suffice.
    pub(crate) async fn takes(&self, access: &SecretString) -> bool {
        let answer = http().call(Call::get(format!("{}/me", self.web)).bearer(access)).await.unwrap();
        !String::from_utf8_lossy(&answer.body).contains("invalid_token")
    }
}

/// As much of a browser as a consent needs: it keeps cookies, follows redirects and fills in the server's forms.
struct Browser {
    http: Http,
    origin: Url,
    cookies: BTreeMap<(String, String), String>,
}

impl Browser {
    fn new(origin: &str) -> Self {
        Self { http: http(), origin: origin.parse().unwrap(), cookies: BTreeMap::new() }
    }

    /// From the consent address to the one that the browser is sent back to.
    async fn follow(&mut self, from: &str, redirect: &str) -> Url {
        let end: Url = redirect.parse().unwrap();
        let mut url: Url = from.parse().unwrap();
        for _ in 0..MAX_STEPS {
            if (url.origin(), url.path()) == (end.origin(), end.path()) {
                return url;
            }
            let (location, page) = self.ask(Call::get(url.as_str()), &url).await;
            url = match location {
                Some(next) => next,
                None => self.fill_in(&page).await,
            };
        }
        panic!("the consent does not end: {url}")
    }

    /// Answers the page that asks who one is, or whether one agrees.
    async fn fill_in(&mut self, page: &str) -> Url {
        let after =
            |mark: &str| page.split_once(mark).and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value);
        let (Some(action), Some(prompt)) = (after("action=\""), after("name=\"prompt\" value=\"")) else {
            panic!("no form that is known: {page}")
        };
        let url = self.origin.join(action).unwrap();
        let fields = [("prompt", prompt), ("login", "ada"), ("password", "any")];
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Call::post(url.as_str()).bytes("application/x-www-form-urlencoded", form.into_bytes());
        self.ask(request, &url).await.0.expect("a form leads on")
    }

    /// One request; where it sends the browser, and the page.
    async fn ask(&mut self, request: Call, url: &Url) -> (Option<Url>, String) {
        let known = self.cookies.iter().filter(|((_, path), _)| url.path().starts_with(path.as_str()));
        let cookies: Vec<_> = known.map(|((name, _), value)| format!("{name}={value}")).collect();
        let answer = self.http.call(request.header("cookie", cookies.join("; "))).await.unwrap();
        for set in answer.headers.get_all("set-cookie") {
            let mut parts = set.to_str().unwrap().split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let path = parts.find_map(|part| part.strip_prefix("path=")).unwrap_or("/");
            self.cookies.insert((name.to_owned(), path.to_owned()), value.to_owned());
        }
        let location = answer.header("location").map(|to| self.origin.join(to).unwrap());
        let page = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.is_success() || location.is_some(), "{url}: {} {page}", answer.status);
        (location, page)
    }
}
