//! Connecting: an integration token that Medium gave out until the end of 2024, and where its user publishes.

use super::api::{Contributor, Envelope, Publication, User};
use super::error::{FORGOTTEN, refused};
use super::{MAX_ID, Medium, WEB, api, signed};
use async_trait::async_trait;
use connector_kit::{Answer, Call, is_word, path_on, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{KeyField, KeyForm, KeyKind};
use ports::{Entries, KeyFailure, Keyed, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;

const TOKEN: &str = "token";
const PLACE: &str = "place";
/// What means the user's own profile, and no publication.
const PROFILE: &str = "profile";

/// What is asked for.
pub(super) fn form() -> KeyForm {
    KeyForm {
        help: "Medium has given out no integration tokens since 1 January 2025: enter one that was made before (Settings, Security \
               and apps). Without one Medium cannot be connected: import the story there from its address. Enter `profile` to \
               publish on the user's own profile, or the name or id of a publication whose editor the user is."
            .into(),
        fields: vec![
            KeyField::new(KeyKind::Secret, TOKEN, "Integration token", "2b1c…"),
            KeyField::new(KeyKind::Text, PLACE, "Profile or publication", PROFILE),
        ],
    }
}

fn wrong(field: &'static str, detail: impl Into<String>) -> KeyFailure {
    KeyFailure::Refused { field, detail: detail.into() }
}

fn turned_away(answer: &Answer) -> KeyFailure {
    match (answer.status, refused(answer)) {
        (401, _) => wrong(
            TOKEN,
            "Medium does not take this token: it was revoked, or is none. It has given out no new ones since 1 January 2025",
        ),
        (400..500, Some(error)) if FORGOTTEN.contains(&error.code) => {
            wrong(TOKEN, format!("Medium takes this token for nobody's any more: {}", answer.words(&error.message)))
        }
        _ => KeyFailure::Unavailable,
    }
}

impl Medium {
    async fn ask<T: DeserializeOwned>(
        &self,
        app: &PlatformApp,
        token: &SecretString,
        path: &str,
    ) -> Result<T, KeyFailure> {
        let call = signed(Call::get(api(app, path)), token);
        let answer = self.http.call(call).await.map_err(|_| KeyFailure::Unavailable)?;
        if answer.status != 200 {
            return Err(turned_away(&answer));
        }
        answer.json::<Envelope<T>>().map(|told| told.data).ok_or(KeyFailure::Unavailable)
    }

    /// The publication that was entered, if the user is an editor of it.
    async fn publication(
        &self,
        app: &PlatformApp,
        token: &SecretString,
        me: &User,
        entered: &str,
    ) -> Result<Publication, KeyFailure> {
        let all: Vec<Publication> = self.ask(app, token, &format!("users/{}/publications", me.id)).await?;
        let named: Vec<Publication> =
            all.into_iter().filter(|one| one.id == entered || one.name.eq_ignore_ascii_case(entered)).collect();
        let [found] = <[Publication; 1]>::try_from(named).map_err(|named| match named.len() {
            0 => {
                wrong(PLACE, "the user has no publication of this name or id on Medium: enter `profile` for their own")
            }
            _ => wrong(PLACE, "two publications have this name: enter the id of one"),
        })?;
        if !is_word(&found.id, MAX_ID) {
            return Err(KeyFailure::Unavailable);
        }
        let people: Vec<Contributor> = self.ask(app, token, &format!("publications/{}/contributors", found.id)).await?;
        if !people.iter().any(|one| one.user_id == me.id && one.role == "editor") {
            return Err(wrong(
                PLACE,
                "the user writes for this publication and is not an editor of it: Medium lets writers leave drafts only",
            ));
        }
        Ok(found)
    }
}

#[async_trait]
impl Keys for Medium {
    fn form(&self) -> &KeyForm {
        &self.form
    }

    async fn check(&self, app: &PlatformApp, entries: &Entries) -> Result<Keyed, KeyFailure> {
        let entry = |name: &str| entries.get(name).cloned().unwrap_or_default();
        let (token, entered) = (entry(TOKEN), entry(PLACE));
        if !is_word(token.expose_secret(), 200) {
            return Err(wrong(TOKEN, "an integration token is letters and digits"));
        }
        let me: User = self.ask(app, &token, "me").await?;
        if !is_word(&me.id, MAX_ID) {
            return Err(KeyFailure::Unavailable);
        }
        let entered = entered.expose_secret().trim();
        let profile = if entered.eq_ignore_ascii_case(PROFILE) {
            Profile {
                external_id: format!("users/{}", me.id),
                name: words(if me.name.is_empty() { &me.username } else { &me.name }),
                handle: Some(me.username).filter(|name| is_word(name, 50)),
                kind: AccountKind::Person,
                home: None,
            }
        } else {
            let found = self.publication(app, &token, &me, entered).await?;
            // One with a domain of its own has no name at Medium's.
            let own = format!("{}/", WEB.of(app));
            let path = path_on(&found.url, &["medium.com"], &own).filter(|path| path.len() == 1);
            Profile {
                external_id: format!("publications/{}", found.id),
                name: words(&found.name),
                handle: path.and_then(|mut path| path.pop()).filter(|name| is_word(name, 80)),
                kind: AccountKind::Organisation,
                home: None,
            }
        };
        Ok(Keyed::lasting(token, profile))
    }
}
