//! The audience API: contacts, their lists, segments, and why somebody is left alone.

mod handler;
pub mod wire;

use axum::Router;
use runtime::http::{Api, finish};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The document of this function's routes.
#[derive(OpenApi)]
#[openapi(info(title = "Herald audience", license(name = "Apache-2.0")))]
struct Document;

fn api() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(handler::contacts::make, handler::contacts::contacts))
        .routes(routes!(handler::contacts::find))
        .routes(routes!(handler::contacts::one, handler::contacts::edit, handler::contacts::erase))
        .routes(routes!(handler::contacts::subscribe))
        .routes(routes!(handler::lists::make, handler::lists::lists))
        .routes(routes!(handler::lists::one, handler::lists::edit, handler::lists::remove))
        .routes(routes!(handler::segments::make, handler::segments::segments))
        .routes(routes!(handler::segments::preview))
        .routes(routes!(handler::segments::one, handler::segments::edit, handler::segments::remove))
        .routes(routes!(handler::suppressions::suppress, handler::suppressions::suppressions))
        .routes(routes!(handler::suppressions::lift))
        .routes(routes!(handler::attributes::attributes, handler::attributes::declare))
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
