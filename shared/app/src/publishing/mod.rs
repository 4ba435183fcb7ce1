//! Publishing: from "please post this then" to "it is live, here".
//!
//! `request` accepts, `approval` lets what needs it leave, `sweep` wakes what is due, `execute` sends, `reconcile` finds out, `decide` lets people decide,
//! `amend` and `remove` concern what is live.

mod amend;
mod approval;
mod best_time;
mod command;
mod commit;
mod decide;
mod edit;
mod engagement;
mod execute;
mod format;
mod gate;
mod governor;
mod import;
mod load;
mod media;
mod preflight;
mod probe;
mod query;
mod reconcile;
mod recurrence;
mod remove;
mod request;
mod rules;
mod runs;
mod schedule;
mod series;
mod siblings;
mod slots;
mod sweep;

pub use amend::amend;
pub use approval::{Verdict, approvals, approve, ask_approval, reject};
pub use best_time::best_time;
pub use command::*;
pub use decide::{Answer, Decision, cancel, resolve, retry};
pub use edit::{Edit, edit};
pub use engagement::{Measured, measure};
pub use execute::{Executed, execute};
pub use format::{Formatted, format};
pub use import::{Import, Imported, MAX_ROWS, Made, Row, RowOutcome, import, imported};
pub use media::{
    NewMedia, create_media, describe_media, library, looked_into, media, named_media, upload_media, upload_media_once,
};
pub use preflight::{Forecast, Preflight, QuotaLeft, preflight};
pub use probe::Unread;
pub use query::{PostView, attention, delivery, planned, posts, status, views};
pub use reconcile::{Reconciled, reconcile};
pub use recurrence::{MAX_PREVIEW, RecurrenceSpec, preview};
pub use remove::remove;
pub(crate) use request::answer;
pub use request::request;
pub(crate) use rules::{of as rules_of, set as change_rules};
pub use rules::{rules, set_approval_rule, set_brand_rules};
pub use series::{NewSeries, SeriesEdit, SeriesView, all_series, create_series, edit_series, end_series, series};
pub use slots::{NewSlots, next_slot, set_slots, slots};
pub use sweep::{Swept, tick};

use crate::{Deps, Error};
use domain::publishing::Delivery;
use ports::Versioned;

/// Seconds that an API request which asks platforms may take: what the template gives an API function, less its start.
const REQUEST_S: i64 = 28;

/// Refuses what concerns only a post that is over, as long as a delivery is not.
async fn all_over(deps: &Deps, deliveries: &[Versioned<Delivery>]) -> Result<(), Error> {
    let Some(open) = deliveries.iter().find(|d| !d.value.state.is_terminal()) else { return Ok(()) };
    let (whom, stands) = (whom(deps, &open.value).await?, open.value.label());
    Err(Error::conflict("still_open", format!("{whom} stands at \"{stands}\": cancel or decide it first")))
}

/// Whom a delivery is for, as people know it: the account, and its platform.
async fn whom(deps: &Deps, delivery: &Delivery) -> Result<String, Error> {
    let connector = deps.connectors.get(&delivery.platform);
    let platform = connector.map_or_else(|| delivery.platform.to_string(), |known| known.descriptor().name.clone());
    let account = deps.ledger.account(delivery.tenant, delivery.account).await?;
    Ok(account.map_or(platform.clone(), |found| format!("{} on {platform}", found.value.profile.name)))
}

/// How far ahead the tick looks, and how near a due time must be for the API to send the message itself, in seconds.
/// A tick may come a minute late and nothing is late.
pub const LOOK_AHEAD_S: i64 = 120;
/// Seconds after which an entry that should have been served is woken again.
pub const OVERDUE_S: i64 = 60;
/// Seconds that must be left to begin another step of preparing, such as a second picture: what one from a slow server takes.
pub const PREPARE_S: i64 = 15;
/// Seconds a platform call may take; its client enforces it.
pub const CALL_TIMEOUT_S: i64 = 20;
/// Seconds that must be left to begin such a call: its answer must still be written down before the process is stopped.
pub(crate) const CALL_AND_RECORD_S: i64 = CALL_TIMEOUT_S + 5;
