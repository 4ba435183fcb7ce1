//! Mailchimp, Marketing API 3.0: a post is a campaign to one audience. What is particular to it, with sources, is in this folder's
//! README.

mod api;
mod auth;
mod campaign;
mod error;
pub(crate) mod inbound;
mod keys;
mod prepare;
mod publish;

#[cfg(test)]
mod tests;

use connector_kit::http::{Base, repeatable};
use connector_kit::{Answer, Call, Http, is_word};
use domain::accounts::Account;
use domain::platform::{Descriptor, Feature, KeyForm, Limits, LinkWords, OAuth, TitleRule};
use domain::publishing::{ContentKind, Failure};
use domain::text::TextRule;
use ports::{Auth, Connect, Connector, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;

/// The name of the base that replaces the data centre's own, for tests.
const API: &str = "api";
/// Where people consent, and tokens are given and told of.
const LOGIN: Base = Base { name: "login", default: "https://login.mailchimp.com" };
/// Longest id that is taken.
const MAX_ID: usize = 40;

/// The connector.
pub(crate) struct Mailchimp {
    http: Http,
    descriptor: Descriptor,
    oauth: OAuth,
    form: KeyForm,
}

impl Mailchimp {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), oauth: auth::profile(), form: keys::form() }
    }

    /// A call that sends nothing to anybody, so that a lost answer leaves no doubt.
    async fn ask(&self, call: Call) -> Result<Answer, Failure> {
        self.http.call(call).await.map_err(|lost| repeatable(lost.into()))
    }
}

impl Connector for Mailchimp {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["api.mailchimp.com", "login.mailchimp.com"]
    }
}

impl Connect for Mailchimp {
    fn auth(&self) -> Option<&dyn Auth> {
        Some(self)
    }
    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// Whether this can be the name of a data centre, which stands in the address of its API.
fn is_centre(centre: &str) -> bool {
    (1..=8).contains(&centre.len()) && is_plain(centre)
}

/// The data centre that a key is of: it stands behind the key's dash. None of what is no key, such as the token of a consent.
fn data_centre(key: &SecretString) -> Option<&str> {
    let (secret, centre) = key.expose_secret().rsplit_once('-')?;
    ((20..=100).contains(&secret.len()) && is_plain(secret) && is_centre(centre)).then_some(centre)
}

/// An account's audience, and the access that its data centre takes: a key, or a consent's token.
struct Audience<'a> {
    root: String,
    list: &'a str,
    access: &'a SecretString,
}

impl<'a> Audience<'a> {
    /// That of a connected account.
    fn of(app: &PlatformApp, account: &'a Account, access: &'a SecretString) -> Result<Self, Failure> {
        let named = account.profile.external_id.split_once('/');
        let (centre, list) =
            named.filter(|(centre, list)| is_centre(centre) && is_word(list, MAX_ID)).ok_or_else(|| {
                let detail = "the account names no audience: connect it again";
                Failure::Rejected { code: "account_invalid".into(), detail: detail.into() }
            })?;
        // A key of another data centre is of another customer of Mailchimp's.
        if data_centre(access).is_some_and(|of_key| of_key != centre) {
            return Err(Failure::Unauthorized);
        }
        Ok(Self { root: root(app, centre), list, access })
    }

    fn signed(&self, call: Call) -> Call {
        signed(call, self.access)
    }

    fn at(&self, route: &str) -> String {
        format!("{}/{route}", self.root)
    }
}

/// A call with a key, with which any name goes, or with the token of a consent.
fn signed(call: Call, access: &SecretString) -> Call {
    if data_centre(access).is_some() { call.basic("herald", access) } else { call.bearer(access) }
}

/// Where the API of a data centre is.
fn root(app: &PlatformApp, centre: &str) -> String {
    app.bases.get(API).cloned().unwrap_or_else(|| format!("https://{centre}.api.mailchimp.com/3.0"))
}

fn reasons() -> BTreeMap<Feature, String> {
    let picture =
        "pictures of a campaign lie in Mailchimp's own file manager, which is not used here: give the text a link";
    let draft = "a draft in Mailchimp is what a campaign is before it is sent: keep the post as a draft here";
    let amend = "mail that was sent cannot be changed";
    let document = "Herald attaches no files to campaigns on Mailchimp: give the text a link";
    BTreeMap::from([
        (Feature::Picture, picture.into()),
        (Feature::Document, document.into()),
        (Feature::Draft, draft.into()),
        (Feature::Amend, amend.into()),
    ])
}

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("mailchimp"),
        aliases: Vec::new(),
        name: "Mailchimp".into(),
        color: "#ffe01b".into(),
        queue: "blog".into(),
        limits: Limits {
            // What Mailchimp takes is not documented; the product's own, as are the others.
            title: Some(TitleRule { text: TextRule::Utf16 { limit: 150 }, required: true }),
            summary: Some(TextRule::Utf16 { limit: 150 }),
            kinds: vec![ContentKind::Post, ContentKind::Article],
            filled_in: vec![prepare::MERGE_TAG.into()],
            reasons: reasons(),
            link_words: LinkWords::Title,
            ..Limits::text_only(TextRule::Chars { limit: 100_000 })
        },
        // Ten minutes in which a request may still take effect: Mailchimp ends its own after two.
        settle_s: 600,
    }
}
