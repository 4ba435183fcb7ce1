//! What the API takes and shows.

mod catalogue;
mod destination;
mod endpoint;
mod filter;
mod inbox;
mod log;
mod recovery;
mod shown;
mod sources;
mod test;

pub use catalogue::{EventTypeBody, EventTypesBody, WholeEventTypeBody};
pub use destination::{DestinationBody, NewDestinationBody};
pub use endpoint::{NewWebhookBody, RotationBody, WebhookEditBody};
pub use inbox::{ConversationBody, InboxBody, InboxEditBody, InboxQuery, InteractionBody};
pub use log::{AttemptBody, AttemptsBody, MessageBody, MessageFilter, WholeMessageBody};
pub use recovery::{RecoverBody, RecoveriesBody, RecoveryBody};
pub use shown::{WebhookBody, WebhooksBody};
pub use sources::{AskedBody, IncomingBody, IncomingPageBody, New, NewSourceBody, SourceBody, SourcesBody};
pub use test::{TestBody, TestSentBody};
