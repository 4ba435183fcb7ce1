//! Connecting: an API key, the contact list that posts go to, whom they are from, and what recipients can unsubscribe from.

use super::api::{Group, List, Sender, Senders};
use super::error::refused;
use super::{Mailing, SendGrid, address, is_uuid};
use async_trait::async_trait;
use connector_kit::{Answer, Call, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{KeyField, KeyForm, KeyKind};
use ports::{Entries, KeyFailure, Keyed, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;

const KEY: &str = "key";
const LIST: &str = "list";
const SENDER: &str = "sender";
const GROUP: &str = "group";
/// How many names are told.
const TOLD: usize = 5;

/// What is asked for.
pub(super) fn form() -> KeyForm {
    KeyForm {
        help: "In SendGrid open Settings, API Keys, make a key named Herald that may use Marketing, unsubscribe groups and sender \
               verification, and enter it here with three names or ids: of the contact list that posts go to, of the verified sender \
               whom they are from, and of the unsubscribe group that recipients can leave. Every post is a single send to all of the \
               list."
            .into(),
        fields: vec![
            KeyField::new(KeyKind::Secret, KEY, "API key", "SG.…"),
            KeyField::new(KeyKind::Text, LIST, "Contact list", "Newsletter"),
            KeyField::new(KeyKind::Text, SENDER, "Sender", "hello@example.com"),
            KeyField::new(KeyKind::Text, GROUP, "Unsubscribe group", "Newsletters"),
        ],
    }
}

fn wrong(field: &'static str, detail: impl Into<String>) -> KeyFailure {
    KeyFailure::Refused { field, detail: detail.into() }
}

/// Whether it may stand in a header: `SG.`, and letters, digits, dots, dashes and underscores.
fn is_key(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    text.starts_with("SG.") && (20..=200).contains(&text.len()) && text.bytes().all(fits)
}

fn turned_away(answer: &Answer) -> KeyFailure {
    match (answer.status, refused(answer)) {
        (401, _) => wrong(KEY, "SendGrid does not take this key: it was deleted, or is not whole"),
        (403, Some(_)) => wrong(
            KEY,
            "this key may not do that: it needs access to Marketing, unsubscribe groups and sender verification",
        ),
        _ => KeyFailure::Unavailable,
    }
}

/// One thing of several that a person names.
struct Choice {
    id: String,
    names: Vec<String>,
}

impl Choice {
    /// Both may be shown to people, and a foreign text may hold anything: the key, too.
    fn new(key: &SecretString, id: &impl ToString, names: &[&str]) -> Self {
        let shown = |text: &str| words(&text.replace(key.expose_secret(), "…"));
        Self { id: shown(&id.to_string()), names: names.iter().map(|name| shown(name)).collect() }
    }

    fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

/// The one of this id or, if none has it, of this name. `what` is what people call such a thing.
fn chosen<'a>(all: &'a [Choice], field: &'static str, what: &str, entered: &str) -> Result<&'a Choice, KeyFailure> {
    if let Some(choice) = all.iter().find(|choice| choice.id.eq_ignore_ascii_case(entered)) {
        return Ok(choice);
    }
    let entered = words(entered);
    let is_named = |choice: &&Choice| choice.names.iter().any(|name| name.eq_ignore_ascii_case(&entered));
    let named: Vec<&Choice> = all.iter().filter(is_named).collect();
    if let [choice] = named.as_slice() {
        return Ok(choice);
    }
    let shown: Vec<String> = all.iter().take(TOLD).map(|choice| format!("{} ({})", choice.name(), choice.id)).collect();
    let why = if named.is_empty() {
        format!("there is no such {what}")
    } else {
        format!("there is more than one {what} of this name: enter an id")
    };
    Err(wrong(field, format!("{why}; there are: {}", shown.join(", "))))
}

impl SendGrid {
    async fn lists(&self, app: &PlatformApp, key: &SecretString) -> Result<Vec<List>, KeyFailure> {
        self.listed(app, key, "marketing/lists", None)
            .await
            .map_err(|answer| answer.map_or(KeyFailure::Unavailable, |answer| turned_away(&answer)))
    }

    async fn read<T: DeserializeOwned>(
        &self,
        app: &PlatformApp,
        key: &SecretString,
        route: &str,
    ) -> Result<T, KeyFailure> {
        let request = Call::get(address(app, route)).bearer(key);
        let answer = self.http.call(request).await.map_err(|_| KeyFailure::Unavailable)?;
        if answer.status != 200 {
            return Err(turned_away(&answer));
        }
        answer.json::<T>().ok_or(KeyFailure::Unavailable)
    }
}

#[async_trait]
impl Keys for SendGrid {
    fn form(&self) -> &KeyForm {
        &self.form
    }

    async fn check(&self, app: &PlatformApp, entries: &Entries) -> Result<Keyed, KeyFailure> {
        let entry = |name: &str| entries.get(name).cloned().unwrap_or_default();
        let (key, list, sender, group) = (entry(KEY), entry(LIST), entry(SENDER), entry(GROUP));
        let text = |entered: &'_ SecretString| entered.expose_secret().trim().to_owned();
        if !is_key(key.expose_secret()) {
            return Err(wrong(KEY, "an API key begins with SG. and is shown once, when it is made: copy all of it"));
        }
        let lists = self.lists(app, &key).await?;
        let choices: Vec<Choice> = lists.iter().map(|list| Choice::new(&key, &list.id, &[&list.name])).collect();
        let list = chosen(&choices, LIST, "contact list", &text(&list))?;
        let senders = self.read::<Senders>(app, &key, "verified_senders").await?.results;
        let choice = |sender: &Sender| Choice::new(&key, &sender.id, &[&sender.nickname, &sender.from_email]);
        let choices: Vec<Choice> = senders.iter().map(choice).collect();
        let sender = chosen(&choices, SENDER, "sender", &text(&sender))?;
        if !senders.iter().any(|known| known.verified && known.id.to_string() == sender.id) {
            return Err(wrong(
                SENDER,
                "this sender is not verified: follow the link in the mail that SendGrid sent it",
            ));
        }
        let groups: Vec<Group> = self.read(app, &key, "asm/groups").await?;
        let choices: Vec<Choice> = groups.iter().map(|group| Choice::new(&key, &group.id, &[&group.name])).collect();
        let group = chosen(&choices, GROUP, "unsubscribe group", &text(&group))?;
        let external_id = format!("{}/{}/{}", list.id, sender.id, group.id);
        if !is_uuid(&list.id) || Mailing::parsed(&external_id).is_none() {
            return Err(KeyFailure::Unavailable);
        }
        let profile = Profile {
            external_id,
            name: list.name().to_owned(),
            handle: None,
            kind: AccountKind::Organisation,
            home: None,
        };
        Ok(Keyed::lasting(key, profile))
    }
}
