//! Sending on Mailchimp: one request sends the campaign that was prepared, and the campaign is read by its id.

use super::campaign::{self, DRAFT};
use super::error::refusal;
use super::prepare::{self, Progress};
use super::{Audience, MAX_ID, Mailchimp};
use async_trait::async_trait;
use connector_kit::{Call, is_own, is_shown, is_word};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Receipt};
use jiff::Timestamp;
use ports::{Amend, Delete, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};
use url::Url;

/// Where campaigns are read.
const ARCHIVES: [&str; 2] = ["campaign-archive.com", "mailchi.mp"];

fn receipt(app: &PlatformApp, id: &str, archive: &str) -> Receipt {
    let url = Some(archive.to_owned()).filter(|archive| is_shown(archive) && is_own(app, archive, &ARCHIVES));
    Receipt { id: Some(id.to_owned()), url }
}

#[async_trait]
impl Publish for Mailchimp {
    fn needs_preparing(&self, _: &PublishCall<'_>) -> bool {
        true
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        prepare::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let audience = Audience::of(call.app, call.account, call.token)?;
        let kept = Progress::of(call);
        // Nothing leaves without its campaign; the next try prepares it again.
        let id = kept.campaign.filter(|id| is_word(id, MAX_ID)).ok_or(Failure::Unavailable)?;
        let request = audience.signed(Call::post(audience.at(&format!("campaigns/{id}/actions/send"))));
        let answer = self.http.call(request).await?;
        match answer.status {
            // The one answer of success, which has no body.
            204 => Ok(Published { receipt: receipt(call.app, &id, &kept.archive), quiet_until: None }),
            _ => Err(refusal(&answer, call.now)),
        }
    }
}

#[async_trait]
impl Find for Mailchimp {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, _: Timestamp) -> Result<Finding, Failure> {
        let audience = Audience::of(call.app, call.account, call.token)?;
        // A request left, so there was a campaign. Which one is kept with the delivery.
        let Some(id) = Progress::of(call).campaign.filter(|id| is_word(id, MAX_ID)) else {
            return Ok(Finding::Unreadable);
        };
        let Some(found) = campaign::current(self, &audience, call, &id).await? else { return Ok(Finding::Unreadable) };
        Ok(match found.status.as_str() {
            // No other delivery has this campaign.
            _ if found.is_sent(call.now) => Finding::Proved(receipt(call.app, &id, &found.long_archive_url)),
            DRAFT => Finding::Absent,
            // Paused, scheduled, called off, put away unsent: somebody there had a hand in it.
            _ => Finding::Resembling(1),
        })
    }
}

#[async_trait]
impl Delete for Mailchimp {
    async fn delete(&self, _: &PublishCall<'_>, _: &Receipt) -> Result<(), Failure> {
        let detail = "mail that was sent cannot be taken back: deleting a campaign in Mailchimp only loses its report";
        Err(Failure::Unsupported { detail: detail.into() })
    }
}

impl Amend for Mailchimp {}

impl Wording for Mailchimp {
    fn named(&self, app: &PlatformApp, _: &Account, post: &str) -> Option<Receipt> {
        if is_word(post, MAX_ID) {
            return Some(Receipt { id: Some(post.to_owned()), url: None });
        }
        // The long address of its archive; a short one does not tell the id.
        let url = Url::parse(post).ok().filter(|_| is_own(app, post, &ARCHIVES))?;
        let id = url.query_pairs().find(|(name, _)| name == "id").map(|(_, id)| id.into_owned())?;
        is_word(&id, MAX_ID).then(|| Receipt { id: Some(id), url: Some(post.to_owned()) })
    }
}
