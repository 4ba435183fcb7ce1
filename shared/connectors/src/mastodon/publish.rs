//! Publishing on Mastodon: one request per part, each part of a thread a reply to the one before it.

use super::answered::answered;
use super::api::{Counted, NewStatus, Posted};
use super::error::{level, quiet_until, refusal};
use super::{Mastodon, Place, media, poll};
use async_trait::async_trait;
use connector_kit::http::repeatable;
use connector_kit::{Call, is_id, is_shown, is_word, path_on, segment};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Receipt, Visibility};
use jiff::Timestamp;
use ports::{
    Amend, Delete, EngagementCall, Find, HeardPage, ListenCall, PlatformApp, Prepared, Publish, PublishCall, Published,
    Wording,
};
use std::collections::BTreeMap;

/// The account's name in addresses: its handle without the domain.
fn username(account: &Account) -> Option<&str> {
    let name = account.profile.handle.as_deref()?.split('@').next()?;
    is_word(name, 64).then_some(name)
}

/// The proof for a status. The address that the server tells is believed if it lies on that very server and names the status.
pub(super) fn receipt(account: &Account, id: String, told: Option<String>) -> Receipt {
    let Some(home) = account.profile.home.as_deref() else { return Receipt { id: Some(id), url: None } };
    let names = |url: &String| path_on(url, &[], home).is_some_and(|path| path.last() == Some(&id));
    let told = told.filter(|url| is_shown(url) && names(url));
    let url = told.or_else(|| username(account).map(|name| format!("{home}/@{name}/{id}")));
    Receipt { id: Some(id), url }
}

/// Who may see it, in Mastodon's words.
fn visibility(wanted: Visibility) -> &'static str {
    match wanted {
        Visibility::Public => "public",
        Visibility::Unlisted => "unlisted",
        // Its followers. What else there is in our words is refused before, and must not be seen by more.
        Visibility::Connections | Visibility::LoggedIn | Visibility::Private => "private",
    }
}

#[async_trait]
impl Publish for Mastodon {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        poll::asked(call).is_some() || !call.variant.media_of(call.part).is_empty()
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        // Before anything else: what names no post is not worth an upload.
        answered(call)?;
        if let Some(asked) = poll::asked(call) {
            // Nothing else stands beside it.
            poll::allowed(self, call, asked).await?;
            return Ok(Prepared::Ready(None));
        }
        media::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let place = Place::of(call.account)?;
        let media_ids = media::ready(call);
        if media_ids.is_none() && !call.variant.media_of(call.part).is_empty() {
            // Nothing leaves without its pictures; the next try prepares them again.
            return Err(Failure::Unavailable);
        }
        let answered = answered(call)?;
        let body = NewStatus {
            status: &call.variant.full_text(call.part, false),
            media_ids: media_ids.unwrap_or_default(),
            in_reply_to_id: answered.as_deref(),
            // Said always: the author's own default could be another one. All parts of a thread have the first one's.
            visibility: visibility(call.variant.visibility),
            poll: poll::asked(call).map(poll::new),
        };
        let request = Call::post(place.api("v1/statuses")).theirs().bearer(call.token);
        // Encoded, for a key may hold what a header must not; and no two keys become one by it.
        let request = request.header("idempotency-key", segment(&call.key)).json(&body);
        let answer = self.http.call(request).await?;
        call.tells(level(&answer, call.now));
        if !answer.is_success() {
            return Err(refusal(&answer, call.part, call.now));
        }
        let own = |posted: &Posted| answer.status == 200 && is_id(&posted.id) && posted.account.id == place.author;
        let Some(posted) = answer.json::<Posted>().filter(own) else {
            let detail = format!("HTTP {} without a status of this account", answer.status);
            return Err(Failure::Unconfirmed { detail });
        };
        let receipt = receipt(call.account, posted.id, posted.url);
        Ok(Published { receipt, quiet_until: quiet_until(&answer, call.now) })
    }
}

#[async_trait]
impl Find for Mastodon {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, since: Timestamp) -> Result<Finding, Failure> {
        super::find::find(self, call, since).await
    }

    async fn engagement(&self, call: &EngagementCall<'_>, posts: &[&str]) -> Result<BTreeMap<String, u64>, Failure> {
        let (place, mut told) = (Place::of(call.account)?, BTreeMap::new());
        for id in posts.iter().filter(|id| is_id(id)) {
            let answer = self.ask_as(call.token, Call::get(place.api(&format!("v1/statuses/{id}")))).await?;
            match repeatable(refusal(&answer, 0, call.now)) {
                _ if answer.is_success() => {
                    told.extend(answer.json::<Counted>().map(|counted| ((*id).to_owned(), counted.all())));
                }
                Failure::Rejected { code, .. } if code == "not_found" => {}
                failure => return Err(failure),
            }
        }
        Ok(told)
    }

    async fn listen(&self, call: &ListenCall<'_>) -> Result<HeardPage, Failure> {
        super::listen::listen(self, call).await
    }
}

#[async_trait]
impl Delete for Mastodon {
    async fn delete(&self, call: &PublishCall<'_>, receipt: &Receipt) -> Result<(), Failure> {
        let place = Place::of(call.account)?;
        let Some(id) = receipt.id.as_deref().filter(|id| is_id(id)) else {
            return Err(Failure::Unsupported { detail: "the post's id on Mastodon is not known".into() });
        };
        let answer = self.ask(call, Call::delete(place.api(&format!("v1/statuses/{id}")))).await?;
        if !answer.is_success() {
            return match repeatable(refusal(&answer, 0, call.now)) {
                Failure::Rejected { code, .. } if code == "not_found" => Ok(()),
                failure => Err(failure),
            };
        }
        let gone = answer.json::<Posted>().is_some_and(|status| status.id == id);
        if gone { Ok(()) } else { Err(Failure::Unavailable) }
    }
}

impl Amend for Mastodon {}

impl Wording for Mastodon {
    fn named(&self, _: &PlatformApp, account: &Account, post: &str) -> Option<Receipt> {
        let home = account.profile.home.as_deref()?;
        let path = path_on(post, &[], home);
        let path: Vec<&str> = path.iter().flatten().map(String::as_str).collect();
        let (author, id) = match path.as_slice() {
            [author, id] => (author.strip_prefix('@')?, *id),
            ["users", author, "statuses", id] => (*author, *id),
            [] => (username(account)?, post),
            _ => return None,
        };
        // A thread goes on below this post, so it must not be somebody else's.
        let theirs = username(account).is_some_and(|own| own.eq_ignore_ascii_case(author));
        (theirs && is_id(id)).then(|| receipt(account, id.to_owned(), None))
    }
}
