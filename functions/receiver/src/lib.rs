//! The receiver: the addresses that platforms and other systems call. A call is proved, kept and answered here, and read by
//! `ingest`.

mod handler;

use app::inbound::InboundDeps;
use axum::Router;
use runtime::config::PublicAddress;
use runtime::http::finish;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What its routes need.
#[derive(Clone)]
pub struct Inbox {
    /// The ports.
    pub deps: InboundDeps,
    /// Where the world reaches us: some sign the address that they call.
    pub address: PublicAddress,
}

/// The document of this function's routes.
#[derive(OpenApi)]
#[openapi(info(title = "Herald inbound", license(name = "Apache-2.0")))]
struct Document;

fn api() -> OpenApiRouter<Inbox> {
    OpenApiRouter::with_openapi(Document::openapi()).routes(routes!(handler::greet, handler::take, handler::allow))
}

/// Every route, with the edge around it.
pub fn router(inbox: Inbox) -> Router {
    let (router, _) = api().split_for_parts();
    finish(router.with_state(inbox))
}

/// The OpenAPI document of every route.
pub fn openapi() -> utoipa::openapi::OpenApi {
    api().split_for_parts().1
}
