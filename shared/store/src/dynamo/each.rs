//! Several items made in one request, each by itself: `BatchExecuteStatement` with an `INSERT` for each, which fails for an item that
//! is there already. `BatchWriteItem` takes no conditions, and a transaction costs double.

use super::attributes::{Attributes, to_attributes};
use super::watch::Watch;
use super::{Dynamo, failure};
use crate::backend::{Answer, Change, Condition, Failure, Kind, Op};
use aws_sdk_dynamodb::types::{BatchStatementError, BatchStatementErrorCodeEnum as Code, BatchStatementRequest};
use std::collections::BTreeSet;

/// Most statements of one request (API reference of `BatchExecuteStatement`, `Statements`).
const MOST: usize = 25;

impl Dynamo {
    /// One request for up to 25 changes where each of them makes an item; a request for each otherwise.
    pub(super) async fn in_few(&self, changes: &[Change]) -> Vec<Result<Answer<()>, Failure>> {
        let mut done = Vec::with_capacity(changes.len());
        for some in changes.chunks(MOST) {
            let apart =
                some.iter().map(|change| (change.table, change.key())).collect::<BTreeSet<_>>().len() == some.len();
            match some.iter().map(|change| self.insert(change)).collect::<Option<Vec<_>>>() {
                // Whether it takes one item twice is nowhere said.
                Some(statements) if some.len() > 1 && apart => done.extend(self.together(statements).await),
                _ => {
                    for change in some {
                        done.push(self.put_or_delete(change).await);
                    }
                }
            }
        }
        done
    }

    /// The statement that makes an item, if that is what a change does.
    fn insert(&self, change: &Change) -> Option<BatchStatementRequest> {
        let (Op::Put(item), Condition::Absent) = (&change.op, &change.condition) else { return None };
        let (names, values): (Vec<_>, Vec<_>) = Attributes::into_iter(to_attributes(item)).unzip();
        let fields: Vec<_> = names.iter().map(|name| format!("'{name}':?")).collect();
        let statement = format!("INSERT INTO \"{}\" VALUE {{{}}}", self.name(change.table), fields.join(","));
        BatchStatementRequest::builder().statement(statement).set_parameters(Some(values)).build().ok()
    }

    async fn together(&self, statements: Vec<BatchStatementRequest>) -> Vec<Result<Answer<()>, Failure>> {
        let (watch, asked) = (Watch::default(), statements.len());
        let request = self.client.batch_execute_statement().set_statements(Some(statements));
        let answers = match request.customize().interceptor(watch.clone()).send().await {
            Ok(answered) => answered.responses.unwrap_or_default(),
            Err(error) => return vec![Err(failure(&error, &watch)); asked],
        };
        let mut answers = answers.into_iter();
        let next = |_| match answers.next() {
            Some(answer) => {
                answer.error.map_or_else(|| Ok(self.answer(&watch, ())), |error| Err(refused(&error, &watch)))
            }
            None => Err(Failure { kind: Kind::Other, doubtful: true, detail: "a statement without an answer".into() }),
        };
        (0..asked).map(next).collect()
    }
}

/// Why a statement came to nothing. As everywhere its words are not kept: they may quote keys.
fn refused(error: &BatchStatementError, watch: &Watch) -> Failure {
    let code = error.code.clone().unwrap_or(Code::InternalServerError);
    let kind = match code {
        Code::DuplicateItem | Code::ConditionalCheckFailed => Kind::Condition(0),
        Code::TransactionConflict => Kind::Busy,
        _ => Kind::Other,
    };
    let open = code == Code::InternalServerError;
    Failure { kind, doubtful: open || watch.doubt(), detail: code.as_str().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_statement_came_to_is_open_only_where_the_service_failed_or_an_attempt_before_it_did() {
        let sure = Watch::default();
        let of = |code: Code| refused(&BatchStatementError::builder().code(code).build(), &sure);
        assert_eq!((of(Code::DuplicateItem).kind, of(Code::DuplicateItem).doubtful), (Kind::Condition(0), false));
        assert_eq!((of(Code::TransactionConflict).kind, of(Code::TransactionConflict).doubtful), (Kind::Busy, false));
        for code in [Code::ThrottlingError, Code::ValidationError, Code::AccessDenied, Code::RequestLimitExceeded] {
            assert_eq!((of(code.clone()).kind, of(code).doubtful), (Kind::Other, false));
        }
        assert!(of(Code::InternalServerError).doubtful);
        assert!(refused(&BatchStatementError::builder().build(), &sure).doubtful, "nobody knows what it was");
    }
}
