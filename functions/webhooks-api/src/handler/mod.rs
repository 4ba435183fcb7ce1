//! The routes. Each decodes, makes one call and encodes; rules live in `app` and `domain`.

pub(crate) mod catalogue;
pub(crate) mod endpoints;
pub(crate) mod inbox;
pub(crate) mod log;
pub(crate) mod messages;
pub(crate) mod sources;
pub(crate) mod test;

use axum::response::Response;
use runtime::http::Problem;

type Answer = Result<Response, Problem>;
