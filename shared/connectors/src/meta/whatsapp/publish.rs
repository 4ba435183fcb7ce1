//! Publishing on WhatsApp: one message to one recipient. That it was accepted is not that it was sent: WhatsApp is asked by its id.

use super::api::Sent;
use super::message::{context, message};
use super::prepare::{self, Progress};
use super::status::{self, All, Standing, receipt};
use super::{Conversation, WhatsApp, error, is_message};
use crate::meta::usage;
use async_trait::async_trait;
use connector_kit::{Allowance, Call, progress, words};
use domain::accounts::Account;
use domain::platform::DedupeClass;
use domain::publishing::{Failure, Finding, Receipt, Template, Variant};
use jiff::Timestamp;
use ports::{Amend, Delete, Find, PlatformApp, Prepared, Publish, PublishCall, Published, Wording};

#[async_trait]
impl Publish for WhatsApp {
    fn needs_preparing(&self, call: &PublishCall<'_>) -> bool {
        let has_media = !call.variant.media_of(call.part).is_empty();
        has_media || call.variant.template.is_some() || !Progress::of(call).former.is_empty()
    }

    async fn prepare(&self, call: &PublishCall<'_>) -> Result<Prepared, Failure> {
        prepare::prepare(self, call).await
    }

    async fn publish(&self, call: &PublishCall<'_>) -> Result<Published, Failure> {
        let time = Allowance::of(call);
        let with = Conversation::of(call.account, call.token)?;
        let mut kept = Progress::of(call);
        let text = call.variant.full_text(call.part, false);
        let answers = context(call)?;
        let body = message(call, &with, &text, kept.uploaded(call.now), answers.as_deref())?;
        let url = self.graph(call.app).at(&format!("{}/messages", with.phone), &[], &with.token);
        let request = Call::post(url).json(&body).hiding(&with.recipient).bearer(&with.token);
        let answer = self.http.call(request).await?;
        if !answer.is_success() {
            return Err(error::refusal(&answer, call.now));
        }
        let quiet_until = usage::quiet_until(&answer, call.now);
        let sent = answer.json::<Sent>().and_then(|sent| sent.messages.into_iter().next());
        let Some(sent) = sent.filter(|sent| is_message(&sent.id)) else {
            return Err(Failure::Unconfirmed { detail: "the answer names no message".into() });
        };
        // It has it. What follows is a reading.
        if let Ok(Standing::Sent) = time.run(status::of(self, call, &with, &sent.id)).await {
            return Ok(Published { receipt: receipt(&sent.id), quiet_until });
        }
        let state = sent.message_status.as_deref().unwrap_or("accepted");
        let detail = format!("WhatsApp has it, and has not sent it yet ({})", words(state));
        kept.takes(sent.id);
        Err(Failure::Taken { detail, kept: Some(progress::value(&kept)) })
    }
}

#[async_trait]
impl Find for WhatsApp {
    fn dedupe(&self, _: &Account) -> DedupeClass {
        DedupeClass::WriteOnly
    }

    async fn find(&self, call: &PublishCall<'_>, _: Timestamp) -> Result<Finding, Failure> {
        let kept = Progress::of(call);
        if kept.former.is_empty() {
            return Ok(Finding::Unreadable);
        }
        Ok(match status::of_all(self, call, &kept.former).await? {
            // No other delivery has these ids.
            All::Sent(receipt) => Finding::Proved(receipt),
            All::Taken => Finding::Pending,
            All::None(Some((code, detail))) => Finding::Refused { code, detail },
            All::None(None) => Finding::Unreadable,
        })
    }
}

#[async_trait]
impl Delete for WhatsApp {
    async fn delete(&self, _: &PublishCall<'_>, _: &Receipt) -> Result<(), Failure> {
        let detail = "WhatsApp's API has no way to take a message back";
        Err(Failure::Unsupported { detail: detail.into() })
    }
}

impl Amend for WhatsApp {}

impl Wording for WhatsApp {
    fn named(&self, _: &PlatformApp, _: &Account, post: &str) -> Option<Receipt> {
        is_message(post).then(|| receipt(post))
    }

    fn render(&self, variant: &Variant) -> Vec<String> {
        // What an approved text is, only WhatsApp knows.
        if let Some(Template { name, language, parameters }) = &variant.template {
            let filled = if parameters.is_empty() { String::new() } else { format!(": {}", parameters.join(" · ")) };
            return vec![format!("template {name} ({language}){filled}")];
        }
        (0..variant.steps()).map(|part| variant.full_text(part, false)).collect()
    }
}
