//! What others tell.

use domain::inbound::{Changed, MessageStanding, What};

/// What came in, in a word or two.
pub fn incoming(what: &What) -> &'static str {
    match what {
        What::Comment(said) => changed(said.change, ["Comment", "Comment, edited", "Comment, taken back"]),
        What::Mention(said) => changed(said.change, ["Mention", "Mention, edited", "Mention, taken back"]),
        What::Message(said) => changed(said.change, ["Message", "Message, edited", "Message, taken back"]),
        What::Reaction(said) => changed(said.change, ["Reaction", "Reaction, changed", "Reaction, taken back"]),
        What::Status { .. } => "Status of a message",
        What::OptOut(_) => "Wants no more messages",
        What::OptIn(_) => "Wants messages again",
        What::Bounce { permanent: true, .. } => "Came back for good",
        What::Bounce { .. } => "Came back",
        What::Complaint(_) => "Called spam",
        What::Unknown { .. } => "Something else",
    }
}

fn changed(change: Changed, [added, edited, removed]: [&'static str; 3]) -> &'static str {
    match change {
        Changed::Added => added,
        Changed::Edited => edited,
        Changed::Removed => removed,
    }
}

/// Where a message stands.
pub fn message_standing(standing: MessageStanding) -> &'static str {
    match standing {
        MessageStanding::Queued => "Waits to be sent",
        MessageStanding::Sent => "Sent",
        MessageStanding::Failed => "Failed",
        MessageStanding::Delivered => "Delivered",
        MessageStanding::Read => "Read",
        MessageStanding::Bounced => "Came back",
        MessageStanding::Complained => "Called spam",
    }
}
