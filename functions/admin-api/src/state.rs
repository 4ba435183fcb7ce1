//! What the handlers stand on.

use axum::extract::FromRef;
use ports::SecretError;
use runtime::http::{Api, Authenticate};
use secrecy::SecretString;
use std::pin::Pin;
use std::sync::Arc;

/// A secret on its way.
type Coming = Pin<Box<dyn Future<Output = Result<SecretString, SecretError>> + Send>>;

/// Reads the token that the first tenant is made with. Asked for at that moment only, once in the life of a stack.
pub type BootstrapToken = Arc<dyn Fn() -> Coming + Send + Sync>;

/// The state of this function.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(crate) api: Api,
    pub(crate) bootstrap: BootstrapToken,
}

impl FromRef<Admin> for Api {
    fn from_ref(admin: &Admin) -> Self {
        admin.api.clone()
    }
}

impl FromRef<Admin> for Arc<dyn Authenticate> {
    fn from_ref(admin: &Admin) -> Self {
        Self::from_ref(&admin.api)
    }
}
