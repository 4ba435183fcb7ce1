//! What a part answers: the part before it, or the status that a person named.

use super::Place;
use connector_kit::{is_id, path_on};
use domain::publishing::Failure;
use ports::PublishCall;

/// The number of the status that the part of `call` answers, as the account's own server counts; none where it answers nothing.
///
/// # Errors
/// What is named is no status of that server (`not_found`), or the part before has no number.
pub(super) fn answered(call: &PublishCall<'_>) -> Result<Option<String>, Failure> {
    let home = Place::of(call.account)?.home;
    let unnamed = "what is answered is named by no post of the account's own server: look it up there, and copy its address from \
                   the address bar";
    connector_kit::answered(call, |given| named(home, given), unnamed)
}

/// The number of a status that is named by it, or by its address on the server at `home`. Each server has numbers of its own for
/// the statuses of all others, so that an address elsewhere names none here.
fn named(home: &str, given: &str) -> Option<String> {
    let path = path_on(given, &[], home);
    let path: Vec<&str> = path.iter().flatten().map(String::as_str).collect();
    let id = match path.as_slice() {
        [author, id] if author.strip_prefix('@').is_some_and(|name| !name.is_empty()) => *id,
        ["users", _, "statuses", id] => *id,
        [] => given,
        _ => return None,
    };
    is_id(id).then(|| id.to_owned())
}
