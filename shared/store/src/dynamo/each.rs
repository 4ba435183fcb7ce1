//! Several items made in one request, each by itself: `BatchExecuteStatement` with an `INSERT` for each, which fails for an item that
//! is there already. `BatchWriteItem` takes no conditions, and a transaction costs double.

use super::attributes::{Attributes, to_attributes};
use super::watch::Watch;
use super::{Dynamo, failure};
use crate::backend::{Answer, Change, Condition, Failure, Kind, Op};
use aws_sdk_dynamodb::types::{BatchStatementError, BatchStatementErrorCodeEnum as Code, BatchStatementRequest};
use std::collections::BTreeSet;

/// Most statements of one request (API reference of `BatchExecuteStatement`, `Statements`).
pub(super) const MOST: usize = 25;

impl Dynamo {
    /// The statements of changes that may leave in one request: each makes an item, and no two the same, since whether a request takes
    /// one item twice is nowhere said. None where there is nothing to gain or one of them is no such change.
    pub(super) fn inserts(&self, changes: &[Change]) -> Option<Vec<BatchStatementRequest>> {
        let items: BTreeSet<_> = changes.iter().map(|change| (change.table, change.key())).collect();
        if changes.len() == 1 || items.len() < changes.len() {
            return None;
        }
        changes.iter().map(|change| self.insert(change)).collect()
    }

    /// The statement that makes an item, if that is what a change does.
    fn insert(&self, change: &Change) -> Option<BatchStatementRequest> {
        let (Op::Put(item), Condition::Absent) = (&change.op, &change.condition) else { return None };
        let (names, values): (Vec<_>, Vec<_>) = Attributes::into_iter(to_attributes(item)).unzip();
        let fields: Vec<_> = names.iter().map(|name| format!("'{name}':?")).collect();
        let statement = format!("INSERT INTO \"{}\" VALUE {{{}}}", self.name(change.table), fields.join(","));
        BatchStatementRequest::builder().statement(statement).set_parameters(Some(values)).build().ok()
    }

    pub(super) async fn together(&self, statements: Vec<BatchStatementRequest>) -> Vec<Result<Answer<()>, Failure>> {
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
        // The SDK repeats a request that is throttled, and no statement of one that was answered: it goes alone, as a request.
        Code::TransactionConflict
        | Code::ThrottlingError
        | Code::ProvisionedThroughputExceeded
        | Code::RequestLimitExceeded => Kind::Busy,
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
        let busy = [Code::ThrottlingError, Code::ProvisionedThroughputExceeded, Code::RequestLimitExceeded];
        for code in busy.into_iter().chain([Code::TransactionConflict]) {
            assert_eq!((of(code.clone()).kind, of(code).doubtful), (Kind::Busy, false));
        }
        for code in [Code::ValidationError, Code::AccessDenied] {
            assert_eq!((of(code.clone()).kind, of(code).doubtful), (Kind::Other, false));
        }
        assert!(of(Code::InternalServerError).doubtful);
        assert!(refused(&BatchStatementError::builder().build(), &sure).doubtful, "nobody knows what it was");
    }
}
