//! WordPress through the REST API of its core: on its owner's server with application passwords, and at WordPress.com by consent.
//! What is particular to it, with sources, is in this folder's README.

mod amend;
mod api;
mod auth;
mod comment;
mod error;
mod html;
mod keys;
mod listen;
mod media;
mod prepare;
mod publish;
mod terms;

#[cfg(test)]
mod tests;

use crate::words;
use connector_kit::http::{Base, repeatable};
use connector_kit::{Answer, Call, Http, is_id};
use domain::accounts::Account;
use domain::platform::{
    AmendRule, AskRule, Descriptor, DocumentRule, EncodingRule, Feature, KeyForm, Limits, LinkWords, OAuth, TagRule,
    TitleRule, VideoRule,
};
use domain::publishing::{ContentKind, Failure, Visibility};
use domain::text::TextRule;
use ports::{Auth, Connect, Connector, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;

/// WordPress.com: where people consent, and where the API of the sites there is.
const COM: Base = Base { name: "com", default: "https://public-api.wordpress.com" };
/// What the user must be allowed to do.
const CAPABILITIES: [&str; 2] = ["publish_posts", "upload_files"];

/// The connector.
pub(crate) struct WordPress {
    http: Http,
    descriptor: Descriptor,
    oauth: OAuth,
    form: KeyForm,
}

impl WordPress {
    pub(crate) fn new(http: Http) -> Self {
        Self { http, descriptor: descriptor(), oauth: auth::profile(), form: keys::form() }
    }

    /// A call that publishes nothing, so that a lost answer leaves no doubt.
    async fn ask(&self, call: Call) -> Result<Answer, Failure> {
        self.http.call(call).await.map_err(|lost| repeatable(lost.into()))
    }
}

impl Connector for WordPress {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn hosts(&self) -> &'static [&'static str] {
        &["public-api.wordpress.com"]
    }
}

impl Connect for WordPress {
    fn auth(&self) -> Option<&dyn Auth> {
        Some(self)
    }
    fn keys(&self) -> Option<&dyn Keys> {
        Some(self)
    }
}

/// An account's site, and as whom it is called.
struct Site<'a> {
    /// Where its API begins, without a slash at the end: `https://example.com/wp-json`, with plain permalinks
    /// `https://example.com/index.php?rest_route=`, and at WordPress.com the namespace `wp/v2` of the site.
    root: String,
    /// What its addresses for people are made of: see [`site`].
    home: &'a str,
    /// The user's number on the site.
    user: &'a str,
    access: Access<'a>,
}

/// What calls are made with.
enum Access<'a> {
    /// Name and application password, for a server that a customer named.
    Password(&'a str, SecretString),
    /// The token of a consent, for WordPress.com.
    Token(&'a SecretString),
}

impl<'a> Site<'a> {
    /// The site of a connected account. The account tells where it is, and never its access, so that a token goes to WordPress.com
    /// and nowhere else, and a password never there.
    fn of(app: &PlatformApp, account: &'a Account, access: &'a SecretString) -> Result<Self, Failure> {
        let (id, home) = (account.profile.external_id.as_str(), account.profile.home.as_deref());
        match (id.split_once('/'), home) {
            (Some((site, user)), Some(home)) if is_id(site) && is_id(user) => {
                Ok(Self { user, ..Self::at_com(app, site, home, access) })
            }
            (None, Some(home)) if is_id(id) => {
                let (name, password) = access.expose_secret().split_once(':').ok_or(Failure::Unauthorized)?;
                Ok(Self { user: id, ..Self::by_password(home, name, password.to_owned().into()) })
            }
            _ => {
                let detail = "the account names no user of a site: connect it again";
                Err(Failure::Rejected { code: "account_invalid".into(), detail: detail.into() })
            }
        }
    }

    /// A site whose API is there, for whoever it is that has this name.
    fn by_password(root: &'a str, name: &'a str, password: SecretString) -> Self {
        Self { root: root.to_owned(), home: root, user: "", access: Access::Password(name, password) }
    }

    /// The site of this number at WordPress.com, for whomever the token speaks for.
    fn at_com(app: &PlatformApp, number: &str, home: &'a str, token: &'a SecretString) -> Self {
        let root = format!("{}/wp/v2/sites/{number}", COM.of(app));
        Self { root, home, user: "", access: Access::Token(token) }
    }

    /// Whether it is at WordPress.com.
    fn is_com(&self) -> bool {
        matches!(self.access, Access::Token(_))
    }

    /// The address of a route, which may have a query.
    fn at(&self, route: &str) -> String {
        let route = if self.is_com() { route.trim_start_matches("wp/v2/") } else { route };
        let route = if self.root.contains('?') { route.replacen('?', "&", 1) } else { route.to_owned() };
        format!("{}/{route}", self.root)
    }

    /// The call as the user.
    fn signed(&self, call: Call) -> Call {
        match &self.access {
            Access::Password(name, password) => call.theirs().basic(name, password),
            Access::Token(token) => call.bearer(token),
        }
    }

    fn get(&self, route: &str) -> Call {
        self.signed(Call::get(self.at(route)))
    }

    fn post(&self, route: &str) -> Call {
        self.signed(Call::post(self.at(route)))
    }

    fn delete(&self, route: &str) -> Call {
        self.signed(Call::delete(self.at(route)))
    }
}

/// Where people read the site, without a slash at the end: its API lies below it, at a path that WordPress chooses.
fn site(root: &str) -> &str {
    let cut = root.find("/wp-json").or_else(|| root.find('?')).unwrap_or(root.len());
    root[..cut].trim_end_matches("index.php").trim_end_matches('/')
}

/// What WordPress has and this connector does not do, and what to do instead.
fn reasons() -> BTreeMap<Feature, String> {
    let visibility = "a post on WordPress is for everybody, or private, or a draft: choose one of these";
    BTreeMap::from([(Feature::Visibility, visibility.into())])
}

/// Largest video or document in bytes; ours.
const FILE: u64 = 20_000_000;

/// How long a comment is: it has 65,525 bytes, and these are as many characters as surely fit, each as long as an entity.
const COMMENT: TextRule = TextRule::Chars { limit: 10_000 };
/// What an answer takes, in words.
const WORDS_ALONE: &str = "Herald answers on WordPress with a comment, which is words alone: leave all else out";

fn descriptor() -> Descriptor {
    Descriptor {
        id: crate::slug("wordpress"),
        aliases: Vec::new(),
        name: "WordPress".into(),
        color: "#21759b".into(),
        queue: "blog".into(),
        limits: Limits {
            amend: Some(AmendRule { beside_media: false, titles: true }),
            // WordPress has no limits for these; they are the product's own.
            images: 10,
            alt_text: 1_000,
            title: Some(TitleRule { text: TextRule::Chars { limit: 200 }, required: true }),
            summary: Some(TextRule::Chars { limit: 1_000 }),
            // A name has 200 characters; how many there are is the product's own.
            tags: Some(TagRule::new(20, 200)),
            categories: Some(TagRule::new(10, 200)),
            kinds: vec![ContentKind::Post, ContentKind::Article],
            // What surely leaves within the time of one request: a site takes files whole.
            video: Some(VideoRule {
                most: 1,
                bytes: FILE,
                min_ms: 0,
                max_ms: u64::MAX,
                // What browsers play without help.
                types: words(&["video/mp4"]),
                codecs: Vec::new(),
                beside_pictures: true,
                alt_text: false,
                title: true,
                alt_chars: None,
                shape: None,
                captions: None,
                cover_at: false,
                encoding: EncodingRule::default(),
            }),
            document: Some(DocumentRule {
                most: 5,
                bytes: FILE,
                types: words(&["application/pdf"]),
                // Readers open it by its title.
                needs_title: true,
                beside_others: true,
            }),
            first_comment: Some(COMMENT),
            answer: Some(Box::new(Limits {
                amend: Some(AmendRule::default()),
                ..Limits::of_comment(COMMENT, WORDS_ALONE)
            })),
            visibilities: vec![Visibility::Private],
            asked: Some(AskRule { least_min: 5, scarce: false }),
            has: vec![Feature::Draft, Feature::Reply],
            reasons: reasons(),
            // What a site takes is its server's to say, and told by nobody beforehand.
            image_bytes: 10 * 1024 * 1024,
            image_types: words(&["image/jpeg", "image/png", "image/gif", "image/webp"]),
            link_words: LinkWords::All,
            ..Limits::text_only(TextRule::Chars { limit: 100_000 })
        },
        // Ten minutes in which a request may still take effect: longer than PHP lets one run on any usual server.
        settle_s: 600,
    }
}
