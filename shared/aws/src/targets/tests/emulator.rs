//! The same against an emulator of the services, which reads what was sent as they do, and looks at roles and their trust as they do
//! (`AUTH=true`). It listens at `HERALD_AWS_ENDPOINT`; without that there is nothing to test against.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::Aws;
use crate::signed::Post;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sqs::types::QueueAttributeName;

const ACCOUNT: &str = "000000000000";
const TENANT: &str = "ten_00000000000000000000000000000001";
const ID: &str = "evt_00000000000000000000000000000001";
const BODY: &str = r#"{"id":"evt_1","type":"post.published","data":{"text":"ü & <x>"}}"#;

#[allow(clippy::disallowed_methods)] // only whoever runs the tests knows where the emulator is
fn aws() -> Option<Arc<Aws>> {
    let endpoint = std::env::var("HERALD_AWS_ENDPOINT").ok()?;
    let ours = Credentials::new("test", "test", None, None, "emulator");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(ours))
        .endpoint_url(endpoint)
        .build();
    Some(Aws::from_config(config))
}

fn name(what: &str) -> String {
    format!("herald-events-{}-{what}", std::process::id())
}

/// A call of IAM, for which no client is linked.
async fn iam(aws: &Aws, pairs: &[(&str, &str)]) {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.append_pair("Version", "2010-05-08").extend_pairs(pairs);
    let address = aws.service("iam", "us-east-1").await;
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let post = Post { service: "iam", region: "us-east-1", address: &address, headers: &headers, body: body.finish() };
    let ours = Credentials::new("test", "test", None, None, "emulator");
    let answer = Signed::default().post(post, ours, SystemClock.now()).await.ok().unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// A customer's role: whoever names [`TENANT`] may take it on, and may then do this.
async fn role(aws: &Aws, what: &str, may: Value) -> String {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") },
        "Condition": { "StringEquals": { "sts:ExternalId": TENANT } },
    }] });
    let may = json!({ "Version": "2012-10-17", "Statement": may });
    let (named, trust, may) = (name(what), trust.to_string(), may.to_string());
    iam(aws, &[("Action", "CreateRole"), ("RoleName", &named), ("AssumeRolePolicyDocument", &trust)]).await;
    iam(aws, &[("Action", "PutRolePolicy"), ("RoleName", &named), ("PolicyName", "p"), ("PolicyDocument", &may)]).await;
    format!("arn:aws:iam::{ACCOUNT}:role/{named}")
}

/// A queue, its address as the service writes it, and its address here.
async fn queue(aws: &Aws, what: &str, fifo: bool) -> (String, String) {
    let name = if fifo { format!("{}.fifo", name(what)) } else { name(what) };
    let mut create = aws.sqs().await.create_queue().queue_name(&name);
    if fifo {
        create = create.attributes(QueueAttributeName::FifoQueue, "true");
    }
    let here = create.send().await.unwrap().queue_url.unwrap();
    (format!("https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/{name}"), here)
}

async fn received(aws: &Aws, here: &str) -> Vec<String> {
    let ask = aws.sqs().await.receive_message().queue_url(here).max_number_of_messages(10).wait_time_seconds(1);
    ask.send().await.unwrap().messages.unwrap_or_default().into_iter().filter_map(|m| m.body).collect()
}

fn to<'a>(target: CloudTarget<'a>, role_arn: &'a str, external_id: &'a str) -> CloudCall<'a> {
    CloudCall { target, role_arn, external_id, id: ID, kind: "post.published", group: "post_1", body: BODY }
}

#[tokio::test]
async fn an_emulator_reads_what_queues_and_buses_get() {
    let Some(aws) = aws() else { return };
    let targets = CustomerTargets::new(Arc::clone(&aws), Arc::new(SystemClock));
    let may = json!([
        { "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{}*", name("")) },
        { "Effect": "Allow", "Action": "events:PutEvents", "Resource": format!("arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{}", name("bus")) },
    ]);
    let role = role(&aws, "reads", may).await;
    let (url, here) = queue(&aws, "plain", false).await;
    let answer = targets.send(to(CloudTarget::Queue(&url), &role, TENANT)).await;
    assert_eq!(answer.status, Some(200), "{answer:?}");
    assert_eq!(received(&aws, &here).await, [BODY]);

    let (url, here) = queue(&aws, "kept", true).await;
    for _ in 0..2 {
        let answer = targets.send(to(CloudTarget::Queue(&url), &role, TENANT)).await;
        assert_eq!(answer.status, Some(200), "{answer:?}");
    }
    assert_eq!(received(&aws, &here).await, [BODY], "sent again after a lost answer, and there once");

    let gone = format!("https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/{}", name("gone"));
    let answer = targets.send(to(CloudTarget::Queue(&gone), &role, TENANT)).await;
    assert_eq!(answer.status, Some(404), "{answer:?}");

    let (url, here) = queue(&aws, "bus", false).await;
    let arn = url.replace("https://sqs.us-east-1.amazonaws.com/", "arn:aws:sqs:us-east-1:").replacen('/', ":", 1);
    let (bus, events) = (name("bus"), aws.events().await);
    events.create_event_bus().name(&bus).send().await.unwrap();
    let pattern = json!({ "source": ["herald"], "detail-type": ["post.published"] }).to_string();
    events.put_rule().name("all").event_bus_name(&bus).event_pattern(pattern).send().await.unwrap();
    let target = aws_sdk_eventbridge::types::Target::builder().id("q").arn(arn).build().unwrap();
    events.put_targets().rule("all").event_bus_name(&bus).targets(target).send().await.unwrap();
    let bus = format!("arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{bus}");
    let answer = targets.send(to(CloudTarget::Bus(&bus), &role, TENANT)).await;
    assert_eq!(answer.status, Some(200), "{answer:?}");
    let got: Vec<Value> = received(&aws, &here).await.iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(got.len(), 1, "{got:?}");
    assert_eq!((&got[0]["source"], &got[0]["detail-type"]), (&json!("herald"), &json!("post.published")));
    assert_eq!(got[0]["detail"], serde_json::from_str::<Value>(BODY).unwrap());
}

#[tokio::test]
async fn a_role_lets_in_who_names_its_own_tenant_and_nobody_else() {
    let Some(aws) = aws() else { return };
    let targets = CustomerTargets::new(Arc::clone(&aws), Arc::new(SystemClock));
    let (url, here) = queue(&aws, "guarded", false).await;
    let may = json!([{
        "Effect": "Allow", "Action": "sqs:SendMessage",
        "Resource": format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{}", name("guarded")),
    }]);
    let role = role(&aws, "guarded", may).await;
    let answer = targets.send(to(CloudTarget::Queue(&url), &role, "ten_other")).await;
    assert_eq!(answer.status, Some(403), "{answer:?}");
    assert!(answer.excerpt.starts_with("not sent, since the role could not be taken on: AccessDenied"), "{answer:?}");
    assert!(received(&aws, &here).await.is_empty());
    let answer = targets.send(to(CloudTarget::Queue(&url), &role, TENANT)).await;
    assert_eq!(answer.status, Some(200), "{answer:?}");
    assert_eq!(received(&aws, &here).await, [BODY]);
    let (other, _) = queue(&aws, "other", false).await;
    let answer = targets.send(to(CloudTarget::Queue(&other), &role, TENANT)).await;
    assert_eq!(answer.status, Some(403), "what the role may not: {answer:?}");
}
