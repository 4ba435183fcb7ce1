//! Telling customers' endpoints what happened: registration, delivery with retries, and the log of it.

mod attempt;
mod batch;
mod catalogue;
mod check;
mod cloudevents;
mod destination;
mod edit;
mod endpoints;
mod fan_out;
mod health;
mod keys;
mod lane;
mod log;
mod outcome;
mod pace;
mod payload;
mod plain;
mod policy;
mod rate;
mod recover;
mod redact;
mod resend;
mod rotate;
mod seal;
#[cfg(test)]
mod tests;
mod together;
mod told;
mod transport;
mod validation;
mod way;

pub use attempt::{Attempted, Visit, attempt, seconds_until};
pub use batch::Batch;
pub use catalogue::{EventType, event_type, event_types};
pub use destination::{DestinationKind, NewDestination};
pub use edit::{EndpointEdit, edit_endpoint, endpoint};
pub use endpoints::{NewEndpoint, Registered, TestSent, endpoints, register, remove_endpoint, send_test};
pub use fan_out::{FanOut, fan_out};
pub use health::{Health, endpoint_with_health, endpoints_with_health};
pub use log::{LogFilter, message, messages, state_name};
pub use policy::{egress_policy, set_egress_policy};
pub use rate::limit as limit_of;
pub use recover::{Range, go_on, recover, recoveries};
pub use resend::resend;
pub use rotate::{Rotation, rotate_secret};
pub(crate) use seal::reseal as reseal_endpoint;
