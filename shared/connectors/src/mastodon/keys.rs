//! Connecting: the server and an access token that its owner made there.

use super::api::{Application, CredentialAccount, Instance};
use super::{LINK_CHARACTERS, MAX_CHARACTERS, Mastodon, error};
use async_trait::async_trait;
use connector_kit::{Answer, Call, is_id, is_word, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{KeyField, KeyForm, KeyKind};
use ports::{Entries, KeyFailure, Keyed, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

const SERVER: &str = "server";
const TOKEN: &str = "token";
/// Longest user name that is believed; Mastodon allows 30 characters.
const MAX_USERNAME: usize = 64;

/// What calls need, each as the scope that says just that and the one that includes it.
const NEEDED: [(&str, &str); 3] = [("read:statuses", "read"), ("write:statuses", "write"), ("write:media", "write")];

/// What is asked for.
pub(super) fn form() -> KeyForm {
    KeyForm {
        help: "On your server, under Preferences > Development, make a new application with the scopes read and write (or \
               only read:accounts, read:statuses, write:statuses and write:media). Its page shows the access token."
            .into(),
        fields: vec![
            KeyField::new(KeyKind::Server, SERVER, "Server", "mastodon.social"),
            KeyField::new(KeyKind::Secret, TOKEN, "Access token", "ZA-Yj3aBD8U8…"),
        ],
    }
}

fn refused(field: &'static str, detail: impl Into<String>) -> KeyFailure {
    KeyFailure::Refused { field, detail: detail.into() }
}

/// Why an answer that is no success is the person's to mend, or nobody's.
fn judge(answer: &Answer) -> KeyFailure {
    match answer.status {
        401 => refused(TOKEN, "the server does not know this token: copy the access token of your application again"),
        // The words name the scope that lacks, or what is wrong with the login.
        403 | 422 => match error::said(answer) {
            Some(said) => refused(
                TOKEN,
                format!(
                    "the server refuses it: {said}. The application needs the scopes read and write, and a login in use"
                ),
            ),
            None => KeyFailure::Unavailable,
        },
        408 | 429 | 500.. => KeyFailure::Unavailable,
        300..=399 => refused(SERVER, "this address leads to another one: enter the one where you sign in"),
        _ => not_mastodon(),
    }
}

fn not_mastodon() -> KeyFailure {
    refused(SERVER, "no Mastodon 4 answers at this address: enter the one where you sign in")
}

/// The body of a success; a cut one tells nothing, and any other is not Mastodon's.
fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, KeyFailure> {
    if !answer.is_success() {
        return Err(judge(answer));
    }
    answer.json().ok_or_else(|| if answer.whole { not_mastodon() } else { KeyFailure::Unavailable })
}

/// Refuses a token whose application may not do what is needed. Servers tell that since 4.3; what others answer proves nothing.
fn may(answer: &Answer) -> Result<(), KeyFailure> {
    if matches!(answer.status, 408 | 429 | 500..) || !answer.whole {
        return Err(KeyFailure::Unavailable);
    }
    let told = answer.json::<Application>().filter(|_| answer.status == 200).and_then(|app| app.scopes);
    let Some(scopes) = told else { return Ok(()) };
    let has = |scope: &str| scopes.iter().any(|other| other == scope);
    match NEEDED.iter().find(|(narrow, wide)| !has(narrow) && !has(wide)) {
        None => Ok(()),
        Some((narrow, wide)) => Err(refused(
            TOKEN,
            format!("its application lacks the scope {wide} (or {narrow}): tick it there, and regenerate the token"),
        )),
    }
}

/// Refuses a server on which the descriptor's limits would promise too much.
fn measure(instance: &Instance) -> Result<(), KeyFailure> {
    let limits = &instance.configuration.statuses;
    if limits.max_characters < u64::from(MAX_CHARACTERS) {
        let most = limits.max_characters;
        return Err(refused(
            SERVER,
            format!("this server takes {most} characters in a post, and Herald needs one that takes {MAX_CHARACTERS}"),
        ));
    }
    if limits.characters_reserved_per_url > u64::from(LINK_CHARACTERS) {
        let each = limits.characters_reserved_per_url;
        return Err(refused(
            SERVER,
            format!("this server counts {each} characters for a link, and Herald counts {LINK_CHARACTERS}"),
        ));
    }
    Ok(())
}

/// What the account's handle ends with: what the server says, if it looks like a domain, else where it is.
fn domain(instance: &Instance, home: &str) -> Option<String> {
    let told = instance.domain.as_str();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    if (1..=253).contains(&told.len()) && told.chars().all(plain) {
        return Some(told.to_owned());
    }
    Url::parse(home).ok()?.host_str().map(str::to_owned)
}

#[async_trait]
impl Keys for Mastodon {
    fn form(&self) -> &KeyForm {
        &self.form
    }

    async fn check(&self, _: &PlatformApp, entries: &Entries) -> Result<Keyed, KeyFailure> {
        let entry = |name: &'static str| entries.get(name).ok_or_else(|| refused(name, "it is needed"));
        let (server, token) = (entry(SERVER)?, entry(TOKEN)?);
        // One spelling of one server: an account's id follows from it, and two of one would say everything twice.
        let home = Url::parse(server.expose_secret()).map_err(|_| not_mastodon())?;
        let home = home.as_str().trim_end_matches('/').to_owned();
        if !token.expose_secret().bytes().all(|b| b.is_ascii_graphic()) {
            return Err(refused(
                TOKEN,
                "it has characters that no token has: copy it again, without what stands around it",
            ));
        }
        let account: CredentialAccount =
            read(&self.see(format!("{home}/api/v1/accounts/verify_credentials"), token).await?)?;
        if !is_id(&account.id) || !is_word(&account.username, MAX_USERNAME) {
            return Err(not_mastodon());
        }
        may(&self.see(format!("{home}/api/v1/apps/verify_credentials"), token).await?)?;
        let instance: Instance = read(&self.see(format!("{home}/api/v2/instance"), token).await?)?;
        measure(&instance)?;
        let shown = words(&account.display_name);
        let profile = Profile {
            external_id: account.id,
            name: if shown.is_empty() { account.username.clone() } else { shown },
            handle: domain(&instance, &home).map(|domain| format!("{}@{domain}", account.username)),
            kind: AccountKind::Person,
            home: Some(home),
        };
        Ok(Keyed::lasting(token.clone(), profile))
    }
}

impl Mastodon {
    async fn see(&self, url: String, token: &SecretString) -> Result<Answer, KeyFailure> {
        self.http.call(Call::get(url).theirs().bearer(token)).await.map_err(|_| KeyFailure::Unavailable)
    }
}
