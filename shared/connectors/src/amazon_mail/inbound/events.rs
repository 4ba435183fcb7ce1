//! Events of mails: <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>; of identities the same
//! under another name (<https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html>). One may tell of several recipients:
//! each is an event of its own, since what became of a mail is told of each of them.

use connector_kit::inbound::{Tree, unknown};
use domain::inbound::{Heard, MessageStanding, Person, Standing, What};
use jiff::Timestamp;
use serde_json::Value;

/// What a notification tells.
pub(super) fn read(call: &str, text: &str) -> Vec<Heard> {
    // Before the first event a topic gets a line of plain text.
    let Ok(event) = serde_json::from_str::<Value>(text) else { return vec![unknown(call, "text")] };
    let event = Event::of(Tree(&event));
    let heard = event.heard();
    if heard.is_empty() { vec![Heard { at: event.at("mail"), ..unknown(call, event.kind) }] } else { heard }
}

struct Event<'a> {
    tree: Tree<'a>,
    kind: String,
    /// The id that SES gave the mail.
    message: String,
}

impl<'a> Event<'a> {
    fn of(tree: Tree<'a>) -> Self {
        let kind = tree.text("eventType").or(tree.text("notificationType")).unwrap_or_default();
        Self { tree, kind, message: tree.at("mail").word("messageId") }
    }

    /// When, as the part of this name says.
    fn at(&self, part: &str) -> Option<Timestamp> {
        self.tree.at(part).text("timestamp").and_then(|at| at.parse().ok())
    }

    fn heard(&self) -> Vec<Heard> {
        match self.kind.as_str() {
            "Send" => self.stand(MessageStanding::Sent, "mail", self.sent_to(), None),
            "Delivery" => self.stand(
                MessageStanding::Delivered,
                "delivery",
                texts(self.tree.at("delivery").at("recipients")),
                None,
            ),
            // The receiving server puts it off.
            "DeliveryDelay" => {
                let delay = self.tree.at("deliveryDelay");
                self.stand(
                    MessageStanding::Queued,
                    "deliveryDelay",
                    addresses(delay.at("delayedRecipients")),
                    delay.text("delayType"),
                )
            }
            "Reject" => {
                self.stand(MessageStanding::Failed, "mail", self.sent_to(), self.tree.at("reject").text("reason"))
            }
            "Rendering Failure" => self.stand(MessageStanding::Failed, "mail", self.sent_to(), None),
            "Bounce" => self.bounces(),
            "Complaint" => self.complaints(),
            "Subscription" => self.subscription(),
            _ => Vec::new(),
        }
    }

    fn sent_to(&self) -> Vec<String> {
        texts(self.tree.at("mail").at("destination"))
    }

    fn stand(&self, status: MessageStanding, part: &str, to: Vec<String>, code: Option<String>) -> Vec<Heard> {
        let at = self.at(part);
        let standing = Standing { at: at.unwrap_or(Timestamp::UNIX_EPOCH), ..Standing::untimed(status, code) };
        let heard = |address: String| Heard {
            id: format!("{}/{}/{address}/{}", self.kind, self.message, standing.at),
            at,
            to: None,
            what: What::Status {
                message: format!("{}/{address}", self.message),
                recipient: Some(address),
                standing: standing.clone(),
            },
        };
        to.into_iter().map(heard).collect()
    }

    /// Of what is neither permanent nor transient nobody knows whether the next one would come back.
    fn bounces(&self) -> Vec<Heard> {
        let bounce = self.tree.at("bounce");
        let permanent = bounce.word("bounceType") == "Permanent";
        let what = |one: Tree<'_>, person: Person| {
            let reason = one.text("status").or(bounce.text("bounceSubType"));
            What::Bounce { permanent, person: Person { reason, ..person } }
        };
        self.people("bounce", bounce.at("bouncedRecipients"), &what)
    }

    fn complaints(&self) -> Vec<Heard> {
        let complaint = self.tree.at("complaint");
        let reason = complaint.text("complaintFeedbackType").or(complaint.text("complaintSubType"));
        let what = |_: Tree<'_>, person: Person| What::Complaint(Person { reason: reason.clone(), ..person });
        self.people("complaint", complaint.at("complainedRecipients"), &what)
    }

    fn people(&self, part: &str, list: Tree<'_>, what: &dyn Fn(Tree<'_>, Person) -> What) -> Vec<Heard> {
        let named = self.tree.at(part).text("feedbackId").unwrap_or_else(|| self.message.clone());
        let heard = |one: Tree<'_>| {
            let address = one.text("emailAddress")?;
            let id = format!("{}/{named}/{address}", self.kind);
            let person = Person { address, reason: None, message: Some(self.message.clone()) };
            Some(Heard { id, at: self.at(part), to: None, what: what(one, person) })
        };
        list.list().filter_map(heard).collect()
    }

    /// Who left everything, or is back. Single topics of a contact list are SES's own.
    fn subscription(&self) -> Vec<Heard> {
        let subscription = self.tree.at("subscription");
        let all = |name| subscription.at(name).at("unsubscribeAll").0.as_bool();
        let (before, after) = (all("oldTopicPreferences"), all("newTopicPreferences"));
        let what = |person| match (before, after) {
            (_, Some(true)) => Some(What::OptOut(person)),
            (Some(true), Some(false)) => Some(What::OptIn(person)),
            _ => None,
        };
        let at = self.at("subscription");
        let heard = |address: String| {
            let id = format!("{}/{}/{address}/{}", self.kind, self.message, at.unwrap_or_default());
            let person = Person { address, reason: None, message: Some(self.message.clone()) };
            Some(Heard { id, at, to: None, what: what(person)? })
        };
        self.sent_to().into_iter().filter_map(heard).collect()
    }
}

fn texts(list: Tree<'_>) -> Vec<String> {
    list.list().filter_map(|one| one.0.as_str()).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

fn addresses(list: Tree<'_>) -> Vec<String> {
    list.list().filter_map(|one| one.text("emailAddress")).collect()
}
