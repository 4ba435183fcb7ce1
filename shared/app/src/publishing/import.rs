//! Many posts at once, row by row. Nothing is written unless every row passes, or the caller wants those that do. Each row has a
//! key of its own below the client's: what a crash interrupts is finished by asking again, and no row becomes two posts.

use super::request::plan;
use super::{Accepted, PublishCommand, request, rules, schedule};
use crate::mutate::require;
use crate::{Deps, Error, Once, Reply};
use domain::PostId;
use domain::access::{Caller, Permission};
use domain::publishing::Rules;
use ports::StoredReply;

/// Most rows of one import: what one request does within its time.
pub const MAX_ROWS: usize = 100;

/// One row.
#[derive(Debug)]
pub struct Row {
    /// What it means, or why it means nothing.
    pub command: Result<PublishCommand, Error>,
    /// Hash of what it says.
    pub fingerprint: String,
}

/// What became of a row.
#[derive(Debug)]
pub enum RowOutcome {
    /// It is this post.
    Made(PostId),
    /// It would be taken; nothing was written.
    Good,
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

/// Imports rows in their order.
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
    let keyed = |(index, row): (usize, &Row)| Once {
        route: format!("{} row", once.route),
        key: format!("{} {index}", once.key),
        fingerprint: row.fingerprint.clone(),
    };
    let keys: Vec<Once> = rows.iter().enumerate().map(keyed).collect();
    let rules = rules::of(deps, caller.tenant).await?;
    let mut looked = Vec::with_capacity(rows.len());
    for (row, key) in rows.into_iter().zip(&keys) {
        looked.push(look(deps, &rules, row, key).await?);
    }
    let wrong = looked.iter().any(|row| matches!(row, Looked::Is(RowOutcome::Refused(_))));
    if how == Import::DryRun || (wrong && how == Import::Whole) {
        return Ok(Imported::Nothing(looked.into_iter().map(Looked::outcome).collect()));
    }
    let mut outcomes = Vec::with_capacity(looked.len());
    for (row, key) in looked.into_iter().zip(&keys) {
        outcomes.push(match row {
            Looked::Is(outcome) => outcome,
            Looked::Good(command) => match request(deps, caller, &command, key, &made).await {
                Ok(reply) => outcome_of(&reply)?,
                // Another import of these rows, an account that was disconnected meanwhile: the row says so.
                Err(error) => RowOutcome::Refused(error),
            },
        });
    }
    let reply = encode(&outcomes);
    match deps.ledger.commit(vec![once.remember(deps, caller.tenant, &reply)]).await {
        Ok(_) => Ok(Imported::Done(Reply::new(reply))),
        Err(error) => once.after_conflict(deps, caller.tenant, error).await.map(Imported::Done),
    }
}

enum Looked {
    Good(Box<PublishCommand>),
    Is(RowOutcome),
}

impl Looked {
    fn outcome(self) -> RowOutcome {
        match self {
            Self::Good(_) => RowOutcome::Good,
            Self::Is(outcome) => outcome,
        }
    }
}

/// Looks at a row as accepting it would. What is the caller's affair is the row's outcome; what is ours, an error.
async fn look(deps: &Deps, rules: &Rules, row: Row, key: &Once) -> Result<Looked, Error> {
    let command = match row.command {
        Ok(command) => command,
        Err(error) => return Ok(Looked::Is(RowOutcome::Refused(error))),
    };
    let found = async {
        if let Some(reply) = key.earlier(deps, rules.tenant).await? {
            return outcome_of(&reply).map(Some);
        }
        let plan = plan(deps, rules, &command).await?;
        schedule::resolve(deps, rules.tenant, &plan.targets, &command.when, "/when", None).await?;
        Ok(None)
    };
    match found.await {
        Ok(Some(outcome)) => Ok(Looked::Is(outcome)),
        Ok(None) => Ok(Looked::Good(Box::new(command))),
        Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => Err(error),
        Err(error) => Ok(Looked::Is(RowOutcome::Refused(error))),
    }
}

/// What is remembered of a row: its post.
fn made(accepted: &Accepted) -> StoredReply {
    StoredReply { status: 202, body: accepted.post.id.to_string() }
}

fn outcome_of(reply: &Reply) -> Result<RowOutcome, Error> {
    let post = reply.stored.body.parse().map_err(|_| Error::Internal("a row is remembered without its post".into()))?;
    Ok(RowOutcome::Made(post))
}
