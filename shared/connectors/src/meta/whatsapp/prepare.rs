//! Everything before the message: what became of earlier ones, the template, the upload of its medium.

use super::api::Uploaded;
use super::message::{context, medium};
use super::status::{self, All};
use super::{Conversation, WhatsApp, template};
use connector_kit::{Allowance, Call, file, is_number, progress};
use domain::publishing::{Failure, Probe};
use jiff::{SignedDuration, Timestamp};
use ports::{Prepared, PublishCall};
use serde::{Deserialize, Serialize};

/// How long an uploaded medium is used: WhatsApp keeps it for 30 days.
const KEPT: SignedDuration = SignedDuration::from_hours(29 * 24);

/// What is kept between wake-ups.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The messages that WhatsApp took, oldest first: [`domain::publishing::FORMER`], so that they outlast whatever people decide.
    #[serde(default)]
    pub(super) former: Vec<String>,
    /// The uploaded medium.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) upload: Option<Upload>,
    /// When WhatsApp said first that it delivered none of the messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    denied_at: Option<Timestamp>,
}

/// A medium that WhatsApp has.
#[derive(Serialize, Deserialize)]
pub(super) struct Upload {
    pub(super) id: String,
    at: Timestamp,
}

impl Progress {
    pub(super) fn of(call: &PublishCall<'_>) -> Self {
        progress::kept(call).unwrap_or_default()
    }

    /// WhatsApp took one more message, of which nothing was said yet.
    pub(super) fn takes(&mut self, id: String) {
        self.former.push(id);
        self.denied_at = None;
    }

    /// The id of the medium, as long as it can be used.
    pub(super) fn uploaded(&self, now: Timestamp) -> Option<&str> {
        self.upload.as_ref().filter(|upload| now < upload.at + KEPT).map(|upload| upload.id.as_str())
    }
}

/// The next step.
pub(super) async fn prepare(whatsapp: &WhatsApp, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
    let time = Allowance::of(call);
    let mut kept = Progress::of(call);
    if !kept.former.is_empty() {
        // Nothing leaves while an earlier message may reach them.
        match time.run(status::of_all(whatsapp, call, &kept.former)).await? {
            All::Sent(existing) => return Err(Failure::Duplicate { existing: Some(existing) }),
            All::Taken => return Err(Failure::taken("WhatsApp has a message that was sent before")),
            All::None(_) => {}
        }
        if let Some(until) = progress::twice(&mut kept.denied_at, call.now) {
            return Ok(Prepared::Wait { progress: progress::value(&kept), until });
        }
    }
    let with = Conversation::of(call.account, call.token)?;
    let found = medium(call)?;
    // What names no message is told before anything goes up.
    context(call)?;
    if let Some(named) = &call.variant.template {
        let kind = found.map(|(_, probe)| probe.kind());
        time.run(template::check(whatsapp, call, &with, named, kind)).await?;
    }
    if let Some((_, probe)) = found
        && kept.uploaded(call.now).is_none()
    {
        let id = time.run(upload(whatsapp, call, &with, probe, time)).await?;
        kept.upload = Some(Upload { id, at: call.now });
        return Ok(Prepared::More(progress::value(&kept)));
    }
    Ok(Prepared::Ready(Some(progress::value(&kept))))
}

async fn upload(
    whatsapp: &WhatsApp,
    call: &PublishCall<'_>,
    with: &Conversation<'_>,
    probe: &Probe,
    time: Allowance,
) -> Result<String, Failure> {
    let files = file(call, 0, "file", time).await?;
    let fields = vec![("messaging_product", "whatsapp".to_owned()), ("type", probe.media_type.clone())];
    let url = whatsapp.graph(call.app).at(&format!("{}/media", with.phone), &[], &with.token);
    let answer = whatsapp.ask(call, with, Call::post(url).files(fields, files)).await?;
    let uploaded = answer.json::<Uploaded>().filter(|uploaded| is_number(&uploaded.id, 32));
    uploaded.map(|uploaded| uploaded.id).ok_or(Failure::Unavailable)
}
