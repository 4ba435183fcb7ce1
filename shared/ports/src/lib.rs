//! What the use cases need from the outside, as traits. Adapters implement them (`store`, `aws`, `connectors`,
//! `connector-kit`), and `testing` implements them again with faults.
//!
//! No type of an SDK crosses a port, and each trait is small: a function holds only the ports it uses.

mod announce;
mod arrivals;
mod audience;
mod campaigns;
mod commit;
mod connector;
mod egress;
mod idempotency;
mod inbound;
mod mailer;
mod messaging;
mod secrets;
mod slot;
mod storage;
mod world;

pub use announce::*;
pub use arrivals::*;
pub use audience::*;
pub use campaigns::*;
pub use commit::*;
pub use connector::*;
pub use egress::*;
pub use idempotency::*;
pub use inbound::*;
pub use mailer::*;
pub use messaging::*;
pub use secrets::*;
pub use slot::*;
pub use storage::*;
pub use world::*;
