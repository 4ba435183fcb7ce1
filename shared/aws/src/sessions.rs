//! Roles of customers' accounts, taken on for an hour at a time (STS, `AssumeRole`:
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).

use crate::Aws;
use crate::signed::{Answer, NoAnswer, Post, Signed};
use aws_sdk_sqs::config::{Credentials, ProvideCredentials};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use url::form_urlencoded;

/// How long before their end credentials are not used any more.
const SPARE: SignedDuration = SignedDuration::from_mins(5);
/// Most roles whose credentials are kept. A function sees far fewer in its life; it is a bound, no plan.
const MOST: usize = 500;
/// Who it is in the logs of a customer's account.
const SESSION: &str = "herald-events";

/// Why a role could not be taken on.
pub(crate) enum Refused {
    /// What the service said of it.
    Said(Answer),
    /// It can be taken on for anybody.
    Open,
    /// It said nothing that is known.
    Silent(NoAnswer),
}

/// The external id of nobody: of the form that tenants' ids have, since a role that lets in whatever has that form tells none of them apart. No
/// tenant has it.
const NOBODY: &str = "ten_00000000000000000000000000000000";

/// A role, for one tenant: what was had for one is never used for another, who may name the same role.
type Key = (String, String);

/// The roles that were taken on.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<BTreeMap<Key, (Credentials, Timestamp)>>);

impl Sessions {
    /// The credentials of a role, for a tenant that is told apart by its external id.
    pub(crate) async fn of(
        &self,
        aws: &Aws,
        signed: &Signed,
        role_arn: &str,
        external_id: &str,
        now: Timestamp,
    ) -> Result<Credentials, Refused> {
        let key = (role_arn.to_owned(), external_id.to_owned());
        if let Some((kept, until)) = self.held().get(&key)
            && now + SPARE < *until
        {
            return Ok(kept.clone());
        }
        // Whoever is trusted by others' accounts has to look whether these tell its customers apart
        // (<https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>): else one customer could name another's role.
        match assume(aws, signed, role_arn, NOBODY, now).await {
            Ok(_) => return Err(Refused::Open),
            // Nothing else: a token of ours that has ended is a 403 as well, and says nothing of the role.
            Err(Refused::Said(answer))
                if answer.status == 403 && element(&answer.body, "Code") == Some("AccessDenied") => {}
            Err(other) => return Err(other),
        }
        let (made, until) = assume(aws, signed, role_arn, external_id, now).await?;
        let mut held = self.held();
        if held.len() >= MOST {
            held.clear();
        }
        held.insert(key, (made.clone(), until));
        Ok(made)
    }

    /// Forgets a role's credentials, which the services do not take any more.
    pub(crate) fn forget(&self, role_arn: &str, external_id: &str) {
        self.held().remove(&(role_arn.to_owned(), external_id.to_owned()));
    }

    fn held(&self) -> std::sync::MutexGuard<'_, BTreeMap<Key, (Credentials, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn assume(
    aws: &Aws,
    signed: &Signed,
    role_arn: &str,
    external_id: &str,
    now: Timestamp,
) -> Result<(Credentials, Timestamp), Refused> {
    let unsent = |why| Refused::Silent(NoAnswer::Unsent(why));
    let config = aws.config().await;
    let region = config.region().map(AsRef::as_ref).ok_or(unsent("no region"))?;
    let ours = config.credentials_provider().ok_or(unsent("no credentials"))?;
    let ours = ours.provide_credentials().await.map_err(|_| unsent("no credentials"))?;
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("Action", "AssumeRole")
        .append_pair("Version", "2011-06-15")
        .append_pair("RoleArn", role_arn)
        .append_pair("RoleSessionName", SESSION)
        .append_pair("ExternalId", external_id)
        .finish();
    let address = aws.service("sts", region).await;
    let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let post = Post { service: "sts", region, address: &address, headers: &headers, body };
    let answer = signed.post(post, ours, now).await.map_err(Refused::Silent)?;
    if answer.status != 200 {
        return Err(Refused::Said(answer));
    }
    let made = read(&answer.body);
    made.ok_or(unsent("the role's credentials could not be read"))
}

/// The credentials of an answer, and their end.
fn read(xml: &str) -> Option<(Credentials, Timestamp)> {
    let text = |name| element(xml, name).filter(|text| !text.is_empty());
    let until: Timestamp = text("Expiration")?.parse().ok()?;
    let (key, secret, token) = (text("AccessKeyId")?, text("SecretAccessKey")?, text("SessionToken")?);
    let made = Credentials::new(key, secret, Some(token.to_owned()), Some(until.into()), "customer");
    Some((made, until))
}

/// What stands in the first element of this name: none of those that are read have any in them.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text.trim())
}
