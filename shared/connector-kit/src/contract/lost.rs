//! A delivery whose answer was lost, and what readings of the platform decide about it.

use super::{Case, Fault, is_unconfirmed};
use domain::platform::DedupeClass;
use domain::publishing::{Delivery, Failure, Finding, NewDelivery, Receipt, State, Wakened};
use domain::{DeliveryId, PostId};
use jiff::SignedDuration;

/// A delivery in doubt about its last step.
pub(super) struct Lost<'a> {
    pub(super) case: Case<'a>,
    delivery: Delivery,
    /// Whether the account can be read; else a person is asked.
    readable: bool,
}

impl<'a> Lost<'a> {
    /// The request for the next step, exactly one, meets this fault.
    pub(super) async fn new(mut case: Case<'a>, fault: Fault) -> Self {
        let (harness, delivery) = (case.harness, dispatched(&case));
        harness.fault(fault).await;
        let requests = harness.requests().await;
        let result = case.publish().await;
        assert!(is_unconfirmed(&result), "{fault:?}: {result:?}");
        assert_eq!(harness.requests().await, requests + 1, "{fault:?}: none repeated");
        let delivery = answered(&case, &delivery, case.before.len(), &result.map(|sent| sent.receipt));
        assert!(matches!(delivery.state, State::Unknown { .. }), "{:?}", delivery.state);
        let readable = case.connector.dedupe(&case.account) == DedupeClass::Readable;
        Self { case, delivery, readable }
    }

    /// Reads the platform once, and decides with it.
    pub(super) async fn read(&mut self) -> Reading {
        let (finding, now) = (self.case.find().await, self.case.harness.now());
        let decided =
            self.delivery.reconciled(&finding, now, now).expect("an unknown outcome is decided by reading").next;
        if matches!(decided.state, State::Unknown { .. }) {
            self.delivery.clone_from(&decided);
        }
        let limits = &self.case.connector.descriptor().limits;
        let below =
            self.case.variant.is_comment(self.case.before.len()) || limits.of_answer(&self.case.variant).is_some();
        let shown = self.case.harness.has_addresses() && !below;
        Reading { finding, decided, readable: self.readable, shown }
    }
}

/// A delivery of the case whose next request is about to leave.
fn dispatched(case: &Case<'_>) -> Delivery {
    let (account, descriptor, now) = (&case.account, case.connector.descriptor(), case.harness.now());
    let new = NewDelivery {
        id: DeliveryId::from_uuid(account.id.uuid()),
        tenant: account.tenant,
        post: PostId::from_uuid(account.id.uuid()),
        account: account.id,
        platform: descriptor.id.clone(),
        content_hash: String::new(),
        parts: case.variant.steps(),
        due_at: now,
        max_lateness_s: 3_600,
        settle_s: descriptor.settle_s,
    };
    let Wakened::Claimed(claim) = Delivery::accepted(new, now - SignedDuration::from_secs(1)).wakened("worker", now)
    else {
        panic!("it is due")
    };
    let leaves = |delivery: &Delivery| delivery.dispatching("worker", now, now).expect("it is claimed").next;
    let before = case.before.iter().enumerate();
    before.fold(leaves(&claim.next), |sent, (part, receipt)| leaves(&answered(case, &sent, part, &Ok(receipt.clone()))))
}

fn answered(case: &Case<'_>, sent: &Delivery, part: usize, answer: &Result<Receipt, Failure>) -> Delivery {
    let part = u16::try_from(part).expect("a thread is short");
    sent.outcome(sent.fence, part, answer, case.harness.now(), 0).expect("the answer belongs to the request").next
}

/// What one reading came to.
pub(super) struct Reading {
    finding: Result<Finding, Failure>,
    decided: Delivery,
    readable: bool,
    /// People see it at an address of its own.
    shown: bool,
}

impl Reading {
    /// It shows nothing of the post, and proves nothing by it: the next reading may show it.
    pub(super) fn leaves_it_open(&self, why: &str) {
        if !self.readable {
            return self.asks_a_person();
        }
        let nothing = matches!(self.finding, Ok(Finding::Absent | Finding::UNSHOWN) | Err(Failure::Unavailable));
        self.is_open(nothing, why);
    }

    /// It takes no other post for this one, though one may resemble it.
    pub(super) fn takes_no_other(&self, why: &str) {
        if !self.readable {
            return self.asks_a_person();
        }
        let nothing = matches!(self.finding, Ok(Finding::Absent | Finding::Resembling(_)) | Err(Failure::Unavailable));
        self.is_open(nothing, why);
    }

    /// It names this very post, and where people see it.
    pub(super) fn names(&self, id: &str) {
        if !self.readable {
            return self.asks_a_person();
        }
        let Ok(Finding::Found(receipt) | Finding::Live(receipt) | Finding::Proved(receipt)) = &self.finding else {
            panic!("not found: {:?}", self.finding)
        };
        assert_eq!(receipt.id.as_deref(), Some(id));
        assert!(receipt.url.is_some() || !self.shown, "the reading tells where people see it");
        self.publishes_with(receipt);
    }

    /// Of two posts that it cannot tell apart it takes neither: the platform says of an id that only this delivery has which one it
    /// is, or that it is live, or a person is asked.
    pub(super) fn does_not_guess(&self, id: &str) {
        if !self.readable {
            return self.asks_a_person();
        }
        match &self.finding {
            Ok(Finding::Proved(receipt) | Finding::Live(receipt)) => {
                assert!(receipt.id.as_deref().is_none_or(|named| named == id), "it names another's: {receipt:?}");
                self.publishes_with(receipt);
            }
            Ok(Finding::Several(2)) => assert!(matches!(self.decided.state, State::Attention { .. })),
            other => panic!("{other:?}"),
        }
    }

    /// Nothing can be read, and a person is asked.
    fn asks_a_person(&self) {
        assert_eq!(self.finding, Ok(Finding::Unreadable));
        assert!(matches!(self.decided.state, State::Attention { .. }), "{:?}", self.decided.state);
    }

    fn is_open(&self, nothing: bool, why: &str) {
        let open = matches!(self.decided.state, State::Unknown { .. });
        assert!(nothing && open, "{why}: {:?}, {:?}", self.finding, self.decided.state);
    }

    fn publishes_with(&self, receipt: &Receipt) {
        assert!(matches!(self.decided.state, State::Published { .. }), "{:?}", self.decided.state);
        assert_eq!(self.decided.parts.last().and_then(|part| part.receipt.as_ref()), Some(receipt));
    }
}
