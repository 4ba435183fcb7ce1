//! Calls of the Graph API: addresses with their version, the token, and the proof that we are who it was given to.

use super::error::{Problem, refusal};
use connector_kit::http::{Base, repeatable};
use connector_kit::{Answer, Call, Http, encoded, hmac_hex};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::PlatformApp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The version unless the setting `graph_version` names another: each lives for some two years.
const VERSION: &str = "v25.0";

/// The version of this registration.
pub(super) fn version(app: &PlatformApp) -> &str {
    app.settings.get("graph_version").map_or(VERSION, String::as_str)
}

/// The answer to a deletion.
#[derive(Deserialize)]
struct Done {
    success: bool,
}

/// One way to the Graph API.
#[derive(Clone, Copy)]
pub(super) struct Graph<'a> {
    pub(super) http: &'a Http,
    pub(super) app: &'a PlatformApp,
    /// Where it is.
    pub(super) base: Base,
    /// Whether it takes the proof of the application, should the operator want it sent.
    pub(super) proof: bool,
    /// The version of the API.
    pub(super) version: &'a str,
}

impl Graph<'_> {
    /// An address below the version, with a query. `path` holds ids that were checked.
    pub(super) fn at(&self, path: &str, query: &[(&str, &str)], token: &SecretString) -> String {
        let wanted = self.proof && self.app.settings.get("appsecret_proof").is_some_and(|value| value == "true");
        let (secret, token) = (self.app.client_secret.expose_secret(), token.expose_secret());
        let proof = wanted.then(|| hmac_hex(secret.as_bytes(), token.as_bytes()));
        let proof = proof.as_deref().map(|proof| ("appsecret_proof", proof));
        let query = encoded(query.iter().copied().chain(proof));
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}/{}/{path}{mark}{query}", self.base.of(self.app), self.version)
    }

    /// Makes a call, whatever comes of it.
    pub(super) async fn call(&self, token: &SecretString, call: Call) -> Result<Answer, Failure> {
        Ok(self.http.call(call.bearer(token)).await?)
    }

    /// Makes a call that publishes nothing, and wants success.
    pub(super) async fn ask(&self, token: &SecretString, call: Call, now: Timestamp) -> Result<Answer, Failure> {
        let answer = self.call(token, call).await.map_err(repeatable)?;
        if answer.is_success() { Ok(answer) } else { Err(repeatable(refusal(&answer, now))) }
    }

    /// Whether there is something that this token may see under an id.
    async fn is_there(&self, token: &SecretString, id: &str, now: Timestamp) -> Result<bool, Failure> {
        let url = self.at(id, &[("fields", "id")], token);
        let answer = self.call(token, Call::get(url)).await.map_err(repeatable)?;
        let missing = Problem::of(&answer).is_some_and(|problem| problem.is_missing());
        let is_there = answer.is_success();
        if is_there || missing { Ok(is_there) } else { Err(repeatable(refusal(&answer, now))) }
    }

    /// Confirms that a post is deleted whose deletion was refused because there is nothing under its id. The platform says the same
    /// where permissions are missing, so the post and the account that it belongs to are looked at.
    ///
    /// # Errors
    /// It is there and cannot be deleted; or the account cannot be seen, which tells nothing of the post.
    pub(super) async fn confirms_deletion(
        &self,
        token: &SecretString,
        post: &str,
        account: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        if self.is_there(token, post, now).await? {
            let detail = "the platform does not let this post be deleted here: delete it there".to_owned();
            return Err(Failure::Unsupported { detail });
        }
        if self.is_there(token, account, now).await? {
            return Ok(());
        }
        Err(Failure::Revoked { detail: "the platform shows neither the post nor the account".into() })
    }

    /// Deletes a post of this account.
    ///
    /// # Errors
    /// It is not deleted, or nobody knows.
    pub(super) async fn delete(
        &self,
        token: &SecretString,
        post: &str,
        account: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let request = Call::delete(self.at(post, &[], token));
        let answer = self.call(token, request).await.map_err(repeatable)?;
        if answer.is_success() {
            let done = answer.json::<Done>().is_some_and(|done| done.success);
            return if done { Ok(()) } else { Err(Failure::Unavailable) };
        }
        let problem = Problem::of(&answer);
        if problem.as_ref().is_some_and(Problem::forbids) {
            // A permission of its own: without it everything else may be allowed.
            let detail = "the account was connected without the permission to delete: connect it again, or delete the post there";
            return Err(Failure::Unsupported { detail: detail.into() });
        }
        if !problem.is_some_and(|problem| problem.is_missing()) {
            return Err(repeatable(refusal(&answer, now)));
        }
        self.confirms_deletion(token, post, account, now).await
    }

    /// What others did with posts, each counted by `T`, by their ids: of those that there are, and that this token may see.
    ///
    /// # Errors
    /// A refusal that is not about one post.
    pub(super) async fn engagement<T: DeserializeOwned + Into<u64>>(
        &self,
        token: &SecretString,
        posts: impl Iterator<Item = &str>,
        fields: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<String, u64>, Failure> {
        let mut told = BTreeMap::new();
        for id in posts {
            let url = self.at(id, &[("fields", fields)], token);
            let answer = self.call(token, Call::get(url)).await.map_err(repeatable)?;
            if answer.is_success() {
                let counted: T = answer.json().ok_or(Failure::Unavailable)?;
                told.insert(id.to_owned(), counted.into());
            } else if !Problem::of(&answer).is_some_and(|problem| problem.is_missing()) {
                return Err(repeatable(refusal(&answer, now)));
            }
        }
        Ok(told)
    }

    /// Reads.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        token: &SecretString,
        now: Timestamp,
    ) -> Result<Answer, Failure> {
        self.ask(token, Call::get(self.at(path, query, token)), now).await
    }
}

/// An instant as the Graph API writes it, `2026-11-05T10:00:00+0000`.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text).ok()
}

/// A text as two of them are compared: what shows white space otherwise than it was written shows the same text.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_instant_is_read_with_its_offset_and_nothing_else_is_one() {
        let at = instant("2026-11-05T10:00:00+0000").unwrap();
        assert_eq!(at.to_string(), "2026-11-05T10:00:00Z");
        assert_eq!(instant("2026-11-05T12:00:00+0200"), Some(at));
        for other in ["", "2026-11-05", "yesterday", "2026-11-05T10:00:00"] {
            assert_eq!(instant(other), None, "{other}");
        }
    }
}
