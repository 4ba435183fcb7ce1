//! SendGrid, API v3: a post is a single send to one contact list. What is particular to it, with sources, is in this folder's
//! README.

mod api;
mod error;
pub(crate) mod inbound;
mod keys;
mod prepare;
mod publish;
mod single;

#[cfg(test)]
mod tests;

use api::{Page, Search};
use connector_kit::http::{Base, repeatable};
use connector_kit::{Answer, Call, Http, is_id, segment};
use domain::accounts::Account;
use domain::platform::{Descriptor, Feature, KeyForm, Limits, LinkWords, TitleRule};
use domain::publishing::{ContentKind, Failure};
use domain::text::TextRule;
use ports::{Connect, Connector, Keys, PlatformApp};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Where the API is.
const API: Base = Base { name: "api", default: "https://api.sendgrid.com/v3" };
/// Entries that a page of a listing has, and the most pages that are read.
const PAGE: usize = 100;
const PAGES: usize = 10;

/// The connector.
pub(crate) struct SendGrid {
    http: Http,
    descriptor: Descriptor,
    form: KeyForm,
}

impl SendGrid {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), form: keys::form() }
    }

    /// A call that sends nothing to anybody, so that a lost answer leaves no doubt.
    async fn ask(&self, call: Call) -> Result<Answer, Failure> {
        self.http.call(call).await.map_err(|lost| repeatable(lost.into()))
    }

    /// All that a listing, or a search, tells. Else what was answered instead, if anything was.
    async fn listed<T: DeserializeOwned>(
        &self,
        app: &PlatformApp,
        key: &SecretString,
        route: &str,
        search: Option<&Search<'_>>,
    ) -> Result<Vec<T>, Option<Box<Answer>>> {
        let (mut all, mut from) = (Vec::new(), String::new());
        for _ in 0..PAGES {
            let url = address(app, &format!("{route}?page_size={PAGE}{from}"));
            let request = search.map_or_else(|| Call::get(&url), |search| Call::post(&url).json(search));
            let answer = self.http.call(request.bearer(key)).await.map_err(|_| None)?;
            if answer.status != 200 {
                return Err(Some(Box::new(answer)));
            }
            let page = answer.json::<Page<T>>().ok_or(None)?;
            all.extend(page.result);
            match page.metadata.token() {
                None => return Ok(all),
                Some(token) if token.is_empty() => return Err(None),
                Some(token) => from = format!("&page_token={}", segment(&token)),
            }
        }
        // Not all could be looked at, and what is not seen is not known to be absent.
        Err(None)
    }
}

impl Connector for SendGrid {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["api.sendgrid.com"]
    }
}

impl Connect for SendGrid {
    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }
}

fn address(app: &PlatformApp, route: &str) -> String {
    format!("{}/{route}", API.of(app))
}

/// An id as SendGrid writes those of lists and single sends: a UUID in lower case, with dashes.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_hex = |group: &&str| group.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(is_hex)
}

/// To whom an account sends, from whom, and what its recipients can leave. Its id names all three.
struct Mailing<'a> {
    list: &'a str,
    sender: u64,
    group: u64,
}

impl<'a> Mailing<'a> {
    /// That of a connected account.
    fn of(account: &'a Account) -> Result<Self, Failure> {
        Self::parsed(&account.profile.external_id).ok_or_else(|| {
            let detail = "the account names no list, sender and unsubscribe group: connect it again";
            Failure::Rejected { code: "account_invalid".into(), detail: detail.into() }
        })
    }

    fn parsed(external_id: &'a str) -> Option<Self> {
        let (list, rest) = external_id.split_once('/')?;
        let (sender, group) = rest.split_once('/')?;
        if !(is_uuid(list) && is_id(sender) && is_id(group)) {
            return None;
        }
        Some(Self { list, sender: sender.parse().ok()?, group: group.parse().ok()? })
    }
}

fn reasons() -> BTreeMap<Feature, String> {
    let picture =
        "pictures of a single send lie in SendGrid's own library, which is not used here: give the text a link";
    let summary = "single sends take no preview text through the API: mail programs show how the text begins";
    let draft = "a draft in SendGrid is what a single send is before it is sent: keep the post as a draft here";
    let amend = "mail that was sent cannot be changed";
    let document = "Herald attaches no files to single sends on SendGrid: give the text a link";
    let all = [
        (Feature::Picture, picture),
        (Feature::Document, document),
        (Feature::Summary, summary),
        (Feature::Draft, draft),
        (Feature::Amend, amend),
    ];
    all.into_iter().map(|(feature, why)| (feature, why.to_owned())).collect()
}

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("sendgrid"),
        aliases: Vec::new(),
        name: "SendGrid".into(),
        color: "#1a82e2".into(),
        queue: "blog".into(),
        limits: Limits {
            // What SendGrid takes is not documented; the product's own, as are the others.
            title: Some(TitleRule { text: TextRule::Utf16 { limit: 150 }, required: true }),
            kinds: vec![ContentKind::Post, ContentKind::Article],
            filled_in: crate::words(&prepare::TAGS),
            reasons: reasons(),
            link_words: LinkWords::Title,
            ..Limits::text_only(TextRule::Chars { limit: 100_000 })
        },
        // Ten minutes in which a request may still take effect.
        settle_s: 600,
    }
}
