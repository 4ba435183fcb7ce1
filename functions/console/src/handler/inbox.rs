//! What people said, and what becomes of it.

use super::form::{Posted, follow, goes};
use super::session::Session;
use super::trouble::{Trouble, encoded};
use super::{Answer, Console, Shared};
use crate::map::{conversation, inbox_item};
use crate::view::{FieldError, InboxFilters, InboxPage, StateFilter};
use crate::words::{Said, told};
use app::Error;
use app::inbox::{InboxEdit, InboxFilter};
use app::publishing::Accepted;
use axum::extract::{Path, Query, State};
use domain::InteractionId;
use domain::access::Caller;
use domain::inbox::{InboxState, Interaction, InteractionKind};
use runtime::http::{open_cursor, seal_cursor};
use serde::Deserialize;

/// Things of a page.
const SHOWN: u32 = 25;

/// A way to look at it: name in addresses, words.
type Way = (&'static str, &'static str);

const STATES: [Way; 2] = [("open", "Open"), ("done", "Done")];
const KINDS: [Way; 4] =
    [("all", "Everything"), ("comment", "Comments"), ("mention", "Mentions"), ("message", "Messages")];
const WHOSE: [Way; 3] = [("all", "Everybody’s"), ("mine", "Mine"), ("nobody", "Nobody’s")];

/// Which page, and of what.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    whose: String,
    #[serde(default)]
    account: String,
    after: Option<String>,
}

/// The way with this name; the first one where there is none.
fn way(ways: &[Way], name: &str) -> &'static str {
    ways.iter().find(|way| way.0 == name).map_or(ways[0].0, |way| way.0)
}

/// What is asked for, in names that are known.
struct Ways {
    state: &'static str,
    kind: &'static str,
    whose: &'static str,
    account: String,
}

impl Ways {
    fn of(asked: &Asked) -> Self {
        let account = asked.account.parse::<domain::AccountId>().map(|id| id.to_string()).unwrap_or_default();
        let (state, kind) = (way(&STATES, &asked.state), way(&KINDS, &asked.kind));
        Self { state, kind, whose: way(&WHOSE, &asked.whose), account }
    }

    fn address(&self) -> String {
        format!("/console/inbox?{}", self.names())
    }

    fn names(&self) -> String {
        format!("state={}&kind={}&whose={}&account={}", self.state, self.kind, self.whose, self.account)
    }

    fn filter(&self, caller: &Caller) -> InboxFilter {
        let kind = match self.kind {
            "comment" => Some(InteractionKind::Comment),
            "mention" => Some(InteractionKind::Mention),
            "message" => Some(InteractionKind::Message),
            _ => None,
        };
        let state = if self.state == "done" { InboxState::Done } else { InboxState::Open };
        InboxFilter {
            kind,
            account: self.account.parse().ok(),
            assignee: (self.whose == "mine").then_some(caller.member),
            unassigned: self.whose == "nobody",
            ..InboxFilter::of(state)
        }
    }

    fn copy(&self) -> Self {
        Self { account: self.account.clone(), ..*self }
    }
}

/// Links to the same with another of these ways.
fn group(label: &str, ways: &[Way], now: &str, with: impl Fn(&'static str) -> Ways) -> InboxFilters {
    let link = |way: &Way| StateFilter {
        label: way.1.into(),
        href: with(way.0).address(),
        current: way.0 == now,
        count: None,
    };
    InboxFilters { label: label.into(), links: ways.iter().map(link).collect() }
}

/// `GET /console/inbox`.
pub(super) async fn page(State(console): State<Shared>, Query(asked): Query<Asked>, session: Session) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let ways = Ways::of(&asked);
    let list = format!("inbox {} {}", caller.tenant, ways.names());
    let after = asked.after.as_deref().map(|cursor| open_cursor(&list, cursor)).transpose();
    let after = after.map_err(|_| Trouble::Status(404))?;
    let frame = session.frame(&console).await?;
    let book = frame.book().await?;
    let members = app::access::members(deps, caller).await?;
    let found = app::inbox::interactions(deps, caller, &ways.filter(caller), after.as_deref(), SHOWN).await?;
    let reader = frame.reader();
    let mut filters = vec![
        group("Where it stands", &STATES, ways.state, |state| Ways { state, ..ways.copy() }),
        group("What it is", &KINDS, ways.kind, |kind| Ways { kind, ..ways.copy() }),
        group("Who sees to it", &WHOSE, ways.whose, |whose| Ways { whose, ..ways.copy() }),
    ];
    let mut accounts = vec![("Every account".to_owned(), String::new())];
    accounts.extend(book.connected().map(|account| (account.profile.name.clone(), account.id.to_string())));
    let link = |(label, account): (String, String)| StateFilter {
        label,
        current: account == ways.account,
        href: Ways { account, ..ways.copy() }.address(),
        count: None,
    };
    filters.push(InboxFilters { label: "Account".into(), links: accounts.into_iter().map(link).collect() });
    let older = |cursor: String| format!("{}&after={}", ways.address(), encoded(&seal_cursor(&list, &cursor)));
    let view = InboxPage {
        filters,
        items: found.items.iter().map(|one| inbox_item(&reader, &book, &members, one)).collect(),
        newest_href: after.is_some().then(|| ways.address()),
        older_href: found.next.map(older),
    };
    frame.page(200, &view)
}

fn id(text: &str) -> Result<InteractionId, Trouble> {
    text.parse().map_err(|_| Trouble::Status(404))
}

/// `GET /console/inbox/{interaction_id}`.
pub(super) async fn one(State(console): State<Shared>, Path(one): Path<String>, session: Session) -> Answer {
    show(&console, &session, id(&one)?, 200, "", Vec::new()).await
}

/// The page of a conversation; `text` is what was typed for an answer and not taken, for these reasons.
async fn show(
    console: &Console,
    session: &Session,
    id: InteractionId,
    status: u16,
    text: &str,
    errors: Vec<FieldError>,
) -> Answer {
    let (deps, caller) = (&console.deps, &session.caller);
    let seen = app::inbox::interaction(deps, caller, id).await?;
    let frame = session.frame(console).await?;
    let book = frame.book().await?;
    let members = app::access::members(deps, caller).await?;
    let mut page = conversation(&frame.reader(), &book, &members, &seen);
    if !text.is_empty() {
        text.clone_into(&mut page.text);
    }
    page.errors = errors;
    frame.page(status, &page)
}

fn address(id: InteractionId) -> String {
    format!("/console/inbox/{id}")
}

fn rev(posted: &Posted) -> Result<u64, Trouble> {
    posted.form.get("rev").parse().map_err(|_| Trouble::Status(400))
}

/// `POST /console/inbox/{interaction_id}`: `what` becomes of it, as it was seen at `rev`.
pub(super) async fn act(State(console): State<Shared>, Path(one): Path<String>, posted: Posted) -> Answer {
    let (caller, id, rev) = (&posted.session.caller, id(&one)?, rev(&posted)?);
    let edit = InboxEdit::default();
    let edit = match posted.form.get("what") {
        "take" => InboxEdit { assignee: Some(Some(caller.member)), ..edit },
        "leave" => InboxEdit { assignee: Some(None), ..edit },
        "give" => {
            let to = posted.form.get("to").parse().map_err(|_| Trouble::Status(400))?;
            InboxEdit { assignee: Some(Some(to)), ..edit }
        }
        "answered" => InboxEdit { responded: true, ..edit },
        "done" => InboxEdit { state: Some(InboxState::Done), ..edit },
        "open" => InboxEdit { state: Some(InboxState::Open), ..edit },
        _ => return Err(Trouble::Status(400)),
    };
    let encode = |_: &Interaction| goes(&address(id), Said::Saved);
    Ok(follow(&app::inbox::change(&console.deps, caller, id, rev, edit, posted.once()?, &encode).await?))
}

/// `POST /console/inbox/{interaction_id}/answers`: `text` answers it, as it was seen at `rev`. What is not taken comes again with the
/// page as it is now, so that nobody types it twice.
pub(super) async fn answer(State(console): State<Shared>, Path(one): Path<String>, posted: Posted) -> Answer {
    let (deps, caller, id, rev) = (&console.deps, &posted.session.caller, id(&one)?, rev(&posted)?);
    let text = posted.form.get("text");
    let said = |accepted: &Accepted| if accepted.approval.is_some() { Said::Waits } else { Said::Posted };
    let encode = |accepted: &Accepted| goes(&address(id), said(accepted));
    let (status, error) = match app::inbox::answer(deps, caller, id, rev, text, posted.once()?, &encode).await {
        Ok(reply) => return Ok(follow(&reply)),
        Err(error @ Error::Invalid(_)) => (422, error),
        Err(error @ (Error::Conflict { .. } | Error::KeyReused)) => (409, error),
        Err(error) => return Err(error.into()),
    };
    let errors = vec![FieldError { field: "text".into(), text: told(&error).text }];
    show(&console, &posted.session, id, status, text, errors).await
}
