//! The webhooks API: the customers' endpoints that are told what happened, and the log of what they were told; the sources that tell
//! us, and the inbox of what people said.

mod handler;
pub mod wire;

use axum::Router;
use runtime::http::{Api, finish};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The document of this function's routes.
#[derive(OpenApi)]
#[openapi(info(title = "Herald webhooks", license(name = "Apache-2.0")))]
struct Document;

fn api() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(handler::endpoints::register, handler::endpoints::webhooks))
        .routes(routes!(handler::endpoints::one, handler::endpoints::edit, handler::endpoints::remove))
        .routes(routes!(handler::log::attempts))
        .routes(routes!(handler::endpoints::rotate))
        .routes(routes!(handler::log::message))
        .routes(routes!(handler::messages::resend))
        .routes(routes!(handler::messages::give_up))
        .routes(routes!(handler::messages::recover, handler::messages::recoveries))
        .routes(routes!(handler::test::test))
        .routes(routes!(handler::catalogue::event_types))
        .routes(routes!(handler::catalogue::event_type))
        .routes(routes!(handler::sources::make, handler::sources::sources))
        .routes(routes!(handler::sources::remove))
        .routes(routes!(handler::sources::incoming))
        .routes(routes!(handler::inbox::interactions))
        .routes(routes!(handler::inbox::one, handler::inbox::edit))
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
