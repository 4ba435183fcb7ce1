//! Connecting a conversation: the number of a business, its key, and the recipient.

use super::api::{List, Phone};
use super::{WhatsApp, is_recipient};
use crate::meta::conversation::account_id;
use crate::meta::error::Problem;
use async_trait::async_trait;
use connector_kit::oauth::usable;
use connector_kit::{Answer, Call, is_number, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{KeyField, KeyForm, KeyKind};
use ports::{Entries, KeyFailure, Keyed, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

const TOKEN: &str = "token";
const PHONE: &str = "phone";
const BUSINESS: &str = "business";
const RECIPIENT: &str = "recipient";
/// Digits of the recipient that people see.
const SHOWN: usize = 3;

/// What is asked for.
pub(super) fn form() -> KeyForm {
    KeyForm {
        help: "In Meta's business settings make a system user's token with whatsapp_business_messaging and \
               whatsapp_business_management, and enter it here with the ids of the phone number and of its WhatsApp Business Account, \
               as WhatsApp Manager shows them, and the one recipient of this conversation: a person who has agreed to it."
            .into(),
        fields: vec![
            KeyField::new(KeyKind::Secret, TOKEN, "System user's token", "EAAG…"),
            KeyField::new(KeyKind::Text, PHONE, "Phone number ID", "106540352242922"),
            KeyField::new(KeyKind::Text, BUSINESS, "WhatsApp Business Account ID", "102290129340398"),
            // Whoever looks over a shoulder does not read it, and neither does a log.
            KeyField::new(KeyKind::Secret, RECIPIENT, "Recipient’s number, with country code", "+1 650 555 1234"),
        ],
    }
}

fn wrong(field: &'static str, detail: &str) -> KeyFailure {
    KeyFailure::Refused { field, detail: detail.into() }
}

/// The digits of a number as people write it.
fn digits(text: &str) -> Option<String> {
    let mark = |c: char| c.is_whitespace() || matches!(c, '-' | '(' | ')' | '.' | '/');
    let bare: String = text.trim().strip_prefix('+').unwrap_or(text).chars().filter(|c| !mark(*c)).collect();
    is_recipient(&bare).then_some(bare)
}

/// What an answer means that lets nobody in. `field` is what is wrong when nothing is found.
fn turned_away(answer: &Answer, field: &'static str) -> KeyFailure {
    match (answer.status, Problem::of(answer).map(|problem| problem.code)) {
        (401, _) | (400, Some(0 | 190)) => wrong(TOKEN, "Meta does not take this token: it has ended, or is not whole"),
        (400 | 403, Some(3 | 10 | 200..=299)) => wrong(
            TOKEN,
            "this token may not do that: its system user needs the WhatsApp account, with both permissions",
        ),
        (400 | 403 | 404, Some(100 | 803)) => {
            wrong(field, "there is nothing under this id, or nothing that this token may see")
        }
        _ => KeyFailure::Unavailable,
    }
}

impl WhatsApp {
    /// Reads, sending nothing to anybody.
    async fn read(
        &self,
        app: &PlatformApp,
        token: &SecretString,
        path: &str,
        query: &[(&str, &str)],
        field: &'static str,
    ) -> Result<Answer, KeyFailure> {
        let call = Call::get(self.graph(app).at(path, query, token)).bearer(token);
        let answer = self.http.call(call).await.map_err(|_| KeyFailure::Unavailable)?;
        if answer.is_success() { Ok(answer) } else { Err(turned_away(&answer, field)) }
    }
}

#[async_trait]
impl Keys for WhatsApp {
    fn form(&self) -> &KeyForm {
        &self.form
    }

    async fn check(&self, app: &PlatformApp, entries: &Entries) -> Result<Keyed, KeyFailure> {
        let entry = |name: &str| entries.get(name).cloned().unwrap_or_default();
        let id = |name: &'static str| {
            let text = entry(name).expose_secret().trim().to_owned();
            let told = "an id here is digits only: it is not the phone number itself";
            if is_number(&text, 20) { Ok(text) } else { Err(wrong(name, told)) }
        };
        let token = entry(TOKEN);
        if !usable(token.expose_secret()) {
            return Err(wrong(TOKEN, "a token has no spaces: copy all of it"));
        }
        let (phone, business) = (id(PHONE)?, id(BUSINESS)?);
        let recipient = digits(entry(RECIPIENT).expose_secret())
            .ok_or_else(|| wrong(RECIPIENT, "give the number with its country code, such as +1 650 555 1234"))?;
        let found = self.read(app, &token, &phone, &[], PHONE).await?;
        let found = found.json::<Phone>().filter(|found| found.id == phone).ok_or(KeyFailure::Unavailable)?;
        // Whether the token may see the templates is told by asking for one that may not be there.
        let templates = [("name", "herald")];
        let listed = self.read(app, &token, &format!("{business}/message_templates"), &templates, BUSINESS).await?;
        listed.json::<List<Value>>().ok_or(KeyFailure::Unavailable)?;
        let from = words(&found.verified_name.replace(token.expose_secret(), "…"));
        let from = if from.is_empty() { "WhatsApp".to_owned() } else { from };
        let last = &recipient[recipient.len() - SHOWN..];
        let profile = Profile {
            external_id: account_id(&phone, &business, &recipient),
            name: format!("{from} to …{last}"),
            handle: None,
            kind: AccountKind::Person,
            home: None,
        };
        let secret = format!("{recipient}:{}", token.expose_secret());
        Ok(Keyed::lasting(secret.into(), profile))
    }
}
