//! Ingest: reads the calls that the receiver kept, and stores what they tell.

use app::inbound::{InboundDeps, ingest};
use ports::IngestJob;
use runtime::queue::{Failed, Message};

/// One call, or a part of one that tells much. Whatever it says is stored or known already; only a store that does not answer fails
/// the message.
///
/// # Errors
/// It was not read: the message comes again.
pub async fn read(deps: &InboundDeps, message: Message<IngestJob>) -> Result<(), Failed> {
    let job = &message.body;
    if job.v != 1 {
        return Err(Failed::poison(format!("version {} of a message about a call", job.v)));
    }
    let read =
        ingest(deps, job, message.deadline).await.map_err(|error| Failed::new("unavailable", error.to_string()))?;
    tracing::info!(source = %job.source, receipt = %job.receipt, ?read, "a call was read");
    Ok(())
}
