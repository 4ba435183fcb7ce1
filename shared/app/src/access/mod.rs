//! Who may come in: the first tenant, members and their roles, API keys, console sessions.

mod authenticate;
mod bootstrap;
mod keys;
mod members;
mod secret;
mod sessions;
#[cfg(test)]
mod tests;

pub use authenticate::{by_key, by_session};
pub use bootstrap::{Bootstrapped, FirstTenant, bootstrap};
pub use keys::{KeyMade, NewKey, create_key, keys, revoke_key};
pub use members::{NewMember, change_role, create_member, members, remove_member};
pub use sessions::{SESSION_LIFE_S, SignedIn, sign_in, sign_out};
