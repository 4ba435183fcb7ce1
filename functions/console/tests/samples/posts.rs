//! Sample data of the calendar, the queue and a post.

use console::view::{
    ActionStyle, ApprovalItem, ApprovalView, ApprovalsPage, AttentionPage, Badge, CalendarPage, Day, DayPost,
    DeliveryView, Fact, FieldError, Hour, LibraryItem, LibraryPage, ListedPost, MediaView, Mover, Moves, Notice,
    PostPage, QueuePage, Said, StateFilter, TimelineEntry, Tone, UnknownOutcome, Uploader, ViewLink,
};

use super::composer::{composer, picture};
use super::content::{action, at, linkedin, mira, on_x, page, precisely, row};

fn moves() -> Moves {
    let note = Some("It was approved for the time it has.".into());
    Moves { id: "post_0198".into(), rev: 1, date: "2026-03-12".into(), time: "09:00".into(), note }
}

fn mover(back: &str, of: Option<Moves>) -> Mover {
    Mover { idempotency_key: "7d1f0c7e".into(), back: back.into(), zone: "Europe/Berlin".into(), of }
}

pub fn weeks(filled: bool) -> Vec<Vec<Day>> {
    let post = |iso: &str, excerpt: &str, state: (&str, Tone), accounts| DayPost {
        href: "/console/posts/post_0198".into(),
        when: at(iso),
        excerpt: excerpt.into(),
        state: Badge::new(state.0, state.1),
        accounts,
        moves: (state.0 == "Scheduled").then(moves),
    };
    let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let mut days = Vec::new();
    for index in 0_u8..42 {
        let (number, month, label) = match index {
            0..=5 => (23 + index, 2, "February"),
            6..=36 => (index - 5, 3, "March"),
            _ => (index - 36, 4, "April"),
        };
        let posts = match (filled, month, number) {
            (true, 3, 3) => vec![post(
                "2026-03-03T08:00:00Z",
                "How we grade green beans",
                ("Published", Tone::Good),
                vec![on_x(), page()],
            )],
            (true, 3, 8) => {
                vec![post("2026-03-08T10:00:00Z", "Spring menu is here", ("Outcome unknown", Tone::Warn), vec![mira()])]
            }
            (true, 3, 9) => vec![
                post(
                    "2026-03-09T07:00:00Z",
                    "We are hiring a second roaster",
                    ("Published", Tone::Good),
                    vec![on_x(), page()],
                ),
                post("2026-03-09T15:00:00Z", "Last day of the winter blend", ("Failed", Tone::Bad), vec![on_x()]),
            ],
            (true, 3, 10) => vec![post(
                "2026-03-10T08:00:00Z",
                "Our new single-origin from Huila",
                ("Scheduled", Tone::Info),
                vec![on_x(), page()],
            )],
            (true, 3, 12) => vec![
                post(
                    "2026-03-12T08:00:00Z",
                    "Barista championship: watch Jonas",
                    ("Scheduled", Tone::Info),
                    vec![on_x()],
                ),
                post(
                    "2026-03-12T11:30:00Z",
                    "Cupping on Saturday, five seats left",
                    ("Scheduled", Tone::Info),
                    vec![page()],
                ),
            ],
            _ => Vec::new(),
        };
        let name = names[usize::from(index) % 7];
        days.push(Day {
            date: format!("2026-{month:02}-{number:02}"),
            number,
            label: format!("{name} {number} {label}"),
            in_month: month == 3,
            today: month == 3 && number == 10,
            more: if filled && month == 3 && number == 12 { 2 } else { 0 },
            posts,
            href: format!("/console/queue?day=2026-{month:02}-{number:02}"),
            compose_href: (month > 3 || month == 3 && number >= 10)
                .then(|| format!("/console/compose?date=2026-{month:02}-{number:02}")),
            cut: filled && month == 4,
            ..Day::default()
        });
    }
    days.chunks(7).map(<[Day]>::to_vec).collect()
}

pub fn calendar() -> CalendarPage {
    let view =
        |label: &str, current| ViewLink { label: label.into(), href: format!("/console/calendar?{label}"), current };
    CalendarPage {
        title: "March 2026".into(),
        step: "Month".into(),
        zone: "Europe/Berlin".into(),
        views: vec![view("Month", true), view("Week", false), view("List", false)],
        previous_href: "/console/calendar?month=2026-02".into(),
        next_href: "/console/calendar?month=2026-04".into(),
        today_href: "/console/calendar".into(),
        weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map(str::to_owned).to_vec(),
        weeks: weeks(true),
        short: Some("There are more posts than this page counts.".into()),
        upcoming: super::content::home().next,
        mover: Some(mover("month=2026-03", None)),
        ..CalendarPage::default()
    }
}

/// The week of 9 March 2026, by the hour.
pub fn week() -> CalendarPage {
    let hours = |day: &Day| {
        let at = |hour: u32| {
            let posts = day.posts.iter().filter(|post| post.when.clock.starts_with(&format!("{hour:02}")));
            Hour { label: format!("{hour:02}"), posts: posts.cloned().collect(), more: day.more * u32::from(hour == 9) }
        };
        (0..24).map(at).collect()
    };
    let days = weeks(true).remove(2).into_iter().map(|day| Day { hours: hours(&day), ..day });
    CalendarPage {
        title: "9 Mar to 15 Mar 2026".into(),
        step: "Week".into(),
        weeks: Vec::new(),
        days: days.collect(),
        upcoming: Vec::new(),
        mover: Some(mover("week=2026-03-09", None)),
        ..calendar()
    }
}

/// The list of March 2026.
pub fn list() -> CalendarPage {
    let rows = super::content::home().next.into_iter();
    let listed = rows.enumerate().map(|(n, row)| ListedPost { row, moves: (n == 0).then(moves) }).collect();
    let day = weeks(true).remove(2).remove(1);
    CalendarPage {
        weeks: Vec::new(),
        list: true,
        days: vec![Day { listed, ..day }],
        more_href: Some("/console/calendar?list=2026-03&after=abc".into()),
        first_href: Some("/console/calendar?list=2026-03".into()),
        mover: Some(mover("list=2026-03", None)),
        ..calendar()
    }
}

pub fn library() -> LibraryPage {
    let item = |id: &str, src: Option<String>, label: &str, alt: &str| LibraryItem {
        id: id.into(),
        src,
        label: label.into(),
        alt: alt.into(),
        created: at("2026-03-08T14:21:00Z"),
        use_href: Some("/console/compose?media=med_1".into()),
        describe_key: Some("7d1f0c7e".into()),
    };
    LibraryPage {
        items: vec![
            item("med_1", picture(), "JPEG, 1600 × 1200, 412 KB", "A brown coffee bag on a wooden table"),
            LibraryItem { use_href: None, ..item("med_2", None, "Not arrived yet", "") },
        ],
        uploader: Some(Uploader {
            idempotency_key: "7d1f0c7e".into(),
            accept: "image/jpeg,image/png".into(),
            note: "JPEG, PNG".into(),
        }),
        errors: vec![FieldError { field: "file".into(), text: "This is not a picture Herald can read.".into() }],
        older_href: Some("/console/media?after=abc".into()),
        newest_href: Some("/console/media".into()),
    }
}

pub fn queue() -> QueuePage {
    let filter = |label: &str, count, current| StateFilter {
        label: label.into(),
        href: format!("/console/queue?state={label}"),
        count,
        current,
    };
    let home = super::content::home();
    let mut posts = home.next;
    posts.extend(home.recent);
    posts.push(row("", None, ("Draft", Tone::Neutral), vec![page()]));
    posts.push(row(
        "Last day of the winter blend: 20 % off in all shops until six.",
        Some("2026-03-09T15:00:00Z"),
        ("Failed", Tone::Bad),
        vec![on_x()],
    ));
    posts[6].note = Some("X refused it: the account may not post links right now.".into());
    QueuePage {
        slots: super::planning::slots_links(),
        export_href: Some("/console/export?state=all".into()),
        filters: vec![
            filter("All", None, true),
            filter("Scheduled", Some(12), false),
            filter("Published", None, false),
            filter("Drafts", Some(4), false),
            filter("Failed", Some(1), false),
            filter("Unknown", Some(1), false),
        ],
        posts,
        older_href: Some("/console/queue?after=abc".into()),
        newest_href: Some("/console/queue".into()),
    }
}

fn entry(iso: &str, tone: Tone, title: &str, text: Option<&str>, facts: &[(&str, &str)]) -> TimelineEntry {
    TimelineEntry {
        at: precisely(iso),
        tone,
        title: title.into(),
        text: text.map(Into::into),
        facts: facts.iter().map(|(label, value)| Fact { label: (*label).into(), value: (*value).into() }).collect(),
    }
}

fn unknown() -> UnknownOutcome {
    UnknownOutcome {
        id: "dlv_3".into(),
        post_href: "/console/posts/post_0198".into(),
        excerpt: "Spring menu is here: rhubarb tonic, cardamom buns, and the return of the espresso float.".into(),
        account: mira(),
        sent: at("2026-03-08T10:00:01Z"),
        explanation: "LinkedIn took the whole post and then the connection broke before it answered. Personal profiles cannot be read back, so Herald cannot tell whether the post is there.".into(),
        look_url: Some("https://www.linkedin.example/in/mira".into()),
        live_hint: "Nothing is sent. The delivery counts as published.".into(),
        live: action("/console/deliveries/dlv_3/live", "It is live", ActionStyle::Primary, None),
        again: Some(action("/console/deliveries/dlv_3/again", "Send again", ActionStyle::Plain, None)),
        again_from: None,
    }
}

pub fn post() -> PostPage {
    PostPage {
        id: "post_0198f3c27b1e7c3a9a512f0d6c1e8b42".into(),
        state: Badge::new("Partly published", Tone::Warn),
        why_then: Some(
            "No post of this account is known to have done better or worse than the others, so the table of good times decides: \
             09:00 to 10:00 on weekdays is one of its good times."
                .into(),
        ),
        said: vec![
            Said {
                platform: None,
                text: composer().text,
                link: Some("https://northwind.example/huila".into()),
                facts: vec![Fact { label: "First comment".into(), value: "Roasted on Monday.".into() }],
                media: vec![
                    MediaView {
                        src: picture(),
                        alt: "A brown coffee bag on a wooden table".into(),
                        label: "JPEG, 1600 × 1200, 412 KB".into(),
                        ..MediaView::default()
                    },
                    MediaView {
                        href: Some("/console/media/med_3".into()),
                        label: "MP4, 1280 × 720, 0:42, 9 MB".into(),
                        ..MediaView::default()
                    },
                    MediaView { label: "Being fetched".into(), ..MediaView::default() },
                ],
            },
            Said { platform: Some(linkedin()), text: composer().platforms[1].variant.clone(), ..Said::default() },
        ],
        when: Some(at("2026-03-10T08:00:00Z")),
        created: at("2026-03-08T14:21:00Z"),
        author: "Mira Lindqvist".into(),
        amend_href: Some("/console/posts/post_0198/words".into()),
        edit_href: Some("/console/posts/post_0198/edit".into()),
        mover: Some(mover("post", Some(moves()))),
        actions: vec![action(
            "/console/posts/post_0198/cancel",
            "Cancel",
            ActionStyle::Danger,
            Some("Nothing more of this post goes out. What is live stays live."),
        )],
        moving: true,
        approval: Some(ApprovalView { id: "post_own".into(), ..approval() }),
        deliveries: deliveries(),
    }
}

fn deliveries() -> Vec<DeliveryView> {
    let cid = ("Correlation id", "0198f3c2-7b1e-7c3a-9a51-2f0d6c1e8b42");
    vec![
        DeliveryView {
            id: "dlv_1".into(),
            account: on_x(),
            state: Badge::new("Published", Tone::Good),
            summary: "Live since 09:00:01, one second after its time.".into(),
            live_url: Some("https://x.example/northwindcoffee/status/1".into()),
            timeline: vec![
                entry(
                    "2026-03-08T14:21:00Z",
                    Tone::Info,
                    "Scheduled",
                    Some("By Mira Lindqvist, for 09:00 in Europe/Berlin."),
                    &[],
                ),
                entry(
                    "2026-03-10T08:00:00Z",
                    Tone::Info,
                    "Attempt 1 sent",
                    Some("The decision to send was written down before the request left."),
                    &[("Fence", "1"), cid],
                ),
                entry(
                    "2026-03-10T08:00:01Z",
                    Tone::Good,
                    "Published",
                    Some("X confirmed it with an id."),
                    &[("HTTP status", "201"), ("Took", "412 ms"), ("Platform id", "1899112233445566778")],
                ),
            ],
            ..DeliveryView::default()
        },
        DeliveryView {
            id: "dlv_2".into(),
            account: page(),
            state: Badge::new("Will retry", Tone::Info),
            summary: "LinkedIn asked us to wait. Nothing was posted, so trying again is safe.".into(),
            warning: Some("The access to Northwind Coffee on LinkedIn ends before this is due.".into()),
            due: Some(at("2026-03-10T08:15:00Z")),
            actions: vec![
                action("/console/deliveries/dlv_2/retry", "Try now", ActionStyle::Plain, None),
                action(
                    "/console/deliveries/dlv_2/cancel",
                    "Stop",
                    ActionStyle::Danger,
                    Some("It will not be sent to this account."),
                ),
            ],
            timeline: vec![
                entry("2026-03-08T14:21:00Z", Tone::Info, "Scheduled", None, &[]),
                entry("2026-03-10T08:00:00Z", Tone::Info, "Attempt 1 sent", None, &[]),
                entry(
                    "2026-03-10T08:00:01Z",
                    Tone::Warn,
                    "Asked to wait",
                    Some("Too many requests; LinkedIn names 15 minutes. The request was refused as a whole."),
                    &[("HTTP status", "429"), ("Took", "96 ms"), cid],
                ),
            ],
            ..DeliveryView::default()
        },
        DeliveryView {
            id: "dlv_3".into(),
            account: mira(),
            state: Badge::new("Outcome unknown", Tone::Warn),
            summary: "It may be live, or not. Please look and decide.".into(),
            unknown: Some(unknown()),
            timeline: vec![
                entry("2026-03-08T10:00:00Z", Tone::Info, "Attempt 1 sent", None, &[]),
                entry(
                    "2026-03-08T10:00:30Z",
                    Tone::Warn,
                    "No answer",
                    Some("The connection broke after the whole post was sent."),
                    &[],
                ),
                entry(
                    "2026-03-08T10:05:00Z",
                    Tone::Warn,
                    "Handed to a person",
                    Some("A personal profile cannot be read back. Herald does not send again on a guess."),
                    &[],
                ),
            ],
            ..DeliveryView::default()
        },
    ]
}

fn approval() -> ApprovalView {
    let form = |what: &str, label: &str, style| action(&format!("/console/posts/post_0198/{what}"), label, style, None);
    ApprovalView {
        id: "post_0198".into(),
        state: Badge::new("Waits for approval", Tone::Warn),
        text: "It goes out only when somebody approves it as it is now.".into(),
        until: Some(at("2026-03-10T09:00:00Z")),
        comment: Some("Please look at the price once more.".into()),
        approve: Some(form("approve", "Approve", ActionStyle::Primary)),
        reject: Some(form("reject", "Reject", ActionStyle::Danger)),
        ask: Some(form("ask", "Ask again", ActionStyle::Plain)),
        steps: vec![entry(
            "2026-03-08T14:21:00Z",
            Tone::Info,
            "Approval asked for by Mira Lindqvist",
            Some("Please look at the price once more."),
            &[],
        )],
    }
}

pub fn approvals() -> ApprovalsPage {
    let item = ApprovalItem {
        href: "/console/posts/post_0198".into(),
        said: vec![
            Said {
                platform: None,
                text: composer().text,
                link: Some("https://northwind.example/huila".into()),
                facts: vec![Fact { label: "Media".into(), value: "A brown coffee bag on a wooden table".into() }],
                media: Vec::new(),
            },
            Said { platform: Some(linkedin()), text: composer().platforms[1].variant.clone(), ..Said::default() },
        ],
        accounts: vec![on_x(), page()],
        when: Some(at("2026-03-10T08:00:00Z")),
        author: "Mira Lindqvist".into(),
        approval: approval(),
    };
    ApprovalsPage { items: vec![item], more_href: Some("/console/approvals?after=abc".into()) }
}

pub fn attention() -> AttentionPage {
    AttentionPage {
        unknown: vec![unknown()],
        notices: vec![
            Notice {
                tone: Tone::Bad,
                title: "Mira Lindqvist on LinkedIn must be reconnected".into(),
                text: "LinkedIn ended Herald’s access. 3 scheduled posts wait and none of them is lost.".into(),
                href: "/console/accounts".into(),
                link: "Reconnect".into(),
            },
            Notice {
                tone: Tone::Neutral,
                title: "One post was missed".into(),
                text:
                    "“Good morning, Gothenburg” was due at 07:00 and could only have left at 08:20, so it was not sent."
                        .into(),
                href: "/console/posts/post_0199".into(),
                link: "Look".into(),
            },
        ],
    }
}
