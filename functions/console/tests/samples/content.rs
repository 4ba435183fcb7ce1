//! Sample data of the overview, the accounts and the pages outside a session.

use console::view::{
    AccountCard, AccountRef, AccountsPage, Action, ActionStyle, Badge, Choice, ChoosePage, ConnectOption, ErrorPage,
    Figure, HomePage, KeyInput, KeyPage, Moment, Notice, Platform, PostLink, PostRow, PostsAtRisk, SetupStep,
    SignInPage, Tone,
};

pub fn at(iso: &str) -> Moment {
    Moment::new(iso.parse().unwrap(), "Europe/Berlin")
}

pub fn precisely(iso: &str) -> Moment {
    Moment::precise(iso.parse().unwrap(), "Europe/Berlin")
}

pub fn x() -> Platform {
    Platform { slug: "x".into(), name: "X".into(), color: "#000000".into(), mark: "X".into() }
}

pub fn linkedin() -> Platform {
    Platform { slug: "linkedin".into(), name: "LinkedIn".into(), color: "#0a66c2".into(), mark: "in".into() }
}

pub fn on_x() -> AccountRef {
    AccountRef { platform: x(), name: "Northwind Coffee".into(), handle: Some("@northwindcoffee".into()) }
}

pub fn page() -> AccountRef {
    AccountRef { platform: linkedin(), name: "Northwind Coffee".into(), handle: None }
}

pub fn mira() -> AccountRef {
    AccountRef { platform: linkedin(), name: "Mira Lindqvist".into(), handle: None }
}

pub fn action(href: &str, label: &str, style: ActionStyle, confirm: Option<&str>) -> Action {
    Action {
        href: href.into(),
        label: label.into(),
        style,
        fields: Vec::new(),
        idempotency_key: "7d1f0c7e".into(),
        confirm: confirm.map(Into::into),
    }
}

pub fn row(excerpt: &str, when: Option<&str>, state: (&str, Tone), accounts: Vec<AccountRef>) -> PostRow {
    PostRow {
        href: "/console/posts/post_0198".into(),
        excerpt: excerpt.into(),
        when: when.map(at),
        state: Badge::new(state.0, state.1),
        accounts,
        note: None,
    }
}

pub fn sign_in() -> SignInPage {
    SignInPage {
        csrf: "csrf-token".into(),
        next: Some("/console/calendar".into()),
        error: Some("This key is not known, or it was revoked. Check that you copied all of it.".into()),
        notice: Some("Your session has ended. Sign in again to go on where you were.".into()),
    }
}

pub fn error() -> ErrorPage {
    ErrorPage {
        status: 404,
        title: "This page does not exist".into(),
        text: "The address may be mistyped, or what it showed was deleted. Your posts are not affected.".into(),
        correlation_id: "0198f3c2-7b1e-7c3a-9a51-2f0d6c1e8b42".into(),
        back_href: "/console".into(),
        back_label: "Go to the overview".into(),
    }
}

pub fn steps() -> Vec<SetupStep> {
    let step = |done, title: &str, text: &str, href: &str| SetupStep {
        done,
        title: title.into(),
        text: text.into(),
        href: href.into(),
    };
    vec![
        step(true, "Sign in", "You are here.", "/console"),
        step(
            false,
            "Connect an account",
            "The profiles and pages you publish to. Your password stays with the platform.",
            "/console/accounts",
        ),
        step(
            false,
            "Write your first post",
            "For all accounts at once, each within its own limits.",
            "/console/compose",
        ),
        step(false, "Let your systems know", "A webhook tells them what happened to every post.", "/console/webhooks"),
    ]
}

pub fn home() -> HomePage {
    let figure = |label: &str, value, href: &str| Figure { label: label.into(), value, href: href.into() };
    HomePage {
        figures: vec![
            figure("scheduled", 12, "/console/queue?state=scheduled"),
            figure("published in 7 days", 31, "/console/queue?state=published"),
            figure("drafts", 4, "/console/queue?state=draft"),
            figure("failed in 7 days", 1, "/console/queue?state=failed"),
        ],
        notices: vec![Notice {
            tone: Tone::Warn,
            title: "2 things need your decision".into(),
            text: "Herald could not find out whether one post is live, and one account must be reconnected.".into(),
            href: "/console/attention".into(),
            link: "Decide".into(),
        }],
        steps: Vec::new(),
        next: vec![
            row(
                "Our new single-origin from Huila lands on Thursday. Washed, bright, with a finish like red apple.",
                Some("2026-03-10T08:00:00Z"),
                ("Scheduled", Tone::Info),
                vec![on_x(), page()],
            ),
            row(
                "Three things we learned roasting on solar power for a year",
                Some("2026-03-11T14:30:00Z"),
                ("Scheduled", Tone::Info),
                vec![page()],
            ),
            row(
                "Barista championship: watch Jonas tonight at 19:00",
                Some("2026-03-12T16:00:00Z"),
                ("Scheduled", Tone::Info),
                vec![on_x()],
            ),
        ],
        recent: vec![
            row(
                "We are hiring a second roaster in Gothenburg.",
                Some("2026-03-09T07:00:00Z"),
                ("Published", Tone::Good),
                vec![on_x(), page()],
            ),
            PostRow {
                note: Some("LinkedIn stopped answering after it had our post. Look and decide.".into()),
                ..row(
                    "Spring menu is here",
                    Some("2026-03-08T10:00:00Z"),
                    ("Outcome unknown", Tone::Warn),
                    vec![mira()],
                )
            },
        ],
        accounts: accounts().accounts,
    }
}

pub fn accounts() -> AccountsPage {
    let ask = "12 scheduled posts for this account will wait until it is connected again. The platform is told to forget Herald’s access.";
    let card = |account, kind: &str, status| AccountCard {
        account,
        kind: kind.into(),
        status,
        connected: Some(at("2026-01-14T09:12:00Z")),
        slots_href: Some("/console/accounts/acc_1/slots".into()),
        disconnect: Some(action("/console/accounts/acc_1/disconnect", "Disconnect", ActionStyle::Danger, Some(ask))),
        ..AccountCard::default()
    };
    AccountsPage {
        accounts: vec![
            AccountCard {
                explanation: Some("LinkedIn ended Herald’s access. 3 scheduled posts wait for you to reconnect; none of them is lost.".into()),
                expires: Some(at("2026-03-08T09:12:00Z")),
                renewal: Some("By you, every 60 days".into()),
                reconnect_href: Some("/console/accounts/connect/linkedin".into()),
                ..card(mira(), "Member profile", Badge::new("Reconnect needed", Tone::Bad))
            },
            AccountCard {
                expires: Some(at("2026-03-10T10:02:00Z")),
                renewal: Some("Automatic".into()),
                ..card(on_x(), "Profile", Badge::new("Connected", Tone::Good))
            },
            AccountCard {
                expires: Some(at("2026-03-19T09:12:00Z")),
                explanation: Some("Access ends in 9 days. Reconnect before then and nothing is interrupted.".into()),
                at_risk: Some(PostsAtRisk {
                    posts: vec![PostLink { href: "/console/posts/post_0198".into(), when: at("2026-03-20T08:00:00Z") }],
                    more: Some("and 3 more".into()),
                }),
                renewal: Some("By you, every 60 days".into()),
                reconnect_href: Some("/console/accounts/connect/linkedin".into()),
                ..card(page(), "Organisation page", Badge::new("Expires soon", Tone::Warn))
            },
        ],
        platforms: vec![
            ConnectOption { platform: x(), href: Some("/console/accounts/connect/x".into()), note: "A profile you can sign in to.".into() },
            ConnectOption {
                platform: linkedin(),
                href: Some("/console/accounts/connect/linkedin".into()),
                note: "Your profile, or pages you administer.".into(),
            },
            ConnectOption {
                platform: Platform { slug: "mastodon".into(), name: "Mastodon".into(), color: "#6364ff".into(), mark: "M".into() },
                href: None,
                note: "Not set up in this installation.".into(),
            },
        ],
    }
}

pub fn enter() -> KeyPage {
    let input = |name: &str, label: &str, example: &str, input, value: &str| KeyInput {
        name: name.into(),
        label: label.into(),
        example: example.into(),
        input,
        value: value.into(),
    };
    KeyPage {
        platform: linkedin(),
        help: "Ask the robot for a token, make it an administrator of your channel, and enter both here.".into(),
        consent_href: Some("/console/accounts/connect/linkedin/consent".into()),
        action: "/console/accounts/connect/linkedin".into(),
        idempotency_key: "7d1f0c7e".into(),
        errors: vec![console::view::FieldError { field: "token".into(), text: "The robot does not know it.".into() }],
        fields: vec![
            input("channel", "Channel", "@northwind", "text", "@northwind"),
            input("token", "Token", "110201543:AAHdqTcv…", "password", ""),
        ],
    }
}

pub fn choose() -> ChoosePage {
    let choice = |id: &str, name: &str, kind: &str, checked, connected| Choice {
        id: id.into(),
        name: name.into(),
        kind: kind.into(),
        checked,
        connected,
    };
    ChoosePage {
        platform: linkedin(),
        action: "/console/accounts/choose/st_1".into(),
        idempotency_key: "7d1f0c7e".into(),
        errors: vec![console::view::FieldError { field: "choices".into(), text: "Tick at least one.".into() }],
        choices: vec![
            choice("m", "Mira Lindqvist", "Your own profile", false, false),
            choice("o1", "Northwind Coffee", "Organisation page, you are administrator", true, true),
            choice(
                "o2",
                "Northwind Roastery Supplies",
                "Organisation page, you are content administrator",
                false,
                false,
            ),
        ],
        restart_href: "/console/accounts/connect/linkedin".into(),
    }
}
