//! Access through the dialog of Facebook Login: a code, a token of an hour or two, one of sixty days, and the pages that the
//! person may publish for, each with a token of its own. Nothing renews any of them but the person.

use super::error::Problem;
use super::graph::{Graph, version};
use connector_kit::http::Base;
use connector_kit::oauth::usable;
use connector_kit::{Answer, Call, Http, encoded, is_number, words};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::{AuthFailure, AuthorizeRequest, PlatformApp, TokenPair};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Pages per answer of the list.
const PAGE: &str = "100";
/// Answers of the list that are read: more pages than this nobody can choose from.
const ANSWERS: usize = 10;
/// Pages that these have.
const MOST: usize = 1_000;
/// What a page's tasks must have one of; a page that names none is left to the person.
const MAY_PUBLISH: [&str; 2] = ["CREATE_CONTENT", "MANAGE"];
/// Words by which a refusal speaks of our registration and not of the person's grant.
const OURS: [&str; 3] = ["client secret", "client_secret", "validating application"];

/// The dialog's address.
pub(super) fn dialog(app: &PlatformApp, web: Base, request: &AuthorizeRequest, scopes: &[String]) -> String {
    let asked = scopes.join(",");
    // An application of the kind "Business" keeps what it asks for under an id.
    let what = app.settings.get("config_id").map_or(("scope", asked.as_str()), |id| ("config_id", id));
    let query = encoded([
        ("client_id", app.client_id.as_str()),
        ("redirect_uri", &request.redirect_uri),
        ("state", &request.state),
        ("response_type", "code"),
        what,
    ]);
    format!("{}/{}/dialog/oauth?{query}", web.of(app), version(app))
}

#[derive(Deserialize)]
struct Tokens {
    access_token: SecretString,
    expires_in: Option<u32>,
}

/// Exchanges a code for a token, and that for one that lives longer.
pub(super) async fn exchange(
    graph: &Graph<'_>,
    code: &str,
    redirect_uri: &str,
    scopes: &[String],
) -> Result<TokenPair, AuthFailure> {
    let app = graph.app;
    let url = format!("{}/{}/oauth/access_token", graph.base.of(app), version(app));
    let secret = app.client_secret.expose_secret();
    let ours = [("client_id", app.client_id.as_str()), ("client_secret", secret)];
    let back = [("redirect_uri", redirect_uri), ("code", code)];
    let first = Call::post(&url).fields(ours.into_iter().chain(back));
    let Tokens { access_token: short, .. } = token(graph.http, first.hiding(&app.client_secret)).await?;
    let exchange = [("grant_type", "fb_exchange_token"), ("fb_exchange_token", short.expose_secret())];
    let second = Call::post(&url).fields(ours.into_iter().chain(exchange)).hiding(&app.client_secret).hiding(&short);
    let Tokens { access_token: access, expires_in } = token(graph.http, second).await?;
    let usable = [&short, &access].iter().all(|token| usable(token.expose_secret()));
    if !usable {
        return Err(AuthFailure::Transient);
    }
    let (refresh, scopes) = (None, scopes.to_vec());
    Ok(TokenPair { refresh, expires_in_s: expires_in, scopes, ..TokenPair::lasting(access) })
}

/// The answer of a token call.
pub(super) async fn token<T: DeserializeOwned>(http: &Http, call: Call) -> Result<T, AuthFailure> {
    let answer = http.call(call).await.map_err(|_| AuthFailure::Transient)?;
    if answer.is_success() { answer.json().ok_or(AuthFailure::Transient) } else { Err(refused(&answer)) }
}

/// The answer of a call that renews a token. Only that it is none any more counts as a refusal of the grant: whatever else is
/// wrong with the call, the token is as good as it was.
pub(super) async fn renewed<T: DeserializeOwned>(http: &Http, call: Call) -> Result<T, AuthFailure> {
    let answer = http.call(call).await.map_err(|_| AuthFailure::Transient)?;
    if answer.is_success() {
        return answer.json().ok_or(AuthFailure::Transient);
    }
    match refused(&answer) {
        AuthFailure::Refused if Problem::of(&answer).is_none_or(|problem| problem.code != 190) => {
            Err(AuthFailure::Transient)
        }
        other => Err(other),
    }
}

/// The refusal of a token call at an address that writes errors its own way.
#[derive(Deserialize)]
struct Plain {
    error_message: String,
}

/// Nothing of the answer is repeated: it may echo what was sent.
fn refused(answer: &Answer) -> AuthFailure {
    if answer.status >= 500 || matches!(answer.status, 408 | 429) {
        return AuthFailure::Transient;
    }
    let problem = Problem::of(answer);
    let plain = || answer.json::<Plain>().map(|plain| plain.error_message);
    let Some(message) = problem.as_ref().map(|problem| problem.message.clone()).or_else(plain) else {
        return AuthFailure::Transient;
    };
    let message = message.to_lowercase();
    if OURS.iter().any(|words| message.contains(words)) || problem.as_ref().is_some_and(|p| p.code == 101) {
        return AuthFailure::Misconfigured("the application's id or secret was refused".into());
    }
    if problem.is_some_and(|problem| problem.is_transient()) { AuthFailure::Transient } else { AuthFailure::Refused }
}

/// A page that a person may act for.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    pub(super) username: Option<String>,
    access_token: Option<SecretString>,
    tasks: Option<Vec<String>>,
    /// The professional account that belongs to it.
    #[serde(rename = "instagram_business_account")]
    pub(super) linked: Option<Linked>,
}

#[derive(Deserialize)]
pub(super) struct Linked {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    pub(super) username: Option<String>,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Page>,
    #[serde(default)]
    paging: Paging,
}

/// Where a list goes on.
#[derive(Deserialize, Default)]
pub(super) struct Paging {
    #[serde(default)]
    cursors: Cursors,
    next: Option<String>,
}

#[derive(Deserialize, Default)]
struct Cursors {
    after: Option<String>,
}

impl Paging {
    /// The cursor of the next page. The address that the platform names is not called.
    pub(super) fn next(self) -> Option<String> {
        self.next.and(self.cursors.after)
    }

    /// The cursor after this page, of lists that never name an address.
    pub(super) fn cursor(self) -> Option<String> {
        self.cursors.after
    }

    /// Whether the list ends here for certain: not where it goes on and does not say how.
    pub(super) fn is_end(&self) -> bool {
        self.next.is_none()
    }
}

/// The pages that the person behind a token may publish for, with these fields.
///
/// # Errors
/// The list could not be read to its end: who is not in it was not left out.
pub(super) async fn pages(graph: &Graph<'_>, access: &SecretString, fields: &str) -> Result<Vec<Page>, Failure> {
    let (mut all, mut after): (Vec<Page>, Option<String>) = (Vec::new(), None);
    for _ in 0..ANSWERS {
        let mut query = vec![("fields", fields), ("limit", PAGE)];
        query.extend(after.as_deref().map(|cursor| ("after", cursor)));
        let answer = graph.get("me/accounts", &query, access, Timestamp::UNIX_EPOCH).await?;
        let list = answer.json::<List>().ok_or(Failure::Unavailable)?;
        all.extend(list.data.into_iter().filter(may_publish));
        if list.paging.is_end() {
            return Ok(all);
        }
        after = Some(list.paging.next().ok_or(Failure::Unavailable)?);
    }
    let detail = format!("more pages than the {MOST} that can be read here: choose fewer of them in the dialog");
    Err(Failure::Unsupported { detail })
}

fn may_publish(page: &Page) -> bool {
    let tasks = page.tasks.as_ref();
    is_number(&page.id, 20) && tasks.is_none_or(|tasks| tasks.iter().any(|t| MAY_PUBLISH.contains(&t.as_str())))
}

/// The tokens of the profiles with these ids, each under the id that `id_of` finds in a page.
///
/// # Errors
/// The list could not be read, or one of them is not in it any more, or without a token.
pub(super) fn own_tokens(
    pages: Vec<Page>,
    wanted: &[String],
    id_of: impl Fn(&Page) -> Option<&str>,
) -> Result<BTreeMap<String, TokenPair>, Failure> {
    let mut out = BTreeMap::new();
    for page in pages {
        let Some(id) = id_of(&page).filter(|id| wanted.iter().any(|w| w == id)).map(str::to_owned) else { continue };
        let Some(access) = page.access_token.filter(|token| usable(token.expose_secret())) else { continue };
        // It lives until something ends it: it was made with a token that lives long.
        out.insert(id, TokenPair::lasting(access));
    }
    if wanted.iter().all(|id| out.contains_key(id)) {
        Ok(out)
    } else {
        let detail = "a page gives no access any more".to_owned();
        Err(Failure::Rejected { code: "access_denied".into(), detail })
    }
}

/// A name as people see it, or else the id.
pub(super) fn name_or(name: &str, id: &str) -> String {
    Some(words(name)).filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_owned())
}
