//! The publishing API: posts and what becomes of them, in the forms of three requirement documents over one model.

mod approvals;
mod documents;
mod export;
mod handler;
mod import;
mod inbox;
mod series;
mod slots;
pub mod wire;

use app::PlatformDeps;
use axum::Router;
use ports::Manage;
use runtime::http::finish;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The state of this function. What it does on platforms is to delete, when it is asked to; it cannot publish.
pub type Api = runtime::http::Api<PlatformDeps<dyn Manage>>;

/// The document of this function's routes.
#[derive(OpenApi)]
#[openapi(info(title = "Herald publishing", license(name = "Apache-2.0")))]
struct Document;

fn api() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(handler::publish))
        .routes(routes!(handler::status))
        .routes(routes!(handler::retry))
        .routes(routes!(handler::format))
        .routes(routes!(handler::preflight))
        .routes(routes!(handler::posts))
        .routes(routes!(handler::post, handler::edit, handler::remove))
        .routes(routes!(import::import))
        .routes(routes!(export::export))
        .routes(routes!(handler::cancel))
        .routes(routes!(handler::resolve))
        .routes(routes!(approvals::waiting))
        .routes(routes!(approvals::ask))
        .routes(routes!(approvals::approve))
        .routes(routes!(approvals::reject))
        .routes(routes!(approvals::rules, approvals::set_rules))
        .routes(routes!(approvals::brand, approvals::set_brand))
        .routes(routes!(handler::create_media))
        .routes(routes!(handler::media))
        .routes(routes!(series::create_series, series::all_series))
        .routes(routes!(series::one_series, series::edit_series, series::end_series))
        .routes(routes!(series::preview))
        .routes(routes!(slots::slots, slots::set_slots))
        .routes(routes!(slots::next_slot))
        .routes(routes!(slots::best_time))
        .routes(routes!(inbox::answer))
        .routes(routes!(documents::schedule))
        .routes(routes!(documents::social_posts))
        .routes(routes!(documents::social_content))
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
