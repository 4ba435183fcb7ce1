//! The routes. Each decodes, makes one call and encodes; rules live in `app` and `domain`.

// The OpenAPI macro writes the types of its parameters in full.
#![allow(unused_qualifications)]

use crate::Api;
use crate::wire::{
    BegunBody, CallbackRequest, ChoiceBody, ChooseRequest, ConnectedBody, CredentialBody, CredentialsBody,
    DisconnectedBody, KeyRequest, PlatformBody, PlatformsBody,
};
use app::Error;
use app::accounts::{self as accounts, CONSOLE_PATHS, Callback, Disconnected, Returned};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::AccountId;
use http::StatusCode;
use http::request::Parts;
use runtime::http::{
    ApiJson, ApiPath, ApiQuery, Authenticated, Envelope, IdempotencyKey, Nothing, OptionalJson, Problem, base_url,
    once, respond, stored,
};
use runtime::openapi::{ReadProblems, WriteProblems, one_of};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa::openapi::Object;

type Answer = Result<Response, Problem>;

/// Where to go after the consent.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BeginQuery {
    /// The console's page to end at, `/console/accounts` or `/console`; the first when left out.
    #[param(schema_with = pages)]
    return_to: Option<String>,
}

fn pages() -> Object {
    one_of(&CONSOLE_PATHS)
}

/// Begin to connect an account.
///
/// Answers with the platform's consent page. The person must be back within ten minutes, and only the member who began
/// it can finish it.
#[utoipa::path(
    get, operation_id = "begin_consent", path = "/api/publishing/auth/{platform}", tag = "accounts",
    params(("platform" = String, Path, description = "Platform slug or alias"), BeginQuery),
    responses(
        (status = 200, description = "Where to send the person", body = Envelope<BegunBody>),
        (status = 409, description = "The operator has not set the platform up", body = runtime::openapi::ProblemBody,
            content_type = "application/problem+json"),
        ReadProblems
    )
)]
pub(crate) async fn begin(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(platform): ApiPath<String>,
    ApiQuery(query): ApiQuery<BeginQuery>,
    parts: Parts,
) -> Answer {
    let base_url = base_url(&parts, &api.address);
    let begun = accounts::begin(&api.deps, &caller, &platform, &base_url, query.return_to.as_deref()).await?;
    let body = BegunBody::of(begun, api.deps.clock.now());
    Ok(Envelope::new(body, "send the person to auth_url").into_response())
}

/// What a platform sends a browser back with. Parameters of the platform's own are ignored, as RFC 6749 4.1.2 asks; one
/// of these given twice is refused.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReturnQuery {
    /// The code.
    code: Option<String>,
    /// The state the person was sent off with.
    state: Option<String>,
    /// Why there is no code.
    error: Option<String>,
    /// The issuer (RFC 9207).
    iss: Option<String>,
}

impl From<ReturnQuery> for Callback {
    fn from(query: ReturnQuery) -> Self {
        let ReturnQuery { code, state, error, iss } = query;
        Self { state, code, error, iss, selection: None }
    }
}

/// Where the platform sends the browser back.
///
/// The browser goes on to the console: to a page where to choose when the consent is for several profiles, with
/// `connected` when it worked, else with `error` and the code of the problem.
#[utoipa::path(
    get, operation_id = "return_from_consent", path = "/api/publishing/auth/{platform}/callback", tag = "accounts",
    params(("platform" = String, Path, description = "Platform slug or alias"), ReturnQuery),
    responses((status = 303, description = "To a page of the console"), ReadProblems)
)]
pub(crate) async fn returned(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(platform): ApiPath<String>,
    ApiQuery(query): ApiQuery<ReturnQuery>,
) -> Answer {
    let address = match accounts::finish(&api.deps, &caller, &platform, &query.into()).await {
        Ok(Returned::Choose(offer)) => format!("/console/accounts/choose/{}/{}", offer.platform, offer.id),
        Ok(Returned::Connected(finished)) => {
            let platform = finished.accounts.first().map(|a| a.platform.to_string()).unwrap_or_default();
            format!("{}?connected={platform}", finished.return_to)
        }
        // A code of ours and nothing that came in the request: a made-up link must not put words into the console.
        Err(error) => format!("{}?error={}", CONSOLE_PATHS[0], Problem::from(error).code()),
    };
    Ok(Redirect::to(&address).into_response())
}

/// Finish connecting, for clients that take the way back themselves.
///
/// A consent for several profiles connects nothing yet, unless `selection` says which: the answer then has no items, and a
/// `choice` to make.
#[utoipa::path(
    post, operation_id = "finish_consent", path = "/api/publishing/auth/{platform}/callback", tag = "accounts", request_body = CallbackRequest,
    params(("platform" = String, Path, description = "Platform slug or alias")),
    responses((status = 200, description = "The connected accounts", body = Envelope<ConnectedBody>), WriteProblems)
)]
pub(crate) async fn callback(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(platform): ApiPath<String>,
    json: ApiJson<CallbackRequest>,
) -> Answer {
    let (body, message) = match accounts::finish(&api.deps, &caller, &platform, &json.body.into()).await? {
        Returned::Connected(finished) => (ConnectedBody::of(finished), "connected"),
        Returned::Choose(offer) => {
            let choice = Some(ChoiceBody::of(&offer, api.deps.clock.now()));
            (ConnectedBody { items: Vec::new(), return_to: offer.return_to, choice }, "choose what to connect")
        }
    };
    Ok(Envelope::new(body, message).into_response())
}

/// What a consent for several profiles leaves to choose from.
#[utoipa::path(
    get, operation_id = "show_choice", path = "/api/publishing/auth/{platform}/choices/{choice}", tag = "accounts",
    params(("platform" = String, Path, description = "Platform slug or alias"),
        ("choice" = String, Path, description = "The choice, as the callback's answer names it")),
    responses(
        (status = 200, description = "The profiles", body = Envelope<ChoiceBody>),
        (status = 409, description = "The platform has no consent page, or is not set up",
            body = runtime::openapi::ProblemBody, content_type = "application/problem+json"),
        ReadProblems
    )
)]
pub(crate) async fn choice(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath((platform, id)): ApiPath<(String, String)>,
) -> Answer {
    let offer = accounts::offered(&api.deps, &caller, &platform, &id).await?;
    Ok(Envelope::new(ChoiceBody::of(&offer, api.deps.clock.now()), "choose what to connect").into_response())
}

/// Connect the chosen profiles.
///
/// A choice counts once, within ten minutes, and only for the member who gave the consent; otherwise it is not there.
#[utoipa::path(
    post, operation_id = "make_choice", path = "/api/publishing/auth/{platform}/choices/{choice}", tag = "accounts",
    request_body = ChooseRequest,
    params(("platform" = String, Path, description = "Platform slug or alias"),
        ("choice" = String, Path, description = "The choice, as the callback's answer names it")),
    responses((status = 200, description = "The connected accounts", body = Envelope<ConnectedBody>), WriteProblems)
)]
pub(crate) async fn choose(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath((platform, id)): ApiPath<(String, String)>,
    json: ApiJson<ChooseRequest>,
) -> Answer {
    let finished = accounts::choose(&api.deps, &caller, &platform, &id, &json.body.selection).await?;
    Ok(Envelope::new(ConnectedBody::of(finished), "connected").into_response())
}

/// The platforms of this stack, and how their accounts are connected.
#[utoipa::path(
    get, operation_id = "list_platforms", path = "/api/publishing/platforms", tag = "accounts",
    responses((status = 200, description = "The platforms", body = Envelope<PlatformsBody>), ReadProblems)
)]
pub(crate) async fn platforms(State(api): State<Api>, _caller: Authenticated) -> Answer {
    let items = api.deps.connect.all().iter().map(|connector| PlatformBody::of(connector.as_ref())).collect();
    Ok(Envelope::new(PlatformsBody { items }, "platforms").into_response())
}

/// Connect an account by what its owner enters.
///
/// For platforms without a consent page: the entries are those of the platform's `key_form`. They are tried with the platform
/// before anything is kept, and connecting the same account again renews them.
#[utoipa::path(
    post, operation_id = "connect_by_key", path = "/api/publishing/auth/{platform}/key", tag = "accounts",
    request_body = KeyRequest, params(("platform" = String, Path, description = "Platform slug or alias")),
    responses((status = 200, description = "The connected account", body = Envelope<CredentialsBody>), WriteProblems)
)]
pub(crate) async fn connect_by_key(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(platform): ApiPath<String>,
    json: ApiJson<KeyRequest>,
) -> Answer {
    let connected = accounts::connect_by_key(&api.deps, &caller, &platform, &json.body.entries).await?;
    Ok(Envelope::new(CredentialsBody { items: CredentialBody::all(&connected) }, "connected").into_response())
}

/// The connected accounts, and what is planned for after the end of their access.
#[utoipa::path(
    get, operation_id = "list_credentials", path = "/api/publishing/credentials", tag = "accounts",
    responses((status = 200, description = "The accounts", body = Envelope<CredentialsBody>), ReadProblems)
)]
pub(crate) async fn credentials(State(api): State<Api>, Authenticated(caller): Authenticated) -> Answer {
    let found = accounts::accounts(&api.deps, &caller).await?;
    let horizons = accounts::horizon(&api.deps, &caller).await?;
    let items = CredentialBody::with_horizons(&found, &horizons);
    Ok(Envelope::new(CredentialsBody { items }, "accounts").into_response())
}

/// Disconnect an account, or all of a platform.
///
/// The platform is asked to forget the access, and the tokens are deleted; a key that somebody entered only they can take back
/// there. What is planned for the account waits until it is connected again.
#[utoipa::path(
    delete, operation_id = "disconnect_credentials", path = "/api/publishing/credentials/{platform}", tag = "accounts",
    params(("platform" = String, Path, description = "Platform slug or alias, or the id of one account"),
        ("Idempotency-Key" = String, Header, description = "One value per intended disconnect")),
    responses((status = 200, description = "Disconnected", body = Envelope<DisconnectedBody>), WriteProblems)
)]
pub(crate) async fn disconnect(
    State(api): State<Api>,
    Authenticated(caller): Authenticated,
    ApiPath(target): ApiPath<String>,
    key: IdempotencyKey,
    json: OptionalJson<Nothing>,
) -> Answer {
    if target.starts_with(AccountId::PREFIX) && target.contains('_') {
        target.parse::<AccountId>().map_err(|e| Error::bad_request("bad_id", e.to_string()))?;
    }
    let encode = |gone: &Disconnected| {
        let account_ids = gone.accounts.iter().map(|a| a.id.to_string()).collect();
        stored(StatusCode::OK, &Envelope::new(DisconnectedBody { account_ids }, "disconnected"))
    };
    let once = once(key, json.fingerprint);
    Ok(respond(accounts::disconnect(&api.deps, &caller, &target, &once, &encode).await?))
}
