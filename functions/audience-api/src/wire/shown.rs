//! Contacts, as the API shows them.

use domain::ListId;
use domain::audience::{Channel, Contact, ContactConsent, Lifted, Person, Subscription, Suppression};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How a contact stands to a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubscriptionBody {
    /// The list.
    pub list_id: String,
    /// `pending`, `subscribed` or `unsubscribed`.
    #[schema(example = "subscribed")]
    pub state: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// The `number` of the consent that it rests on.
    pub consent: Option<u32>,
}

impl From<(&ListId, &Subscription)> for SubscriptionBody {
    fn from((list, known): (&ListId, &Subscription)) -> Self {
        let list_id = list.to_string();
        Self { list_id, state: known.state.name(), since: known.since, consent: known.consent }
    }
}

/// Why a contact is left alone on a channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SuppressionBody {
    /// `email`, `sms`, `voice`, `push` or `chat`.
    #[schema(example = "email")]
    pub channel: &'static str,
    /// `manual`, `unsubscribed`, `bounced`, `complained` or `erased`.
    #[schema(example = "bounced")]
    pub reason: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

impl From<(&Channel, &Suppression)> for SuppressionBody {
    fn from((channel, known): (&Channel, &Suppression)) -> Self {
        Self { channel: channel.name(), reason: known.reason.name(), since: known.since }
    }
}

/// How a contact stands, without who it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactStateBody {
    /// Id.
    pub contact_id: String,
    /// When it was made; of one who was forgotten and came again, when they came.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was forgotten; null while it is there.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub erased_at: Option<Timestamp>,
    /// How it stands to lists.
    pub subscriptions: Vec<SubscriptionBody>,
    /// Where it is left alone.
    pub suppressions: Vec<SuppressionBody>,
}

impl ContactStateBody {
    /// Of a contact.
    pub fn of(contact: &Contact) -> Self {
        Self {
            contact_id: contact.id.to_string(),
            created_at: contact.created_at,
            erased_at: contact.erased_at,
            subscriptions: contact.subscriptions.iter().map(Into::into).collect(),
            suppressions: contact.suppressions.iter().map(Into::into).collect(),
        }
    }
}

/// Who a contact is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonBody {
    /// Their e-mail address.
    pub address: String,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// IANA time zone.
    pub zone: Option<String>,
    /// BCP 47 tag.
    pub locale: Option<String>,
    /// Words that they are grouped by.
    pub tags: Vec<String>,
    /// Attributes, by name.
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
}

impl From<&Person> for PersonBody {
    fn from(person: &Person) -> Self {
        Self {
            address: person.address.as_str().to_owned(),
            given_name: person.given_name.clone(),
            family_name: person.family_name.clone(),
            zone: person.zone.clone(),
            locale: person.locale.clone(),
            tags: person.tags.iter().cloned().collect(),
            attributes: person.attributes.iter().map(|(name, value)| (name.clone(), value.shown())).collect(),
        }
    }
}

/// What a person agreed to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GivenConsentBody {
    /// Its number within the contact.
    pub number: u32,
    /// To which channel.
    #[schema(example = "email")]
    pub channel: &'static str,
    /// To which list; null where it is for the channel as such.
    pub list_id: Option<String>,
    /// The version of the words that they read.
    pub wording: String,
    /// Where they read them.
    pub source: String,
    /// When they agreed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The internet address from which they did.
    pub ip: Option<String>,
    /// When they took it back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub withdrawn_at: Option<Timestamp>,
}

impl From<&ContactConsent> for GivenConsentBody {
    fn from(consent: &ContactConsent) -> Self {
        Self {
            number: consent.n,
            channel: consent.channel.name(),
            list_id: consent.list.map(|id| id.to_string()),
            wording: consent.wording.clone(),
            source: consent.source.clone(),
            at: consent.at,
            ip: consent.ip.map(|ip| ip.to_string()),
            withdrawn_at: consent.withdrawn_at,
        }
    }
}

/// A suppression that was lifted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LiftedBody {
    /// The channel.
    #[schema(example = "email")]
    pub channel: &'static str,
    /// Why they had been left alone.
    #[schema(example = "complained")]
    pub reason: &'static str,
    /// When it was lifted.
    #[schema(value_type = String, format = DateTime)]
    pub lifted_at: Timestamp,
    /// By whom.
    pub member_id: String,
    /// Why; empty where that was not asked.
    pub why: String,
}

impl From<(&Channel, &Lifted)> for LiftedBody {
    fn from((channel, lifted): (&Channel, &Lifted)) -> Self {
        Self {
            channel: channel.name(),
            reason: lifted.was.reason.name(),
            lifted_at: lifted.at,
            member_id: lifted.by.to_string(),
            why: lifted.why.clone(),
        }
    }
}

/// What a contact wants.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WishesBody {
    /// Channels that they switched off.
    pub off: Vec<&'static str>,
    /// Until when they want nothing that they did not cause.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub paused_until: Option<Timestamp>,
    /// Topics, by name: whether they want to hear of it.
    pub topics: BTreeMap<String, bool>,
}

/// What a contact did with what they were sent; machines that open and click are not counted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResponsesBody {
    /// Mails that were sent to them.
    pub mails: u32,
    /// Those that they opened.
    pub opens: u32,
    /// Those in which they clicked.
    pub clicks: u32,
    /// When they were last sent one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_mail_at: Option<Timestamp>,
    /// When they last opened one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_open_at: Option<Timestamp>,
    /// When they last clicked in one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_click_at: Option<Timestamp>,
}

/// A contact.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactBody {
    /// How it stands.
    #[serde(flatten)]
    pub state: ContactStateBody,
    /// Who it is; null once they were forgotten, and of an address that is only left alone.
    pub person: Option<PersonBody>,
    /// What proves that they are left alone, by channel.
    pub evidence: BTreeMap<&'static str, String>,
    /// What was lifted of that, by channel the last time.
    pub lifted: Vec<LiftedBody>,
    /// What they agreed to, the oldest first.
    pub consents: Vec<GivenConsentBody>,
    /// What they want.
    pub preferences: WishesBody,
    /// What they did.
    pub responses: ResponsesBody,
}

impl From<&Contact> for ContactBody {
    fn from(contact: &Contact) -> Self {
        let (wants, did) = (&contact.preferences, contact.responses);
        let proofs = contact.suppressions.iter().filter_map(|(c, known)| Some((c.name(), known.evidence.clone()?)));
        Self {
            state: ContactStateBody::of(contact),
            person: contact.person.as_ref().map(Into::into),
            evidence: proofs.collect(),
            lifted: contact.lifted.iter().map(Into::into).collect(),
            consents: contact.consents.iter().map(Into::into).collect(),
            preferences: WishesBody {
                off: wants.off.iter().map(|channel| channel.name()).collect(),
                paused_until: wants.paused_until,
                topics: wants.topics.clone(),
            },
            responses: ResponsesBody {
                mails: did.mails,
                opens: did.opens,
                clicks: did.clicks,
                last_mail_at: did.last_mail_at,
                last_open_at: did.last_open_at,
                last_click_at: did.last_click_at,
            },
        }
    }
}

/// A page of contacts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactsBody {
    /// The contacts.
    pub items: Vec<ContactBody>,
    /// Where the next page starts; none at the end.
    pub next_cursor: Option<String>,
}
