//! Many posts at once, row by row. Nothing is written unless every row passes, or the caller wants those that do. Each row has a
//! key of its own below the client's, and the client's key belongs to one file before the first row is made: what a crash
//! interrupts is finished by asking again, no row becomes two posts, and no other file goes on with it.

use super::request::plan;
use super::slots::Book;
use super::{Accepted, PublishCommand, approval, request, rules, schedule};
use crate::mutate::require;
use crate::{Deps, Error, Once, Reply};
use domain::PostId;
use domain::access::{Caller, Permission};
use domain::publishing::Rules;
use jiff::{SignedDuration, Timestamp};
use ports::StoredReply;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Most rows of one import: what one request does within its time.
pub const MAX_ROWS: usize = 100;
/// After so long it stops, to go on when it is asked again: a request lives for half a minute.
const TIME: SignedDuration = SignedDuration::from_secs(20);

/// One row.
#[derive(Debug)]
pub struct Row {
    /// What it means, or why it means nothing.
    pub command: Result<PublishCommand, Error>,
    /// Hash of what it says.
    pub fingerprint: String,
}

/// A row that is a post, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The post.
    pub post: PostId,
    /// What was done differently than asked.
    pub warnings: Vec<String>,
}

/// What became of a row.
#[derive(Debug)]
pub enum RowOutcome {
    /// It is this post.
    Made(Made),
    /// It would be taken, with these warnings; nothing was written.
    Good(Vec<String>),
    /// It was not taken.
    Refused(Error),
}

/// What is done with the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    /// Only looked at.
    DryRun,
    /// Made, if all are good.
    Whole,
    /// Made as far as they are good.
    Partial,
}

/// What an import came to.
#[derive(Debug)]
pub enum Imported {
    /// Posts were made; this is the answer, which is remembered.
    Done(Reply),
    /// Nothing was written: of a dry run, or because some rows are wrong.
    Nothing(Vec<RowOutcome>),
}

/// Imports rows in their order. Once one of them is a post, an import that is asked for again goes on, though others have become
/// wrong since.
pub async fn import(
    deps: &Deps,
    caller: &Caller,
    rows: Vec<Row>,
    how: Import,
    once: &Once,
    encode: &(dyn Fn(&[RowOutcome]) -> StoredReply + Sync),
) -> Result<Imported, Error> {
    require(caller, Permission::Publish)?;
    if let Some(reply) = once.earlier(deps, caller.tenant).await? {
        return Ok(Imported::Done(reply));
    }
    let file = Once { route: format!("{} file", once.route), ..once.clone() };
    let begun = file.earlier(deps, caller.tenant).await?.is_some();
    let keyed = |(index, row): (usize, &Row)| Once {
        route: format!("{} row", once.route),
        key: format!("{} {index}", once.key),
        fingerprint: row.fingerprint.clone(),
    };
    let keys: Vec<Once> = rows.iter().enumerate().map(keyed).collect();
    let end = deps.clock.now() + TIME;
    let mut look = Look { deps, caller, rules: rules::of(deps, caller.tenant).await?, book: Book::default() };
    let mut looked = Vec::with_capacity(rows.len());
    for (row, key) in rows.into_iter().zip(&keys) {
        in_time(deps, end)?;
        looked.push(look.at(row, key).await?);
    }
    let wrong = looked.iter().any(|row| matches!(row, Looked::Is(RowOutcome::Refused(_))));
    let made = looked.iter().any(|row| matches!(row, Looked::Is(RowOutcome::Made(_))));
    if how == Import::DryRun || (wrong && how == Import::Whole && !made) {
        return Ok(Imported::Nothing(looked.into_iter().map(Looked::outcome).collect()));
    }
    if !begun {
        let begins = file.remember(deps, caller.tenant, &StoredReply { status: 102, body: String::new() });
        if let Err(error) = deps.ledger.commit(vec![begins]).await {
            file.after_conflict(deps, caller.tenant, error).await?;
        }
    }
    let mut outcomes = Vec::with_capacity(looked.len());
    for (row, key) in looked.into_iter().zip(&keys) {
        outcomes.push(match row {
            Looked::Is(outcome) => outcome,
            Looked::Good(command, _) => {
                in_time(deps, end)?;
                match request(deps, caller, &command, key, &remembered).await {
                    Ok(reply) => outcome_of(&reply)?,
                    // Whether it is a post cannot be told: nothing is said of it until it can.
                    Err(error) if is_ours(&error) => return Err(error),
                    // An account that was disconnected since, a slot that another post took: the row says so.
                    Err(error) => RowOutcome::Refused(error),
                }
            }
        });
    }
    let reply = encode(&outcomes);
    match deps.ledger.commit(vec![once.remember(deps, caller.tenant, &reply)]).await {
        Ok(_) => Ok(Imported::Done(Reply::new(reply))),
        Err(error) => once.after_conflict(deps, caller.tenant, error).await.map(Imported::Done),
    }
}

/// What is remembered of an import that was made under this key, for as long as answers are repeated.
pub async fn imported(deps: &Deps, caller: &Caller, route: &str, key: &str) -> Result<StoredReply, Error> {
    require(caller, Permission::Publish)?;
    let found = deps.ledger.remembered(caller.tenant, route, key, deps.clock.now()).await?;
    found.and_then(|found| found.value.reply).ok_or(Error::NotFound("import"))
}

fn in_time(deps: &Deps, end: Timestamp) -> Result<(), Error> {
    if deps.clock.now() < end {
        return Ok(());
    }
    Err(Error::Unavailable(
        "it takes longer than one request may: it goes on where it stopped, or split the file".into(),
    ))
}

/// What says nothing of the row.
fn is_ours(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_) | Error::Internal(_))
}

enum Looked {
    Good(Box<PublishCommand>, Vec<String>),
    Is(RowOutcome),
}

impl Looked {
    fn outcome(self) -> RowOutcome {
        match self {
            Self::Good(_, warnings) => RowOutcome::Good(warnings),
            Self::Is(outcome) => outcome,
        }
    }
}

/// Looks at rows as accepting them would.
struct Look<'a> {
    deps: &'a Deps,
    caller: &'a Caller,
    rules: Rules,
    /// The slots of the queue that rows before got.
    book: Book,
}

impl Look<'_> {
    /// What is the caller's affair is the row's outcome; what is ours, an error.
    async fn at(&mut self, row: Row, key: &Once) -> Result<Looked, Error> {
        let command = match row.command {
            Ok(command) => command,
            Err(error) => return Ok(Looked::Is(RowOutcome::Refused(error))),
        };
        let found = match key.earlier(self.deps, self.rules.tenant).await {
            Ok(Some(reply)) => return outcome_of(&reply).map(Looked::Is),
            Ok(None) => self.warnings(&command).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(warnings) => Ok(Looked::Good(Box::new(command), warnings)),
            Err(error) if is_ours(&error) => Err(error),
            Err(error) => Ok(Looked::Is(RowOutcome::Refused(error))),
        }
    }

    async fn warnings(&mut self, command: &PublishCommand) -> Result<Vec<String>, Error> {
        let (deps, tenant) = (self.deps, self.rules.tenant);
        let plan = plan(deps, &self.rules, command).await?;
        let resolved = schedule::resolve(deps, tenant, &plan.targets, &command.when, &mut self.book).await?;
        if approval::is_needed(&self.rules, self.caller, &command.when) && !plan.unfit_to_approve.is_empty() {
            return Err(Error::Invalid(plan.unfit_to_approve));
        }
        Ok(resolved.warning.into_iter().chain(plan.warnings).collect())
    }
}

/// What is remembered of a row: its post.
fn remembered(accepted: &Accepted) -> StoredReply {
    let made = Made { post: accepted.post.id, warnings: accepted.warnings.clone() };
    StoredReply { status: 202, body: json!(made).to_string() }
}

fn outcome_of(reply: &Reply) -> Result<RowOutcome, Error> {
    let made = serde_json::from_str(&reply.stored.body);
    let made = made.map_err(|_| Error::Internal("a row is remembered without its post".into()))?;
    Ok(RowOutcome::Made(made))
}
