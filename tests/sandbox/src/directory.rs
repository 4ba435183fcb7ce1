//! The demo people and organisations. They are constants, so that a test can name them and a demo looks the same
//! on every machine.

/// Somebody who can give consent.
pub(crate) struct Actor {
    /// X: numeric user id. LinkedIn: the `sub` of the person. Slack: the id of the workspace. YouTube: that of the channel. TikTok: the open id. Facebook, Instagram: a number.
    pub(crate) id: &'static str,
    /// X: the @name. LinkedIn: the vanity name. Slack: the workspace's name in its address.
    pub(crate) handle: &'static str,
    pub(crate) name: &'static str,
    /// Shown under the name.
    pub(crate) about: &'static str,
    /// X Premium: posts of up to 25,000 units.
    pub(crate) premium: bool,
    /// Organisation or page, and the role or task there.
    pub(crate) roles: &'static [(&'static str, &'static str)],
}

/// A page of LinkedIn or Facebook.
pub(crate) struct Organization {
    pub(crate) id: &'static str,
    pub(crate) vanity: &'static str,
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
}

/// The users of X.
pub(crate) const X_USERS: &[Actor] = &[
    Actor {
        id: "1800000000000000001",
        handle: "ada_demo",
        name: "Ada Demo",
        about: "Everyday account",
        premium: false,
        roles: &[],
    },
    Actor {
        id: "1800000000000000002",
        handle: "bo_demo",
        name: "Bo Demo",
        about: "Second account",
        premium: false,
        roles: &[],
    },
    Actor {
        id: "1800000000000000003",
        handle: "cleo_demo",
        name: "Cleo Demo",
        about: "Premium: long posts",
        premium: true,
        roles: &[],
    },
];

/// The members of LinkedIn.
pub(crate) const LINKEDIN_MEMBERS: &[Actor] = &[
    Actor {
        id: "demoAda001",
        handle: "ada-demo",
        name: "Ada Demo",
        about: "Administrator of two pages",
        premium: false,
        roles: &[("5001001", "ADMINISTRATOR"), ("5001002", "ADMINISTRATOR")],
    },
    Actor {
        id: "demoBo0002",
        handle: "bo-demo",
        name: "Bo Demo",
        about: "Content administrator of one page",
        premium: false,
        roles: &[("5001002", "CONTENT_ADMINISTRATOR")],
    },
    Actor {
        id: "demoCleo03",
        handle: "cleo-demo",
        name: "Cleo Demo",
        about: "Member without a page",
        premium: false,
        roles: &[],
    },
];

/// The people of Facebook. Pages are what they publish for.
pub(crate) const FACEBOOK_PEOPLE: &[Actor] = &[
    Actor {
        id: "100001",
        handle: "ada-demo",
        name: "Ada Demo",
        about: "Manages two pages",
        premium: false,
        roles: &[("61001", "MANAGE"), ("61002", "CREATE_CONTENT")],
    },
    Actor {
        id: "100002",
        handle: "bo-demo",
        name: "Bo Demo",
        about: "Analyst of one page",
        premium: false,
        roles: &[("61002", "ANALYZE")],
    },
    Actor { id: "100003", handle: "cleo-demo", name: "Cleo Demo", about: "No page", premium: false, roles: &[] },
];

/// The professional accounts of Instagram.
pub(crate) const INSTAGRAM_ACCOUNTS: &[Actor] = &[
    Actor {
        id: "17841400000000001",
        handle: "harbour.coffee.demo",
        name: "Harbour Coffee Demo",
        about: "Business account of a page",
        premium: false,
        roles: &[],
    },
    Actor {
        id: "17841400000000002",
        handle: "ada.pictures.demo",
        name: "Ada Pictures Demo",
        about: "Creator account without a page",
        premium: false,
        roles: &[],
    },
];

/// The pages of LinkedIn and of Facebook.
pub(crate) const ORGANIZATIONS: &[Organization] = &[
    Organization { id: "5001001", vanity: "harbour-coffee-demo", name: "Harbour Coffee Demo", about: "Food and drink" },
    Organization { id: "5001002", vanity: "lighthouse-labs-demo", name: "Lighthouse Labs Demo", about: "Research" },
    Organization { id: "61001", vanity: "harbour.coffee.demo", name: "Harbour Coffee Demo", about: "Café" },
    Organization { id: "61002", vanity: "lighthouse.labs.demo", name: "Lighthouse Labs Demo", about: "Science" },
];

/// The accounts of Mailchimp, all with the same audiences.
pub(crate) const MAILCHIMP_ACCOUNTS: &[Actor] = &[Actor {
    id: "harbour",
    handle: "harbour",
    name: "Harbour Coffee Demo",
    about: "Account of five audiences",
    premium: false,
    roles: &[],
}];

/// The users of WordPress.com, who are those of the simulated site; one consents for another site.
pub(crate) const WORDPRESS_USERS: &[Actor] = &[
    Actor { id: "2", handle: "ada", name: "Ada Demo", about: "Author of a site", premium: false, roles: &[] },
    Actor { id: "1", handle: "owner", name: "Owner Demo", about: "Administrator of it", premium: false, roles: &[] },
    Actor { id: "3", handle: "bo", name: "Bo Demo", about: "Author of another site", premium: false, roles: &[] },
    Actor { id: "4", handle: "cleo", name: "Cleo Demo", about: "May not publish", premium: false, roles: &[] },
];

/// The workspaces of Slack: who consents adds the app to one.
pub(crate) const SLACK_WORKSPACES: &[Actor] = &[
    Actor {
        id: "T0HARBOUR1",
        handle: "harbour-coffee-demo",
        name: "Harbour Coffee Demo",
        about: "Workspace of eight channels",
        premium: false,
        roles: &[],
    },
    Actor {
        id: "T0LIGHTHO1",
        handle: "lighthouse-labs-demo",
        name: "Lighthouse Labs Demo",
        about: "Workspace of one channel",
        premium: false,
        roles: &[],
    },
];

/// The channels of YouTube, and somebody who has none.
pub(crate) const YOUTUBE_CHANNELS: &[Actor] = &[
    Actor {
        id: "UCharbourCoffeeDemo00001",
        handle: "harbour-coffee-demo",
        name: "Harbour Coffee Demo",
        about: "Channel of the café",
        premium: false,
        roles: &[],
    },
    Actor {
        id: "UCboDemoChannel000000002",
        handle: "bo-demo",
        name: "Bo Demo",
        about: "Channel without a verified phone number",
        premium: false,
        roles: &[],
    },
    Actor {
        id: "100000000000000000003",
        handle: "cleo-demo",
        name: "Cleo Demo",
        about: "Google account without a channel",
        premium: false,
        roles: &[],
    },
];

/// The creators of TikTok.
pub(crate) const TIKTOK_CREATORS: &[Actor] = &[
    Actor {
        id: "7a1c0f3e-0000-4000-8000-00000000c001",
        handle: "harbour-coffee-demo",
        name: "Harbour Coffee Demo",
        about: "Creator that posts to everyone",
        premium: false,
        roles: &[],
    },
    Actor {
        id: "7a1c0f3e-0000-4000-8000-00000000c002",
        handle: "bo-demo",
        name: "Bo Demo",
        about: "Private account",
        premium: false,
        roles: &[],
    },
    Actor {
        id: "7a1c0f3e-0000-4000-8000-00000000c003",
        handle: "cleo-demo",
        name: "Cleo Demo",
        about: "Creator that may post to themselves only",
        premium: false,
        roles: &[],
    },
];

/// The actor with that id or handle.
pub(crate) fn find(list: &'static [Actor], key: &str) -> Option<&'static Actor> {
    list.iter().find(|actor| actor.id == key || actor.handle == key)
}

/// The page with that id.
pub(crate) fn organization(id: &str) -> Option<&'static Organization> {
    ORGANIZATIONS.iter().find(|org| org.id == id)
}
