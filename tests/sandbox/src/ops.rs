//! Names the operation a request asks for, in one place: faults, call counters, scopes and rate limits all use it.

use axum::extract::Request;
use axum::http::Method;
use serde::{Deserialize, Serialize};

use crate::site::SITES;
use crate::{meta, slack, tiktok};

/// Which imitated service a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Platform {
    X,
    Linkedin,
    Telegram,
    Discord,
    Mastodon,
    Slack,
    Wordpress,
    Bluesky,
    Facebook,
    Instagram,
    Threads,
    Medium,
    Mailchimp,
    Sendgrid,
    Youtube,
    Tiktok,
    Whatsapp,
    /// The webhook receiver, which takes faults too.
    Hooks,
}

impl Platform {
    /// Its name in paths and counters.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::X => "x",
            Self::Linkedin => "linkedin",
            Self::Telegram => "telegram",
            Self::Discord => "discord",
            Self::Mastodon => "mastodon",
            Self::Slack => "slack",
            Self::Wordpress => "wordpress",
            Self::Bluesky => "bluesky",
            Self::Facebook => "facebook",
            Self::Instagram => "instagram",
            Self::Threads => "threads",
            Self::Medium => "medium",
            Self::Mailchimp => "mailchimp",
            Self::Sendgrid => "sendgrid",
            Self::Youtube => "youtube",
            Self::Tiktok => "tiktok",
            Self::Whatsapp => "whatsapp",
            Self::Hooks => "hooks",
        }
    }
}

/// One kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Op {
    CreatePost,
    /// A post is made that nobody sees yet.
    Draft,
    DeletePost,
    /// Other words for a post.
    Amend,
    /// Posts by id.
    Lookup,
    /// Posts of an author.
    List,
    /// What was said to an account.
    Listen,
    /// Who the token belongs to.
    Me,
    /// Pages a member may act for.
    Orgs,
    /// Uploads, their metadata.
    Media,
    /// State of an upload.
    MediaStatus,
    /// What posts are sorted by.
    Terms,
    Token,
    Revoke,
    /// A webhook arrives.
    Receive,
}

impl Op {
    /// Its name in faults, settings and counters.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreatePost => "create_post",
            Self::Draft => "draft",
            Self::DeletePost => "delete_post",
            Self::Amend => "amend",
            Self::Lookup => "lookup",
            Self::List => "list",
            Self::Listen => "listen",
            Self::Me => "me",
            Self::Orgs => "orgs",
            Self::Media => "media",
            Self::MediaStatus => "media_status",
            Self::Terms => "terms",
            Self::Token => "token",
            Self::Revoke => "revoke",
            Self::Receive => "receive",
        }
    }
}

/// The words a fault may name: one operation, `read` (every call that changes nothing), or `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Target {
    One(Op),
    Group(Group),
}

/// A word for several operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Group {
    #[serde(rename = "read")]
    Read,
    #[serde(rename = "*")]
    All,
}

impl Target {
    /// Whether the word covers the operation.
    pub(crate) fn covers(self, op: Op) -> bool {
        match self {
            Self::One(one) => one == op,
            Self::Group(Group::All) => true,
            Self::Group(Group::Read) => {
                matches!(op, Op::Lookup | Op::List | Op::Listen | Op::Me | Op::Orgs | Op::MediaStatus)
            }
        }
    }
}

/// Whether only the body of a request to this path tells which operation it asks for: one of several steps, of which one publishes.
pub(crate) fn told_by_body(path: &str) -> bool {
    path == "/slack/api/files.completeUploadExternal" || is_of_videos(path)
}

/// Whether it is an address of a page's videos.
fn is_of_videos(path: &str) -> bool {
    let edges = ["/videos", "/video_reels", "/video_stories"];
    path.starts_with("/facebook/graph/") && edges.iter().any(|edge| path.ends_with(edge))
}

/// Whether such a request publishes.
pub(crate) fn publishes(path: &str, body: &[u8]) -> bool {
    if is_of_videos(path) { meta::finishes(body) } else { told_by_body(path) && slack::is_shared(body) }
}

/// The operation that a request asks for. TikTok takes all chunks of a file at one address, and the one that ends it publishes:
/// only its headers tell which that is.
pub(crate) fn asked(request: &Request) -> Option<(Platform, Op)> {
    let (platform, op) = of(request.method(), request.uri().path())?;
    let publishes = platform == Platform::Tiktok && op == Op::Media && tiktok::is_last(request.headers());
    Some((platform, if publishes { Op::CreatePost } else { op }))
}

/// The operation behind a method and path; `None` for pages and the control interface.
pub(crate) fn of(method: &Method, path: &str) -> Option<(Platform, Op)> {
    if let Some(rest) = path.strip_prefix("/x/api/2/") {
        return x(method, rest).map(|op| (Platform::X, op));
    }
    if let Some(rest) = path.strip_prefix("/linkedin/") {
        return linkedin(method, rest).map(|op| (Platform::Linkedin, op));
    }
    for site in SITES {
        if let Some(rest) = path.strip_prefix('/').and_then(|p| p.strip_prefix(site.platform.name())?.strip_prefix('/'))
        {
            return (site.op)(method, rest).map(|op| (site.platform, op));
        }
    }
    (method == Method::POST && path.starts_with("/hooks/")).then_some((Platform::Hooks, Op::Receive))
}

fn x(method: &Method, path: &str) -> Option<Op> {
    Some(match path {
        "oauth2/token" => Op::Token,
        "oauth2/revoke" => Op::Revoke,
        "users/me" => Op::Me,
        "tweets" if method == Method::POST => Op::CreatePost,
        "tweets" => Op::Lookup,
        "articles/draft" => Op::Draft,
        _ if path.starts_with("articles/") && path.ends_with("/publish") => Op::CreatePost,
        "media/upload" if method == Method::GET => Op::MediaStatus,
        _ if path.starts_with("media/") => Op::Media,
        _ if path.starts_with("users/") && path.ends_with("/tweets") => Op::List,
        _ if path.starts_with("tweets/") && method == Method::DELETE => Op::DeletePost,
        _ if path.starts_with("tweets/") => Op::Lookup,
        _ => return None,
    })
}

fn linkedin(method: &Method, path: &str) -> Option<Op> {
    Some(match path {
        "oauth/v2/accessToken" => Op::Token,
        "oauth/v2/revoke" => Op::Revoke,
        "api/v2/userinfo" => Op::Me,
        "api/rest/posts" if method == Method::POST => Op::CreatePost,
        "api/rest/posts" => Op::List,
        _ if path.starts_with("api/rest/socialActions/") => match *method {
            Method::POST => Op::CreatePost,
            Method::DELETE => Op::DeletePost,
            _ => Op::List,
        },
        "api/rest/images" | "api/rest/documents" | "api/rest/videos" => Op::Media,
        _ if path.starts_with("upload/") => Op::Media,
        _ if ["images/", "documents/", "videos/"].iter().any(|kind| path.starts_with(&format!("api/rest/{kind}"))) => {
            Op::MediaStatus
        }
        _ if path.starts_with("api/rest/organization") => Op::Orgs,
        _ if path.starts_with("api/rest/posts/") && method == Method::DELETE => Op::DeletePost,
        _ if path.starts_with("api/rest/posts/") && method == Method::POST => Op::Amend,
        _ if path.starts_with("api/rest/posts/") => Op::Lookup,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Op, Platform};
    use crate::GUIDE;
    use crate::state::Settings;
    use serde::de::DeserializeOwned;

    /// The names of an enumeration, of which the refusal of one that there is not tells all.
    fn names<T: DeserializeOwned>() -> Vec<String> {
        let refusal = serde_json::from_str::<T>("\"\"").err().unwrap().to_string();
        refusal.split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_guide_names_every_platform_operation_and_setting() {
        let (platforms, operations) = (names::<Platform>(), names::<Op>());
        assert!(platforms.contains(&"x".to_owned()) && operations.contains(&"create_post".to_owned()));
        let (_, faults) = GUIDE.split_once("\n### Faults\n").unwrap();
        let (faults, _) = faults.split_once("\n| kind |").unwrap();
        let named: Vec<&str> = faults.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        for name in platforms.iter().chain(&operations) {
            assert!(named.contains(&name.as_str()), "no fault of {name} in the guide");
        }
        let settings = serde_json::to_value(Settings::default()).unwrap();
        for name in settings.as_object().unwrap().keys() {
            assert!(GUIDE.contains(&format!("`{name}`")), "the setting {name} is not in the guide");
        }
    }
}
