//! One message.

use crate::turns::Turns;
use app::publishing::{self, Executed};
use app::{Error, PlatformDeps};
use ports::{Publish, PublishJob};
use runtime::queue::{Failed, Message};

/// Works on the delivery a message names. The ledger is the truth: a message that finds nothing to do is done.
pub(crate) async fn publish(
    deps: &PlatformDeps<dyn Publish>,
    turns: &Turns,
    message: Message<PublishJob>,
) -> Result<(), Failed> {
    if message.body.v != 1 {
        return Err(Failed::poison(format!("version {} of a publish message", message.body.v)));
    }
    let _turn = turns.wait(message.body.account).await;
    match publishing::execute(deps, &message.body, message.deadline).await {
        Ok(Executed::Done) => Ok(()),
        Ok(Executed::NoTime) => Err(Failed::new("no_time", "given back unsent")),
        Err(error @ Error::Internal(_)) => Err(Failed::new("internal", error.to_string())),
        Err(error) => Err(Failed::new("unavailable", error.to_string())),
    }
}
