//! Connecting by an API key and the audience that campaigns go to.

use super::api::{List, Lists};
use super::auth::profile_of;
use super::error::not_done;
use super::{MAX_ID, Mailchimp, data_centre, root, signed};
use async_trait::async_trait;
use connector_kit::{Call, is_word, words};
use domain::platform::{KeyField, KeyForm, KeyKind};
use domain::publishing::Failure;
use jiff::Timestamp;
use ports::{Entries, KeyFailure, Keyed, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};

const KEY: &str = "key";
const AUDIENCE: &str = "audience";
/// Audiences that a page has, and the most pages that are read.
const PAGE: usize = 100;
const PAGES: usize = 10;
/// How many names are told.
const TOLD: usize = 5;

/// What is asked for.
pub(super) fn form() -> KeyForm {
    KeyForm {
        help: "In Mailchimp open Account and billing, Extras, API keys, make a key named Herald, and enter it here with the name or id \
               of the audience that posts go to. The audience's default sender is whom they are from. Every post is a campaign to all \
               of the audience."
            .into(),
        fields: vec![
            KeyField::new(KeyKind::Secret, KEY, "API key", "0123456789abcdef…-us6"),
            KeyField::new(KeyKind::Text, AUDIENCE, "Audience", "Newsletter"),
        ],
    }
}

fn wrong(field: &'static str, detail: impl Into<String>) -> KeyFailure {
    KeyFailure::Refused { field, detail: detail.into() }
}

fn turned_away(failure: Failure) -> KeyFailure {
    match failure {
        Failure::Unauthorized => {
            wrong(KEY, "Mailchimp does not take this key: it was revoked, or is of another data centre")
        }
        Failure::Revoked { detail } => wrong(KEY, format!("Mailchimp refuses this key: {detail}")),
        Failure::Rejected { code, detail } if code == "forbidden" => {
            wrong(KEY, format!("Mailchimp refuses this key: {detail}"))
        }
        _ => KeyFailure::Unavailable,
    }
}

impl Mailchimp {
    /// The audiences of whoever has this access.
    pub(super) async fn audiences(&self, root: &str, access: &SecretString) -> Result<Vec<List>, Failure> {
        let mut all = Vec::new();
        for page in 0..PAGES {
            let fields = "total_items,lists.id,lists.name,lists.campaign_defaults";
            let route = format!("{root}/lists?count={PAGE}&offset={}&fields={fields}", page * PAGE);
            let answer = self.ask(signed(Call::get(route), access)).await?;
            if answer.status != 200 {
                return Err(not_done(&answer, Timestamp::UNIX_EPOCH));
            }
            let told = answer.json::<Lists>().ok_or(Failure::Unavailable)?;
            let is_last = told.lists.is_empty() || all.len() + told.lists.len() >= told.total_items;
            // Names are shown to people, and a foreign text may hold anything: the access, too.
            let shown = |list: List| List { id: answer.words(&list.id), name: answer.words(&list.name), ..list };
            all.extend(told.lists.into_iter().map(shown));
            if is_last {
                return Ok(all);
            }
        }
        // What is not seen is not known to be absent.
        Err(Failure::Unavailable)
    }
}

#[async_trait]
impl Keys for Mailchimp {
    fn form(&self) -> &KeyForm {
        &self.form
    }

    async fn check(&self, app: &PlatformApp, entries: &Entries) -> Result<Keyed, KeyFailure> {
        let entry = |name: &str| entries.get(name).cloned().unwrap_or_default();
        let (key, entered) = (entry(KEY), entry(AUDIENCE));
        let Some(centre) = data_centre(&key).map(str::to_owned) else {
            return Err(wrong(
                KEY,
                "a key is letters and digits, a dash, and the data centre, as in …-us6: copy all of it",
            ));
        };
        let entered = entered.expose_secret().trim();
        let all = self.audiences(&root(app, &centre), &key).await.map_err(turned_away)?;
        let name = words(entered);
        let is_named = |list: &&List| list.id == entered || list.name.eq_ignore_ascii_case(&name);
        let named: Vec<&List> = all.iter().filter(is_named).collect();
        let [list] = named.as_slice() else {
            let shown: Vec<String> = all.iter().take(TOLD).map(|list| format!("{} ({})", list.name, list.id)).collect();
            let why = if named.is_empty() {
                "there is no such audience"
            } else {
                "two audiences have this name: enter an id"
            };
            return Err(wrong(AUDIENCE, format!("{why}; there are: {}", shown.join(", "))));
        };
        if !is_word(&list.id, MAX_ID) {
            return Err(KeyFailure::Unavailable);
        }
        if !list.campaign_defaults.is_whole() {
            return Err(wrong(
                AUDIENCE,
                "the audience has no default sender: set its from name and from email address in Mailchimp",
            ));
        }
        let profile = profile_of(&centre, list, true);
        Ok(Keyed::lasting(key, profile))
    }
}
