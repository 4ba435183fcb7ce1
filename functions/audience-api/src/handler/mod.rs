//! The routes. Each decodes, makes one call and encodes; rules live in `app` and `domain`.

pub(crate) mod attributes;
pub(crate) mod contacts;
pub(crate) mod lists;
pub(crate) mod segments;
pub(crate) mod suppressions;

use crate::wire::ContactStateBody;
use axum::response::Response;
use domain::audience::Contact;
use http::StatusCode;
use runtime::http::{Envelope, Problem, stored};
use serde::Deserialize;
use utoipa::IntoParams;

type Answer = Result<Response, Problem>;

/// What a change of a contact is answered with. It is kept for a day under the client's key, and so says nothing of the person.
fn state(status: StatusCode, message: &'static str) -> impl Fn(&ports::Versioned<Contact>) -> ports::StoredReply {
    move |found| stored(status, &Envelope::new(ContactStateBody::of(&found.value), message))
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Where the page before ended.
    cursor: Option<String>,
    /// Items per page, 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}
