//! What telling a customer's endpoint of an event costs in units. The figures are bounds, as those of a published delivery are.
#![allow(missing_docs, clippy::unwrap_used, clippy::float_cmp, clippy::cast_precision_loss)]

use bench::cost::{counted, priced};
use bench::hooks::{Taker, told};
use bench::meter::Unit;

const EVENTS: usize = 100;

#[tokio::test]
async fn telling_an_endpoint_that_takes_it_is_one_write_after_the_try_and_a_tenth_of_a_read() {
    let meter = told(Taker::AtOnce, EVENTS).await;
    let of = |unit| counted(&meter, EVENTS, unit, |_| true);
    // The message with what came of it; until then the queue's own message holds the event.
    assert_eq!(of(Unit::Write), 1.0);
    // The tenant's endpoints, with how each fares, once for a batch.
    assert_eq!(of(Unit::Read), 0.1);
    // The rule's own message, and a tenth of a receive and of a delete.
    assert_eq!(of(Unit::Sqs), 1.2);
    assert_eq!(of(Unit::Secret), 0.0);
    assert!(priced(&meter, EVENTS, |_| true) <= 1.2);
}

#[tokio::test]
async fn the_documents_table_of_webhooks_is_what_is_measured() {
    let text = include_str!("../../../docs/costs.md");
    for taker in Taker::ALL {
        let meter = told(taker, EVENTS).await;
        let sums = [Unit::Write, Unit::Read, Unit::Sqs, Unit::Invocation]
            .map(|unit| format!("{:.2}", counted(&meter, EVENTS, unit, |_| true)));
        let dollars = priced(&meter, EVENTS, |_| true);
        let row = format!("| {} | {} | ${dollars:.2} |", taker.name(), sums.join(" | "));
        assert!(text.contains(&row), "docs/costs.md lacks the measured row\n{row}\n{:#?}", meter.lines());
    }
}
