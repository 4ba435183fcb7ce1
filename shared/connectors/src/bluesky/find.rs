//! Reading back: a part's key follows from the part, so there is one place where its record can be.

use super::api::Said;
use super::publish::receipt;
use super::{Bluesky, did, prepare, record_key};
use domain::publishing::{Failure, Finding};
use ports::PublishCall;

pub(super) async fn find(bluesky: &Bluesky, call: &PublishCall<'_>) -> Result<Finding, Failure> {
    let (did, key) = (did(call.account)?, record_key::of(call));
    let Some(record) = prepare::record::<Said>(bluesky, call, &key).await? else { return Ok(Finding::Absent) };
    let ours = record.value.text == call.variant.full_text(call.part, true) && !call.elsewhere.contains(&key);
    // No other part has this key. Whatever else lies there, somebody wrote it over ours, or two keys are the same by chance.
    Ok(if ours { Finding::Proved(receipt(call.app, did, key)) } else { Finding::Resembling(1) })
}
