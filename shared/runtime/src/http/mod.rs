//! The HTTP edge: what every route has in common.
//!
//! A handler takes extractors ([`Authenticated`], [`ApiJson`], [`ApiPath`], [`ApiQuery`], [`IdempotencyKey`],
//! [`IfMatch`]) and answers `Result<impl IntoResponse, Problem>`. [`finish`] puts the edge around the router:
//! correlation id, log line, security headers, panics, unknown routes and methods. [`serve`] runs it in Lambda.

mod answer;
mod auth;
mod cursor;
mod edge;
mod etag;
mod fields;
mod idempotency;
mod json;
mod params;
mod problem;
mod serve;
mod strict;
mod use_cases;

pub use answer::{Envelope, replay};
pub use auth::{Authenticate, Authenticated, SESSION_COOKIE, clear_session_cookie, session_cookie, session_of};
pub use cursor::{Page, open_cursor, page_size, seal_cursor};
pub use edge::finish;
pub use etag::{IfMatch, etag};
pub use fields::FieldError;
pub use idempotency::{IdempotencyKey, fingerprint};
pub use json::{ApiJson, MAX_BODY_BYTES, Nothing, OptionalJson, whole_number};
pub use params::{ApiPath, ApiQuery};
pub use problem::Problem;
pub use serve::{base_url, serve};
pub use strict::is_strict_json;
pub use use_cases::{Api, once, respond, stored};
