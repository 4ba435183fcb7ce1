//! The demo people and organisations. They are constants, so that a test can name them and a demo looks the same
//! on every machine.

/// Somebody who can give consent.
pub(crate) struct Actor {
    /// X: numeric user id. LinkedIn: the `sub` of the person. Slack: the id of the workspace.
    pub(crate) id: &'static str,
    /// X: the @name. LinkedIn: the vanity name. Slack: the workspace's name in its address.
    pub(crate) handle: &'static str,
    pub(crate) name: &'static str,
    /// Shown under the name.
    pub(crate) about: &'static str,
    /// X Premium: posts of up to 25,000 units.
    pub(crate) premium: bool,
    /// LinkedIn: organisation id and role.
    pub(crate) roles: &'static [(&'static str, &'static str)],
}

/// A LinkedIn page.
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

/// The pages of LinkedIn.
pub(crate) const ORGANIZATIONS: &[Organization] = &[
    Organization { id: "5001001", vanity: "harbour-coffee-demo", name: "Harbour Coffee Demo", about: "Food and drink" },
    Organization { id: "5001002", vanity: "lighthouse-labs-demo", name: "Lighthouse Labs Demo", about: "Research" },
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

/// The actor with that id or handle.
pub(crate) fn find(list: &'static [Actor], key: &str) -> Option<&'static Actor> {
    list.iter().find(|actor| actor.id == key || actor.handle == key)
}

/// The page with that id.
pub(crate) fn organization(id: &str) -> Option<&'static Organization> {
    ORGANIZATIONS.iter().find(|org| org.id == id)
}
