//! Use cases behind routes: the state every API function has, who is asking, and each error of a use case as its problem.

use super::answer::replay;
use super::auth::Authenticate;
use super::fields::FieldError;
use super::idempotency::IdempotencyKey;
use super::problem::Problem;
use crate::config::PublicAddress;
use app::{Deps, Error, Once, Reply, access};
use async_trait::async_trait;
use axum::extract::FromRef;
use axum::response::Response;
use domain::access::Caller;
use http::StatusCode;
use std::sync::Arc;

/// The state of an API function: its ports, as many as its use cases ask for, and where the world reaches it.
#[derive(Clone)]
pub struct Api<D = Deps> {
    /// The ports.
    pub deps: D,
    /// Where the world reaches us.
    pub address: PublicAddress,
    authenticate: Arc<dyn Authenticate>,
}

impl<D: AsRef<Deps>> Api<D> {
    /// The state over these ports.
    pub fn new(deps: D, address: PublicAddress) -> Self {
        let authenticate = Arc::new(ByLedger(deps.as_ref().clone()));
        Self { deps, address, authenticate }
    }
}

impl<D> FromRef<Api<D>> for Arc<dyn Authenticate> {
    fn from_ref(api: &Api<D>) -> Self {
        Arc::clone(&api.authenticate)
    }
}

struct ByLedger(Deps);

#[async_trait]
impl Authenticate for ByLedger {
    async fn by_key(&self, key: &str, cid: &str) -> Result<Option<Caller>, Problem> {
        Ok(access::by_key(&self.0, key, cid).await?)
    }

    async fn by_session(&self, cookie: &str, cid: &str) -> Result<Option<Caller>, Problem> {
        Ok(access::by_session(&self.0, cookie, cid).await?)
    }
}

/// The client's key with the fingerprint of its request.
pub fn once(key: IdempotencyKey, fingerprint: String) -> Once {
    Once { route: key.route, key: key.key, fingerprint }
}

/// A use case's answer on the wire.
pub fn respond(reply: Reply) -> Response {
    replay(reply.stored, reply.replayed)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(violations) => {
                let code = match violations.as_slice() {
                    [only] => only.code.clone(),
                    _ => "validation".to_owned(),
                };
                let detail = match violations.as_slice() {
                    [only] => only.detail.clone(),
                    many => format!("{} things are wrong; errors names each", many.len()),
                };
                let errors = violations.iter().map(|v| FieldError::new(&v.field, &v.code, &v.detail)).collect();
                let mut problem = Self::unprocessable(code, detail).with_errors(errors);
                if let [only] = violations.as_slice() {
                    if let Some(platform) = &only.platform {
                        problem = problem.with("platform", platform.clone());
                    }
                    if let (Some(limit), Some(actual)) = (only.limit, only.actual) {
                        problem = problem.with("limit", limit).with("actual", actual);
                    }
                }
                problem
            }
            Error::NotFound(what) => Self::not_found(what),
            Error::Conflict { code, detail } => Self::conflict(code, detail),
            Error::Forbidden(permission) => Self::forbidden(format!("this needs the permission {permission}")),
            Error::BadRequest { code, detail } => Self::bad_request(code, detail),
            Error::KeyReused => Self::unprocessable(
                "idempotency_key_reused",
                "this Idempotency-Key was used with another request: send a new key with a new request",
            ),
            Error::InFlight => {
                Self::conflict("idempotency_key_in_flight", "the same request is being worked on").retry_after(1)
            }
            Error::Unavailable(why) => {
                tracing::warn!(why, "a dependency is not available");
                Self::unavailable(5)
            }
            Error::Internal(why) => {
                tracing::error!(why, "a defect");
                Self::internal()
            }
        }
    }
}

/// `status` with a body that cannot fail to serialise in practice; a failure is a defect and answers 500.
pub fn stored<T: serde::Serialize>(status: StatusCode, body: &T) -> ports::StoredReply {
    match serde_json::to_string(body) {
        Ok(body) => ports::StoredReply { status: status.as_u16(), body },
        Err(_) => ports::StoredReply { status: 500, body: Problem::internal().body("").to_string() },
    }
}
