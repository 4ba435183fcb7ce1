//! How a product is registered with the imitated platforms, and at which addresses it finds them.

use std::collections::BTreeMap;

/// Our registration with a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The client; any will do where accounts are connected by a key.
    pub client_id: String,
    /// What the client proves itself with.
    pub client_secret: String,
    /// What the platform calls each of its addresses, and where that is here.
    pub bases: BTreeMap<String, String>,
}

/// The registration with `platform` at a server of this base address.
pub fn registration(base_url: &str, platform: &str) -> Registration {
    let bases: &[(&str, &str)] = match platform {
        "x" => &[("api", "x/api"), ("authorize", "x")],
        "linkedin" => &[("api", "linkedin/api"), ("oauth", "linkedin/oauth/v2")],
        "slack" => &[("api", "slack/api"), ("web", "slack")],
        "facebook" => &[("graph", "facebook/graph"), ("web", "facebook/web")],
        "instagram" => &[
            ("graph", "instagram/graph"),
            ("api", "instagram/api"),
            ("web", "instagram/web"),
            ("facebook_graph", "facebook/graph"),
            ("facebook_web", "facebook/web"),
        ],
        "threads" => &[("graph", "threads/graph"), ("web", "threads/web")],
        "mailchimp" => &[("api", "mailchimp"), ("login", "mailchimp"), ("web", "mailchimp")],
        "tiktok" => &[("api", "tiktok/api"), ("web", "tiktok/web")],
        "whatsapp" => &[("graph", "whatsapp/graph")],
        "wordpress" => &[("com", "wordpress/com")],
        "youtube" => &[
            ("api", "youtube/api"),
            ("authorize", "youtube/accounts"),
            ("token", "youtube/oauth"),
            ("web", "youtube/web"),
        ],
        site => &[("api", site), ("web", site)],
    };
    Registration {
        client_id: format!("sandbox-{platform}"),
        client_secret: format!("sandbox-{platform}-secret"),
        bases: bases.iter().map(|(name, path)| ((*name).to_owned(), format!("{base_url}/{path}"))).collect(),
    }
}
