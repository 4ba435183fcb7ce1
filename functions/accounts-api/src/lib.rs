//! The accounts API: connecting accounts by OAuth, seeing and disconnecting them, in the form of the requirement
//! documents, which call a connected account a credential.

mod handler;
pub mod wire;

use app::AccountDeps;
use axum::Router;
use runtime::http::finish;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The state of this function, which connects accounts and does nothing in their name.
pub type Api = runtime::http::Api<AccountDeps>;

/// The document of this function's routes.
#[derive(OpenApi)]
#[openapi(info(title = "Herald accounts", license(name = "Apache-2.0")))]
struct Document;

fn api() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(handler::begin))
        .routes(routes!(handler::returned, handler::callback))
        .routes(routes!(handler::platforms))
        .routes(routes!(handler::connect_by_key))
        .routes(routes!(handler::choice, handler::choose))
        .routes(routes!(handler::credentials))
        .routes(routes!(handler::disconnect))
}

/// Every route, with the edge around it.
pub fn router(state: Api) -> Router {
    let (router, _) = api().split_for_parts();
    finish(router.with_state(state))
}

/// The OpenAPI document of every route.
pub fn openapi() -> utoipa::openapi::OpenApi {
    api().split_for_parts().1
}
