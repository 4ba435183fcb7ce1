#![allow(clippy::unwrap_used)]

mod emulator;

use super::*;
use crate::SystemClock;
use crate::loopback::{Answer as Served, Loopback, Request as Asked};
use jiff::{SignedDuration, Timestamp};
use std::sync::Mutex;

const ROLE: &str = "arn:aws:iam::210987654321:role/herald-events-a";
const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/210987654321/events";
const FIFO: &str = "https://sqs.eu-west-1.amazonaws.com/210987654321/events.fifo";
const BUS: &str = "arn:aws:events:eu-west-1:210987654321:event-bus/events";
const BODY: &str = r#"{"id":"evt_1","type":"post.published","data":{}}"#;

struct At(Mutex<Timestamp>);

impl At {
    fn start() -> Arc<Self> {
        Arc::new(Self(Mutex::new("2026-03-01T10:00:00Z".parse().unwrap())))
    }
    fn pass(&self, minutes: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_mins(minutes);
    }
}

impl Clock for At {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

fn call(target: CloudTarget<'static>) -> CloudCall<'static> {
    let (role_arn, external_id) = (ROLE, "ten_a");
    CloudCall { target, role_arn, external_id, id: "evt_1", kind: "post.published", group: "post_1", body: BODY }
}

/// The documented answer to `AssumeRole`.
fn session(key: &str) -> Served {
    let body = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser>\
         <AssumedRoleId>ARO:herald-events</AssumedRoleId></AssumedRoleUser><Credentials><AccessKeyId>{key}</AccessKeyId>\
         <SecretAccessKey>s3cr3t/+=</SecretAccessKey><SessionToken>t0k3n/+=</SessionToken>\
         <Expiration>2026-03-01T11:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    );
    Served { status: 200, headers: vec![("content-type", "text/xml".into())], body }
}

fn xml_error(status: u16, code: &str, message: &str) -> Served {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    Served { status, headers: vec![("content-type", "text/xml".into())], body }
}

fn is_role(asked: &Asked) -> bool {
    asked.body.starts_with("Action=AssumeRole")
}

/// Whether it is asked for a role in the name of nobody.
fn is_probe(asked: &Asked) -> bool {
    asked.body.ends_with("ExternalId=ten_00000000000000000000000000000000")
}

/// STS before a role that asks for its external id.
fn sts(asked: &Asked) -> Served {
    if is_probe(asked) { xml_error(403, "AccessDenied", "not for nobody") } else { session("ASIA1") }
}

/// A customer's account in which the service answers so.
async fn account(answer: impl Fn(&Asked) -> Served + Send + Sync + 'static) -> (Loopback, CustomerTargets, Arc<At>) {
    let server = Loopback::start(move |asked| if is_role(asked) { sts(asked) } else { answer(asked) }).await;
    let clock = At::start();
    let targets = CustomerTargets::new(server.aws().await, clock.clone());
    (server, targets, clock)
}

fn taken(asked: &Asked) -> Served {
    match asked.operation() {
        "SendMessage" => Served::json(200, &json!({ "MessageId": "m-1", "MD5OfMessageBody": "x" })),
        _ => Served::json(200, &json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "e-1" }] })),
    }
}

#[tokio::test]
async fn a_message_is_sent_by_the_customers_role_which_was_told_whose_it_is() {
    let (server, targets, _) = account(taken).await;
    let answer = targets.send(call(CloudTarget::Queue(QUEUE))).await;
    assert_eq!((answer.status, answer.excerpt.as_str()), (Some(200), "taken as m-1"));
    let seen = server.requests();
    let role = [("Action", "AssumeRole"), ("Version", "2011-06-15"), ("RoleArn", ROLE)];
    let more = [("RoleSessionName", "herald-events"), ("ExternalId", "ten_a")];
    let asked: Vec<_> = url::form_urlencoded::parse(seen[1].body.as_bytes()).into_owned().collect();
    let expected: Vec<_> = role.into_iter().chain(more).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    assert_eq!(asked, expected);
    let signed = |n: usize| seen[n].header("authorization").unwrap().to_owned();
    assert!(signed(1).contains("Credential=AKID/20260301/us-east-1/sts/aws4_request"), "{}", signed(1));
    assert!(signed(2).contains("Credential=ASIA1/20260301/eu-west-1/sqs/aws4_request"), "{}", signed(2));
    assert_eq!(seen[2].header("x-amz-security-token"), Some("t0k3n/+="));
    assert_eq!(seen[2].header("x-amz-target"), Some("AmazonSQS.SendMessage"));
    assert_eq!(seen[2].header("content-type"), Some("application/x-amz-json-1.0"));
    assert_eq!(seen[2].json(), json!({ "QueueUrl": QUEUE, "MessageBody": BODY }));
}

#[tokio::test]
async fn a_queue_that_keeps_order_is_told_the_group_and_the_events_id() {
    let (server, targets, _) = account(taken).await;
    targets.send(call(CloudTarget::Queue(FIFO))).await;
    let expected = json!({
        "QueueUrl": FIFO, "MessageBody": BODY, "MessageGroupId": "post_1", "MessageDeduplicationId": "evt_1"
    });
    assert_eq!(server.requests()[2].json(), expected);
}

#[tokio::test]
async fn a_bus_gets_the_body_as_the_detail_of_an_event_of_its_type() {
    let (server, targets, _) = account(taken).await;
    let answer = targets.send(call(CloudTarget::Bus(BUS))).await;
    assert_eq!((answer.status, answer.excerpt.as_str()), (Some(200), "taken as e-1"));
    let asked = &server.requests()[2];
    let entry = json!({ "Source": "herald", "DetailType": "post.published", "Detail": BODY, "EventBusName": BUS });
    assert_eq!(
        (asked.header("x-amz-target"), asked.json()),
        (Some("AWSEvents.PutEvents"), json!({ "Entries": [entry] }))
    );
    assert!(asked.header("authorization").unwrap().contains("/eu-west-1/events/aws4_request"));
}

#[tokio::test]
async fn a_role_is_taken_on_once_for_each_tenant_and_anew_five_minutes_before_its_end() {
    let (server, targets, clock) = account(taken).await;
    let roles = || server.requests().iter().filter(|asked| is_role(asked) && !is_probe(asked)).count();
    for (minutes, tenant, expected) in
        [(0, "ten_a", 1), (54, "ten_a", 1), (0, "ten_b", 2), (0, "ten_b", 2), (1, "ten_a", 3), (0, "ten_b", 4)]
    {
        clock.pass(minutes);
        let call = CloudCall { external_id: tenant, ..call(CloudTarget::Queue(QUEUE)) };
        assert_eq!(targets.send(call).await.status, Some(200));
        assert_eq!(roles(), expected, "{minutes} {tenant}");
    }
}

#[tokio::test]
async fn by_a_role_that_asks_for_no_external_id_nothing_is_sent() {
    let server = Loopback::start(|asked| if is_role(asked) { session("ASIA1") } else { taken(asked) }).await;
    let targets = CustomerTargets::new(server.aws().await, At::start());
    for n in 1..=2 {
        let answer = targets.send(call(CloudTarget::Queue(QUEUE))).await;
        assert_eq!((answer.status, answer.excerpt.as_str()), (Some(403), OPEN_ROLE));
        let seen = server.requests();
        assert!(seen.len() == n && seen.iter().all(is_probe), "asked anew at each try: {seen:?}");
    }
}

#[tokio::test]
async fn a_refusal_for_another_reason_does_not_say_that_a_role_asks_for_its_external_id() {
    for code in ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"] {
        let open = move |asked: &Asked| match asked {
            probe if is_probe(probe) => xml_error(403, code, "ours is over"),
            role if is_role(role) => session("ASIA1"),
            other => taken(other),
        };
        let server = Loopback::start(open).await;
        let targets = CustomerTargets::new(server.aws().await, At::start());
        let answer = targets.send(call(CloudTarget::Queue(QUEUE))).await;
        assert!(answer.status != Some(200) && answer.excerpt.contains(code), "{answer:?}");
        assert!(server.requests().iter().all(is_probe), "{code}: the role is not taken on");
    }
}

#[tokio::test]
async fn nobodys_external_id_has_the_form_of_a_tenants() {
    let (server, targets, _) = account(taken).await;
    assert_eq!(targets.send(call(CloudTarget::Queue(QUEUE))).await.status, Some(200));
    let id: domain::TenantId = "ten_00000000000000000000000000000000".parse().unwrap();
    assert!(server.requests().iter().any(|asked| asked.body.ends_with(&format!("ExternalId={id}"))));
}

#[tokio::test]
async fn a_success_besides_200_says_nothing_of_a_message_and_nothing_of_a_role() {
    for status in [201, 202, 204, 299] {
        let (_server, targets, _) = account(move |_| Served::json(status, &json!({ "MessageId": "m-1" }))).await;
        assert_eq!(targets.send(call(CloudTarget::Queue(QUEUE))).await.status, None, "{status}");
        let other = move |asked: &Asked| if is_probe(asked) { sts(asked) } else { Served { status, ..session("A") } };
        let server = Loopback::start(other).await;
        let targets = CustomerTargets::new(server.aws().await, At::start());
        assert_eq!(targets.send(call(CloudTarget::Queue(QUEUE))).await.status, None, "{status} of a role");
    }
}

#[tokio::test]
async fn a_role_that_is_refused_is_a_403_that_says_why_and_nothing_is_sent() {
    let server = Loopback::start(|_| xml_error(403, "AccessDenied", "User: herald is not authorized")).await;
    let targets = CustomerTargets::new(server.aws().await, Arc::new(SystemClock));
    for n in 1..=2 {
        let answer = targets.send(call(CloudTarget::Queue(QUEUE))).await;
        let said = "not sent, since the role could not be taken on: AccessDenied: User: herald is not authorized";
        assert_eq!((answer.status, answer.excerpt.as_str()), (Some(403), said));
        let seen = server.requests();
        assert!(seen.len() == 2 * n && seen.iter().all(is_role), "once a try, and nothing else: {seen:?}");
    }
}

#[tokio::test]
async fn what_a_service_refuses_has_the_status_of_an_endpoint_and_is_sent_once() {
    for (status, code, expected) in [
        (400, "com.amazonaws.sqs#QueueDoesNotExist", 404),
        (400, "AWS.SimpleQueueService.NonExistentQueue", 404),
        (400, "ResourceNotFoundException", 404),
        (400, "com.amazonaws.sqs#AccessDeniedException", 403),
        (400, "AccessDenied", 403),
        (400, "com.amazonaws.sqs#RequestThrottled", 429),
        (400, "ThrottlingException", 429),
        (400, "com.amazonaws.sqs#InvalidMessageContents", 400),
        (500, "InternalFailure", 500),
        (503, "ServiceUnavailable", 503),
    ] {
        let (server, targets, _) = account(move |_| Served::error(status, code)).await;
        let answer = targets.send(call(CloudTarget::Queue(QUEUE))).await;
        assert_eq!(answer.status, Some(expected), "{code}");
        let bare = code.rsplit('#').next().unwrap();
        assert_eq!(answer.excerpt, format!("{bare}: said by the loopback"));
        assert_eq!(server.requests().len(), 3, "{code}: the role, and the message once");
    }
}

#[tokio::test]
async fn an_entry_that_a_bus_did_not_take_is_no_success() {
    for (code, expected) in [("AccessDeniedException", 403), ("ThrottlingException", 429), ("InternalFailure", 500)] {
        let (_server, targets, _) = account(move |_| {
            let entry = json!({ "ErrorCode": code, "ErrorMessage": "m" });
            Served::json(200, &json!({ "FailedEntryCount": 1, "Entries": [entry] }))
        })
        .await;
        let answer = targets.send(call(CloudTarget::Bus(BUS))).await;
        assert_eq!((answer.status, answer.excerpt), (Some(expected), format!("{code}: m")));
    }
}

#[tokio::test]
async fn an_answer_that_proves_nothing_is_none() {
    for body in ["", "<html>", "{}", r#"{"Entries":[]}"#] {
        let answer = |_: &Asked| Served { status: 200, headers: Vec::new(), body: String::new() };
        let body = body.to_owned();
        let (_server, targets, _) = account(move |asked| Served { body: body.clone(), ..answer(asked) }).await;
        let answer = targets.send(call(CloudTarget::Queue(QUEUE))).await;
        assert_eq!((answer.status, answer.excerpt.as_str()), (None, "the answer could not be read"));
    }
}

#[tokio::test]
async fn credentials_that_ended_early_are_had_anew_by_the_next_attempt_and_not_by_this_one() {
    let (server, targets, _) = account(|_| Served::error(403, "ExpiredToken")).await;
    for n in [3, 6] {
        assert_eq!(targets.send(call(CloudTarget::Queue(QUEUE))).await.status, Some(403));
        assert_eq!(server.requests().len(), n);
    }
}

#[tokio::test]
async fn without_an_answer_nobody_knows_and_nothing_is_repeated() {
    let nowhere = Aws::from_config(
        aws_config::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new("us-east-1"))
            .credentials_provider(aws_sdk_sqs::config::SharedCredentialsProvider::new(
                aws_sdk_sqs::config::Credentials::new("AKID", "secret", None, None, "test"),
            ))
            .endpoint_url("http://127.0.0.1:1")
            .build(),
    );
    let targets = CustomerTargets::new(nowhere, Arc::new(SystemClock));
    let answer = targets.send(call(CloudTarget::Queue(QUEUE))).await;
    let said = "not sent, since the role could not be taken on: no connection, or it broke";
    assert_eq!((answer.status, answer.excerpt.as_str()), (None, said));

    // One that takes the connection and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Loopback::start(sts).await;
    let mut targets = CustomerTargets::new(server.aws().await, Arc::new(SystemClock));
    targets.sessions.of(&targets.aws, &targets.signed, ROLE, "ten_a", At::start().now()).await.ok().unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let config = server.aws().await.config().await.clone().into_builder().endpoint_url(url).build();
    targets.aws = Aws::from_config(config);
    targets.clock = At::start();
    targets.limit = Duration::from_millis(200);
    let answer = targets.send(call(CloudTarget::Queue(QUEUE))).await;
    assert_eq!((answer.status, answer.excerpt.as_str()), (None, "no answer within 15 s"));
}
