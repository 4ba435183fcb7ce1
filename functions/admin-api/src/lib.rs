//! The administration API: the first tenant, members, keys, what endpoints may be, the key ring, the audit log; and what describes the whole
//! API, since this is the function that is not in anybody's way.

mod access;
mod describe;
mod egress;
mod operations;
mod state;
pub mod wire;

use axum::Router;
use runtime::http::{Api, finish};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use describe::DOCUMENT;
use state::Admin;
pub use state::BootstrapToken;

/// The document of this function's routes.
#[derive(OpenApi)]
#[openapi(info(title = "Herald administration", license(name = "Apache-2.0")))]
struct Document;

fn api() -> OpenApiRouter<Admin> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(operations::health))
        .routes(routes!(describe::document))
        .routes(routes!(describe::docs))
        .routes(routes!(operations::bootstrap))
        .routes(routes!(access::members, access::create_member))
        .routes(routes!(access::change_role, access::remove_member))
        .routes(routes!(access::keys, access::create_key))
        .routes(routes!(access::revoke_key))
        .routes(routes!(egress::policy, egress::set_policy))
        .routes(routes!(operations::rotate))
        .routes(routes!(operations::audit))
}

/// Every route, with the edge around it.
pub fn router(api: Api, bootstrap: BootstrapToken) -> Router {
    let (router, _) = self::api().split_for_parts();
    finish(router.with_state(Admin { api, bootstrap }))
}

/// The OpenAPI document of every route.
pub fn openapi() -> utoipa::openapi::OpenApi {
    api().split_for_parts().1
}
