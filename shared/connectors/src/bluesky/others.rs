//! The posts of others that a part quotes or answers: which ones a person named, and their present versions.

use super::api::{Record, Reply, StrongRef};
use super::prepare::{at, uri};
use super::record_key::is_tid;
use super::{Bluesky, POSTS, WEB, is_did, is_handle};
use connector_kit::is_word;
use domain::publishing::Failure;
use ports::{PlatformApp, PublishCall};
use serde_json::Value;

/// Where addresses of posts point that people copy.
pub(super) const HOSTS: [&str; 1] = ["bsky.app"];

/// What another post is to the part.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Quoted,
    Answered,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Quoted => "quoted",
            Self::Answered => "answered",
        }
    }
}

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

fn refused(detail: String) -> Failure {
    Failure::Rejected { code: "not_found".into(), detail }
}

/// What the part of `call` quotes: the first part alone does. None where it quotes nothing.
///
/// # Errors
/// What is given names no post.
pub(super) fn quoted(call: &PublishCall<'_>) -> Option<Result<Named, Failure>> {
    given(call, call.variant.quote.as_deref(), Role::Quoted)
}

/// Whose post the part of `call` answers: the first part alone does, and later ones answer the one before them.
///
/// # Errors
/// What is given names no post.
pub(super) fn answered(call: &PublishCall<'_>) -> Option<Result<Named, Failure>> {
    given(call, call.variant.reply_to.as_deref(), Role::Answered)
}

fn given(call: &PublishCall<'_>, given: Option<&str>, role: Role) -> Option<Result<Named, Failure>> {
    let given = given.filter(|_| call.part == 0)?;
    let fits = |named: &Named| is_tid(&named.key) && (is_did(&named.who) || is_handle(&named.who));
    let unknown = || {
        let what = role.word();
        refused(format!("what is {what} is named by no address of a post: copy that of its page on Bluesky"))
    };
    Some(named(call.app, given).filter(fits).ok_or_else(unknown))
}

/// The post in its present version, by the key in the repository of `did`. The account's own server tells of others' posts, too.
async fn read(
    bluesky: &Bluesky,
    call: &PublishCall<'_>,
    (did, key): (&str, &str),
    role: Role,
) -> Result<(StrongRef, Value), Failure> {
    match at::<Value>(bluesky, call, did, key).await {
        Ok(Some(Record { cid: Some(cid), value, .. })) if is_word(&cid, 128) => {
            Ok((StrongRef { uri: uri(did, key), cid }, value))
        }
        Ok(Some(_)) => Err(Failure::Unavailable),
        // Of a repository that it does not know, a server says so in other words.
        Ok(None) | Err(Failure::Rejected { .. }) => Err(gone(role)),
        Err(failure) => Err(failure),
    }
}

/// How a post is quoted.
pub(super) async fn quote(bluesky: &Bluesky, call: &PublishCall<'_>, post: (&str, &str)) -> Result<StrongRef, Failure> {
    Ok(read(bluesky, call, post, Role::Quoted).await?.0)
}

/// How a post is answered: in the thread in which it stands.
pub(super) async fn answer(bluesky: &Bluesky, call: &PublishCall<'_>, post: (&str, &str)) -> Result<Reply, Failure> {
    let (parent, record) = read(bluesky, call, post, Role::Answered).await?;
    Ok(Reply { root: root(&parent, &record), parent })
}

/// The post that began the thread in which `post` stands: what its record says, or it does so itself.
pub(super) fn root(post: &StrongRef, record: &Value) -> StrongRef {
    let reply = serde_json::from_value::<Reply>(record["reply"].clone()).ok();
    let first = reply.map(|reply| reply.root).filter(|root| root.uri.starts_with("at://") && is_word(&root.cid, 128));
    first.unwrap_or_else(|| post.clone())
}

/// What is said where no post is found.
pub(super) fn gone(role: Role) -> Failure {
    refused(format!("the {} post is not there: it was deleted, or its address is none of a post", role.word()))
}
