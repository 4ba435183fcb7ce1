//! Consent, code exchange, refresh and revocation on both platforms.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Response;
use serde_json::{Value, json};
use url::Url;

use crate::harness::{Server, read};

const REDIRECT: &str = "http://127.0.0.1:9/callback?from=x";
const VERIFIER: &str = "a-verifier-of-at-least-43-characters-0123456789";
const X_SCOPES: &str = "tweet.read tweet.write users.read offline.access media.write";
type Pairs = Vec<(&'static str, String)>;

fn x_query() -> Pairs {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
    vec![
        ("response_type", "code".into()),
        ("client_id", "sandbox-x".into()),
        ("redirect_uri", REDIRECT.into()),
        ("scope", X_SCOPES.into()),
        ("state", "st/&te".into()),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256".into()),
    ]
}

fn linkedin_query() -> Pairs {
    vec![
        ("response_type", "code".into()),
        ("client_id", "sandbox-linkedin".into()),
        ("redirect_uri", REDIRECT.into()),
        ("scope", "openid profile w_member_social".into()),
        ("state", "s".into()),
    ]
}

fn slack_query() -> Pairs {
    vec![
        ("response_type", "code".into()),
        ("client_id", "sandbox-slack".into()),
        ("redirect_uri", REDIRECT.into()),
        ("scope", "chat:write,channels:read".into()),
        ("state", "s".into()),
    ]
}

fn without(mut pairs: Pairs, name: &str) -> Pairs {
    pairs.retain(|(key, _)| *key != name);
    pairs
}

fn with(pairs: Pairs, name: &'static str, value: &str) -> Pairs {
    let mut pairs = without(pairs, name);
    pairs.push((name, value.into()));
    pairs
}

/// The hidden fields of the consent form, as a browser would send them.
fn hidden(page: &str) -> Vec<(String, String)> {
    let text = |s: &str| s.replace("&#x2f;", "/").replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&");
    page.split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (text(name), text(rest.split_once('"').unwrap().0))
        })
        .collect()
}

/// Opens the page, presses a button; the parameters that came back to the client.
async fn consent(server: &Server, path: &str, query: &Pairs, actor: &str, decision: &str) -> BTreeMap<String, String> {
    let page = server.http.get(server.url(path)).query(query).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let mut form = hidden(&page.text().await.unwrap());
    form.extend([("actor".into(), actor.into()), ("decision".into(), decision.into())]);
    let response = server.http.post(server.url(path)).form(&form).send().await.unwrap();
    came_back(&response)
}

fn came_back(response: &Response) -> BTreeMap<String, String> {
    assert_eq!(response.status(), 302);
    let url = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!(url.host_str(), Some("127.0.0.1"));
    url.query_pairs().into_owned().collect()
}

async fn x_code(server: &Server) -> String {
    consent(server, "/x/i/oauth2/authorize", &x_query(), "ada_demo", "allow").await["code"].clone()
}

async fn x_token(server: &Server, form: &[(&str, &str)]) -> Response {
    let request = server.http.post(server.url("/x/api/2/oauth2/token"));
    request.basic_auth("sandbox-x", Some("sandbox-x-secret")).form(form).send().await.unwrap()
}

async fn exchange(server: &Server, code: &str, redirect: &str, verifier: &str) -> Response {
    let form =
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("code_verifier", verifier)];
    x_token(server, &form).await
}

async fn refresh(server: &Server, token: &Value) -> Response {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token["refresh_token"].as_str().unwrap())];
    x_token(server, &form).await
}

async fn me(server: &Server, token: &Value) -> Response {
    let request = server.http.get(server.url("/x/api/2/users/me"));
    request.bearer_auth(token["access_token"].as_str().unwrap()).send().await.unwrap()
}

#[tokio::test]
async fn a_consent_gives_a_code_that_buys_a_working_token() {
    let server = Server::start().await;
    let back = consent(&server, "/x/i/oauth2/authorize", &x_query(), "bo_demo", "allow").await;
    assert_eq!(back["state"], "st/&te");
    assert_eq!(back["from"], "x", "the query of the return address is kept");
    let answer = exchange(&server, &back["code"], REDIRECT, VERIFIER).await;
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let token = read(answer).await;
    assert_eq!(token["expires_in"], 7200);
    assert_eq!(token["scope"], X_SCOPES);
    assert_eq!(read(me(&server, &token).await).await["data"]["username"], "bo_demo");
}

#[tokio::test]
async fn each_platform_asks_under_its_own_name_and_in_its_own_colours() {
    let server = Server::start().await;
    for (path, query, title, brand, ground) in [
        ("/x/i/oauth2/authorize", x_query(), "X", "#0f1419", "#000"),
        ("/linkedin/oauth/v2/authorization", linkedin_query(), "LinkedIn", "#0a66c2", "#f4f2ee"),
        ("/slack/oauth/v2/authorize", slack_query(), "Slack", "#4a154b", "#f8f8f8"),
    ] {
        for (query, status) in [(query.clone(), 200), (with(query, "client_id", "somebody"), 400)] {
            let page = server.http.get(server.url(path)).query(&query).send().await.unwrap();
            assert_eq!(page.status(), status);
            let page = page.text().await.unwrap();
            assert!(page.contains(&format!("body{{background:{ground}}}")), "{title}: {page}");
            assert!(page.contains(&format!(":root{{--brand:{brand};--radius:16px}}")), "{title}: {page}");
            assert_eq!(page.contains(&format!(">{title} sandbox<")), status == 200, "{title}");
        }
    }
}

#[tokio::test]
async fn a_code_works_once() {
    let server = Server::start().await;
    let code = x_code(&server).await;
    assert_eq!(exchange(&server, &code, REDIRECT, VERIFIER).await.status(), 200);
    let second = exchange(&server, &code, REDIRECT, VERIFIER).await;
    assert_eq!(second.status(), 400);
    let body = read(second).await;
    assert_eq!(body["error"], "invalid_request");
    assert_eq!(body["error_description"], "Value passed for the authorization code was invalid.");
}

#[tokio::test]
async fn a_code_dies_after_its_life() {
    let server = Server::start().await;
    let code = x_code(&server).await;
    server.control("settings", json!({"x_code_s": -1})).await;
    assert_eq!(exchange(&server, &code, REDIRECT, VERIFIER).await.status(), 400);
}

#[tokio::test]
async fn a_wrong_verifier_or_return_address_is_refused_and_uses_the_code_up() {
    let server = Server::start().await;
    for (redirect, verifier) in
        [(REDIRECT, "another-verifier"), (REDIRECT, ""), ("http://127.0.0.1:9/callback", VERIFIER)]
    {
        let code = x_code(&server).await;
        assert_eq!(exchange(&server, &code, redirect, verifier).await.status(), 400);
        assert_eq!(exchange(&server, &code, REDIRECT, VERIFIER).await.status(), 400);
    }
}

#[tokio::test]
async fn a_denial_goes_back_with_the_error_and_the_state() {
    let server = Server::start().await;
    let back = consent(&server, "/x/i/oauth2/authorize", &x_query(), "ada_demo", "deny").await;
    assert_eq!((back["error"].as_str(), back["state"].as_str()), ("access_denied", "st/&te"));
    assert!(!back.contains_key("code"));
}

#[tokio::test]
async fn a_foreign_return_address_or_client_gets_a_page_and_no_redirect() {
    let server = Server::start().await;
    for query in [
        with(x_query(), "redirect_uri", "https://evil.example/callback"),
        with(x_query(), "redirect_uri", "http://localhost.evil.example/"),
        with(x_query(), "client_id", "somebody"),
    ] {
        let response = server.http.get(server.url("/x/i/oauth2/authorize")).query(&query).send().await.unwrap();
        assert_eq!(response.status(), 400);
    }
}

#[tokio::test]
async fn x_demands_pkce_and_state_and_known_scopes() {
    let server = Server::start().await;
    for (query, error) in [
        (without(x_query(), "code_challenge"), "invalid_request"),
        (with(x_query(), "code_challenge_method", "plain"), "invalid_request"),
        (without(x_query(), "state"), "invalid_request"),
        (with(x_query(), "scope", "tweet.read everything"), "invalid_scope"),
    ] {
        let response = server.http.get(server.url("/x/i/oauth2/authorize")).query(&query).send().await.unwrap();
        assert_eq!(came_back(&response)["error"], error);
    }
}

#[tokio::test]
async fn x_wants_the_client_in_the_basic_header() {
    let server = Server::start().await;
    let form = [("grant_type", "refresh_token"), ("client_id", "sandbox-x"), ("client_secret", "sandbox-x-secret")];
    let request = server.http.post(server.url("/x/api/2/oauth2/token")).form(&form);
    assert_eq!(request.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_refresh_gives_a_new_pair_and_ends_the_one_before() {
    let server = Server::start().await;
    let first = server.tokens("x", "ada_demo").await;
    let second = read(refresh(&server, &first).await).await;
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(me(&server, &first).await.status(), 401);
    assert_eq!(me(&server, &second).await.status(), 200);
}

#[tokio::test]
async fn presenting_a_rotated_refresh_token_revokes_the_whole_family() {
    let server = Server::start().await;
    let other = server.tokens("x", "ada_demo").await;
    let first = server.tokens("x", "ada_demo").await;
    let second = read(refresh(&server, &first).await).await;
    assert_eq!(refresh(&server, &first).await.status(), 400);
    assert_eq!(me(&server, &second).await.status(), 401, "the new access token died with the family");
    assert_eq!(refresh(&server, &second).await.status(), 400);
    assert_eq!(me(&server, &other).await.status(), 200, "another grant of the same user lives on");
    assert_eq!(server.json("/control/state").await["x"]["oauth"]["families_revoked"], 1);
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let server = Server::start().await;
    let query = with(x_query(), "scope", "tweet.read users.read");
    let back = consent(&server, "/x/i/oauth2/authorize", &query, "ada_demo", "allow").await;
    let token = read(exchange(&server, &back["code"], REDIRECT, VERIFIER).await).await;
    assert!(token.get("refresh_token").is_none());
    let refused = server.tweet(token["access_token"].as_str().unwrap(), &json!({"text": "x"})).send().await.unwrap();
    assert_eq!(refused.status(), 403, "tweet.write was not granted");
}

#[tokio::test]
async fn the_life_of_an_access_token_can_be_shortened_and_ended() {
    let server = Server::start().await;
    server.control("settings", json!({"x_access_token_s": 0})).await;
    let dead = server.tokens("x", "ada_demo").await;
    assert_eq!((me(&server, &dead).await.status().as_u16(), &dead["expires_in"]), (401, &json!(0)));
    server.control("settings", json!({"x_access_token_s": 7200})).await;
    let live = server.tokens("x", "ada_demo").await;
    server.control("tokens/expire", json!({"platform": "x"})).await;
    assert_eq!(me(&server, &live).await.status(), 401);
    assert_eq!(refresh(&server, &live).await.status(), 200);
}

#[tokio::test]
async fn a_revoked_token_stops_working() {
    let server = Server::start().await;
    let token = server.tokens("x", "ada_demo").await;
    let form = [("token", token["refresh_token"].as_str().unwrap())];
    let request = server.http.post(server.url("/x/api/2/oauth2/revoke"));
    let request = request.basic_auth("sandbox-x", Some("sandbox-x-secret")).form(&form);
    assert_eq!(read(request.send().await.unwrap()).await["revoked"], true);
    assert_eq!(me(&server, &token).await.status(), 401);
}

#[tokio::test]
async fn linkedin_takes_the_client_in_the_body_and_keeps_its_refresh_token() {
    let server = Server::start().await;
    let back = consent(&server, "/linkedin/oauth/v2/authorization", &linkedin_query(), "cleo-demo", "allow").await;
    let url = server.url("/linkedin/oauth/v2/accessToken");
    let code = [("grant_type", "authorization_code"), ("code", &back["code"]), ("redirect_uri", REDIRECT)];
    let basic = server.http.post(&url).basic_auth("sandbox-linkedin", Some("sandbox-linkedin-secret")).form(&code);
    assert_eq!(basic.send().await.unwrap().status(), 401);
    let client = [("client_id", "sandbox-linkedin"), ("client_secret", "sandbox-linkedin-secret")];
    let form: Vec<_> = code.iter().chain(&client).collect();
    let token = read(server.http.post(&url).form(&form).send().await.unwrap()).await;
    assert_eq!(token["expires_in"], 5_184_000);
    let refresh_token = token["refresh_token"].as_str().unwrap();
    let again = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    let form: Vec<_> = again.iter().chain(&client).collect();
    let second = read(server.http.post(&url).form(&form).send().await.unwrap()).await;
    assert_eq!(second["refresh_token"], token["refresh_token"]);
    let info = server.http.get(server.url("/linkedin/api/v2/userinfo"));
    let info = info.bearer_auth(second["access_token"].as_str().unwrap()).send().await.unwrap();
    let info = read(info).await;
    assert_eq!((&info["sub"], &info["name"]), (&json!("demoCleo03"), &json!("Cleo Demo")));
    assert!(info.get("email").is_none(), "the email scope was not asked for");
}

#[tokio::test]
async fn slack_separates_scopes_by_commas_says_no_with_a_200_and_names_the_workspace() {
    let server = Server::start().await;
    let spaces = with(slack_query(), "scope", "chat:write channels:read");
    let asked = server.http.get(server.url("/slack/oauth/v2/authorize")).query(&spaces).send().await.unwrap();
    assert_eq!(came_back(&asked)["error"], "invalid_scope");
    let back = consent(&server, "/slack/oauth/v2/authorize", &slack_query(), "harbour-coffee-demo", "allow").await;
    let url = server.url("/slack/api/oauth.v2.access");
    let call = async |secret: &str, form: &[(&str, &str)]| -> Value {
        let request = server.http.post(&url).basic_auth("sandbox-slack", Some(secret)).form(form);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        read(answer).await
    };
    let form = [("code", back["code"].as_str()), ("redirect_uri", REDIRECT)];
    assert_eq!(call("wrong", &form).await, json!({"ok": false, "error": "bad_client_secret"}));
    let token = call("sandbox-slack-secret", &form).await;
    assert_eq!((&token["team"]["id"], &token["token_type"]), (&json!("T0HARBOUR1"), &json!("bot")));
    assert_eq!((&token["scope"], token.get("expires_in")), (&json!("chat:write,channels:read"), None));
    assert_eq!(call("sandbox-slack-secret", &form).await["error"], "invalid_code");
    server.control("settings", json!({"slack_rotation": true})).await;
    let first = server.tokens("slack", "harbour-coffee-demo").await;
    assert_eq!(first["expires_in"], 43_200);
    let form = [("grant_type", "refresh_token"), ("refresh_token", first["refresh_token"].as_str().unwrap())];
    assert_ne!(call("sandbox-slack-secret", &form).await["refresh_token"], first["refresh_token"]);
    assert_eq!(call("sandbox-slack-secret", &form).await["error"], "invalid_refresh_token", "it works once");
}
