//! The post that a part quotes: which one a person named, and its present version.

use super::api::{Record, StrongRef};
use super::prepare::{at, uri};
use super::record_key::is_tid;
use super::{Bluesky, POSTS, WEB, is_did, is_handle};
use connector_kit::is_word;
use domain::publishing::Failure;
use ports::{PlatformApp, PublishCall};

/// Where addresses of posts point that people copy.
pub(super) const HOSTS: [&str; 1] = ["bsky.app"];

/// A post as a person names it.
pub(super) struct Named {
    /// Whose it is: an identifier or a handle, whichever was given.
    pub(super) who: String,
    /// Its key.
    pub(super) key: String,
}

/// The post that an `at://` address or one of the app names.
pub(super) fn named(app: &PlatformApp, post: &str) -> Option<Named> {
    let path = connector_kit::path_on(post, &HOSTS, &format!("{}/", WEB.of(app)));
    let path: Vec<&str> = path.iter().flatten().map(String::as_str).collect();
    let (who, key) = match path.as_slice() {
        // Browsers write the colons of an address either way.
        ["profile", who, "post", key] => (who.replace("%3A", ":").replace("%3a", ":"), (*key).to_owned()),
        [] => match post.strip_prefix("at://")?.split('/').collect::<Vec<_>>().as_slice() {
            [who, POSTS, key] => ((*who).to_owned(), (*key).to_owned()),
            _ => return None,
        },
        _ => return None,
    };
    Some(Named { who, key })
}

fn refused(detail: &str) -> Failure {
    Failure::Rejected { code: "not_found".into(), detail: detail.into() }
}

/// What the part of `call` quotes: the first part alone does. None where it quotes nothing.
///
/// # Errors
/// What is given names no post.
pub(super) fn wanted(call: &PublishCall<'_>) -> Option<Result<Named, Failure>> {
    let given = call.variant.quote.as_deref().filter(|_| call.part == 0)?;
    let fits = |named: &Named| is_tid(&named.key) && (is_did(&named.who) || is_handle(&named.who));
    let unknown = || refused("what is quoted is named by no address of a post: copy that of its page on Bluesky");
    Some(named(call.app, given).filter(fits).ok_or_else(unknown))
}

/// The quoted post in its present version, by the key in the repository of `did`. The account's own server tells of others' posts, too.
pub(super) async fn read(
    bluesky: &Bluesky,
    call: &PublishCall<'_>,
    did: &str,
    key: &str,
) -> Result<StrongRef, Failure> {
    match at::<serde_json::Value>(bluesky, call, did, key).await {
        Ok(Some(Record { cid: Some(cid), .. })) if is_word(&cid, 128) => Ok(StrongRef { uri: uri(did, key), cid }),
        Ok(Some(_)) => Err(Failure::Unavailable),
        // Of a repository that it does not know, a server says so in other words.
        Ok(None) | Err(Failure::Rejected { .. }) => Err(gone()),
        Err(failure) => Err(failure),
    }
}

/// What is said where no post is found.
pub(super) fn gone() -> Failure {
    refused("the quoted post is not there: it was deleted, or its address is none of a post")
}
