//! A call: proved, kept under one conditional write, answered. Nothing is written of what is not proved.

use super::packed::{Packed, pack};
use super::{InboundDeps, seal};
use crate::{Error, sha256_hex};
use domain::inbound::{Receipt, Source};
use domain::publishing::Wake;
use domain::{PlatformId, ReceiptId, SourceId, TenantId};
use ports::{Ask, Greeting, Inbound, IngestJob, Job, Measure, NoDocument, Proofs, Record, StoreError, WakeUp, Write};
use uuid::Uuid;

/// What a call came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// It is answered with this.
    Answered(Greeting),
    /// It is not believed, or there is no such address: nobody is told which.
    Refused,
    /// It is believed, and even deflated it does not fit where calls are kept.
    TooLarge,
}

/// Takes a call at the address of `token`, which says that it is `platform`'s. One that is not kept for a fault of ours counts: only
/// its caller hears of it otherwise.
pub async fn receive(
    deps: &InboundDeps,
    platform: &str,
    token: &str,
    ask: &Ask<'_>,
    cid: &str,
) -> Result<Received, Error> {
    let received = take(deps, platform, token, ask, cid).await;
    if received.is_err() {
        deps.metrics.measure(Measure::CallFailed);
    }
    received
}

async fn take(deps: &InboundDeps, platform: &str, token: &str, ask: &Ask<'_>, cid: &str) -> Result<Received, Error> {
    let now = deps.clock.now();
    let platform: Option<PlatformId> = platform.parse().ok();
    let inlet = platform.as_ref().and_then(|platform| deps.inlets.get(platform));
    let source = found(deps, token).await?;
    let Some(inlet) = inlet else { return Ok(Received::Refused) };
    let Some(source) = source.filter(|source| Some(&source.platform) == platform.as_ref()) else {
        // The same work as for a source that there is.
        let _ = (inlet.greet(ask, &Proofs::none(), now), inlet.prove(ask, &Proofs::none(), now));
        return Ok(Received::Refused);
    };
    let mut proofs = seal::open(deps, &source).await?;
    if !proofs.fit(inlet.form()) {
        return Ok(refusal(&source, ports::Refused::Unproved));
    }
    if let Some(url) = inlet.relies_on(ask, &proofs) {
        match deps.documents.read(&url).await {
            Ok(document) => proofs = proofs.with(document),
            Err(NoDocument::Absent) => return Ok(refusal(&source, ports::Refused::Unproved)),
            Err(NoDocument::Unavailable) => return Err(later(NoDocument::Unavailable)),
        }
    }
    match inlet.greet(ask, &proofs, now) {
        Ok(None) => {}
        Ok(Some(greeting)) => return greeted(deps, &source, greeting).await,
        Err(refused) => return Ok(refusal(&source, refused)),
    }
    let call = match inlet.prove(ask, &proofs, now) {
        Ok(proved) => proved.call,
        Err(refused) => return Ok(refusal(&source, refused)),
    };
    keep(deps, inlet, &source, call.as_deref(), ask, cid).await
}

/// Answers a question, and says yes first where that is done elsewhere. What is not said now is asked for again.
async fn greeted(deps: &InboundDeps, source: &Source, greeting: Greeting) -> Result<Received, Error> {
    if let Some(url) = &greeting.visit {
        deps.documents.visit(url).await.map_err(later)?;
        tracing::info!(source = %source.id, "what a call asked for was confirmed");
    }
    Ok(Received::Answered(greeting))
}

fn later(error: NoDocument) -> Error {
    Error::Unavailable(error.to_string())
}

fn refusal(source: &Source, why: ports::Refused) -> Received {
    tracing::warn!(source = %source.id, why = %why, "a call was refused");
    Received::Refused
}

/// A body beyond the limit came to the address of `token`. Where that is a source's, it counts: its caller repeats it in vain, and
/// somebody has to know.
pub async fn refuse_large(deps: &InboundDeps, token: &str) -> Result<(), Error> {
    if let Some(source) = found(deps, token).await? {
        too_large(deps, &source);
    }
    Ok(())
}

fn too_large(deps: &InboundDeps, source: &Source) -> Received {
    tracing::warn!(source = %source.id, "a call was refused for its size");
    deps.metrics.measure(Measure::CallTooLarge);
    Received::TooLarge
}

/// The source with this token. As many reads for one that does not exist.
async fn found(deps: &InboundDeps, token: &str) -> Result<Option<Source>, Error> {
    let hash = sha256_hex(token.as_bytes());
    let key = deps.ledger.source_by_token(&hash).await?.map(|key| key.value);
    let nowhere = (TenantId::from_uuid(Uuid::nil()), SourceId::from_uuid(Uuid::nil()));
    let (tenant, id) = key.map_or(nowhere, |key| (key.tenant, key.source));
    let source = deps.ledger.source(tenant, id).await?.map(|source| source.value);
    Ok(source.filter(|source| source.token_hash == hash))
}

/// Keeps the call, unless it is kept already, and wakes who reads it.
async fn keep(
    deps: &InboundDeps,
    inlet: &dyn Inbound,
    source: &Source,
    call: Option<&str>,
    ask: &Ask<'_>,
    cid: &str,
) -> Result<Received, Error> {
    let now = deps.clock.now();
    let named = call.map_or_else(|| sha256_hex(ask.body), |call| sha256_hex(call.as_bytes()));
    let id = ReceiptId::from_uuid(super::ingest::uuid_of(&named));
    let Some(Packed { body, base64, deflated }) = pack(ask.body) else {
        return Ok(too_large(deps, source));
    };
    let receipt = Receipt {
        id,
        tenant: source.tenant,
        source: source.id,
        platform: source.platform.clone(),
        asked: None,
        content_type: ask.header("content-type").unwrap_or_default().chars().take(200).collect(),
        body,
        base64,
        deflated,
        received_at: now,
        done: 0,
        // Its message leaves at once; should it be lost, the tick finds the entry overdue.
        wake: Some(Wake { at: now, set_at: now, sent: true }),
        read: None,
    };
    match deps.ledger.commit(vec![Write::create(Record::Receipt(receipt))]).await {
        Ok(_) => {
            let job = IngestJob { v: 1, tenant: source.tenant, source: source.id, receipt: id, cid: cid.to_owned() };
            let taken = deps.queues.send(vec![WakeUp { job: Job::Ingest(job), delay_s: 0 }]).await;
            if taken.contains(&false) {
                tracing::warn!(source = %source.id, "a call waits for the tick: the queue did not take its wake-up");
            }
        }
        Err(StoreError::Conflict { .. }) => tracing::info!(source = %source.id, "a call came again"),
        Err(other) => return Err(other.into()),
    }
    Ok(Received::Answered(inlet.thanks()))
}
