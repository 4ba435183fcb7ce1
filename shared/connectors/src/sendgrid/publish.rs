//! Sending in SendGrid: one request sends the single send that was prepared, which is read by its id.

use super::api::{DRAFT, SCHEDULED, Schedule, Scheduled, TRIGGERED};
use super::error::{quiet_until, refusal};
use super::prepare::{self, Progress};
use super::{API, SendGrid, address, is_uuid, single};
use async_trait::async_trait;
use connector_kit::{Call, path_on};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Receipt};
use jiff::Timestamp;
use ports::{Amend, Delete, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};

/// Where people look at their single sends.
const PAGES: &str = "mc.sendgrid.com";

/// The proof of a single send. There is no address where people see it: it is mail.
fn receipt(id: String) -> Receipt {
    Receipt { id: Some(id), url: None }
}

#[async_trait]
impl Publish for SendGrid {
    fn needs_preparing(&self, _: &PublishCall<'_>) -> bool {
        true
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        prepare::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        // Nothing leaves without its single send; the next try prepares it again.
        let id = Progress::send(call).ok_or(Failure::Unavailable)?;
        let request = Call::put(address(call.app, &format!("marketing/singlesends/{id}/schedule")));
        let answer = self.http.call(request.bearer(call.token).json(&Schedule { send_at: "now" })).await?;
        if !answer.is_success() {
            return Err(refusal(&answer, call.now));
        }
        let status = answer.json::<Scheduled>().map(|told| told.status).unwrap_or_default();
        if ![SCHEDULED, TRIGGERED].contains(&status.as_str()) {
            return Err(Failure::Unconfirmed { detail: format!("HTTP {} without the state it is in", answer.status) });
        }
        Ok(Published { receipt: receipt(id), quiet_until: quiet_until(&answer, call.now) })
    }
}

#[async_trait]
impl Find for SendGrid {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::Readable
    }

    async fn find(&self, call: &PublishCall<'_>, _: Timestamp) -> Result<Finding, Failure> {
        // A request left, so there was a single send. Which one is kept with the delivery.
        let Some(id) = Progress::send(call) else { return Ok(Finding::Unreadable) };
        let Some(found) = single::current(self, call, &id).await? else { return Ok(Finding::Unreadable) };
        Ok(match found.status.as_str() {
            // No other delivery has this single send.
            _ if found.is_sent(call.now) => Finding::Proved(receipt(id)),
            DRAFT if Progress::is_untouched(call, &found) => Finding::Absent,
            // Its time was set for later, it was scheduled and called off, or it is in a state that has no name yet: somebody there
            // had a hand in it.
            _ => Finding::Resembling(1),
        })
    }
}

#[async_trait]
impl Delete for SendGrid {
    async fn delete(&self, _: &PublishCall<'_>, _: &Receipt) -> Result<(), Failure> {
        let detail =
            "mail that was sent cannot be taken back: deleting a single send in SendGrid only loses its statistics";
        Err(Failure::Unsupported { detail: detail.into() })
    }
}

impl Amend for SendGrid {}

impl Wording for SendGrid {
    fn named(&self, app: &PlatformApp, _: &Account, post: &str) -> Option<Receipt> {
        if is_uuid(post) {
            return Some(receipt(post.to_owned()));
        }
        // The address of one of its pages: of its statistics, for one.
        let path = path_on(post, &[PAGES], &API.of(app))?;
        match path.as_slice() {
            [place, id, ..] if place == "single-sends" && is_uuid(id) => Some(receipt(id.clone())),
            _ => None,
        }
    }
}
