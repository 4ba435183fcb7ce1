//! What the local AWS holds, read as an administrator would: logs, tables, queues, secrets, stored files; and a tap on
//! what passes through without being held.

use crate::Stack;
use crate::canary::Place;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Pages of an answer that are followed; more means that following does not end.
const PAGES: usize = 1_000;

impl Stack {
    fn credential(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    /// A call of a JSON service; the target names service and action.
    pub async fn aws(&self, service: &str, target: &str, version: &str, body: Value) -> Value {
        let ask = || {
            let request = self
                .http
                .post(format!("{}/", self.emulator))
                .header("content-type", format!("application/x-amz-json-{version}"))
                .header("x-amz-target", target)
                .header("authorization", Self::credential(service))
                .body(body.to_string());
            self.send(request)
        };
        let mut answer = ask().await;
        // The emulator walks through its records without a lock: a function that begins to log meanwhile ends the listing.
        if answer.status == 500 && answer.text.contains("changed size during iteration") {
            answer = ask().await;
        }
        assert_eq!(answer.status, 200, "{target}: {}", answer.text);
        answer.json
    }

    /// A call of a REST service, answered as text.
    pub async fn aws_rest(&self, service: &str, method: &str, path: &str, body: Option<Value>) -> String {
        let mut request = self
            .http
            .request(method.parse().unwrap(), format!("{}{path}", self.emulator))
            .header("authorization", Self::credential(service));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = self.send(request).await;
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.text);
        format!("{:?}\n{}", answer.headers, answer.text)
    }

    /// Follows an answer's pages: `next` is the name of the token in the answer, `back` in the question.
    async fn pages(
        &self,
        service: &str,
        target: &str,
        version: &str,
        ask: Value,
        (next, back): (&str, &str),
    ) -> Vec<Value> {
        let (mut ask, mut pages) = (ask, Vec::new());
        for _ in 0..PAGES {
            let page = self.aws(service, target, version, ask.clone()).await;
            let token = page[next].clone();
            pages.push(page);
            if token.is_null() {
                return pages;
            }
            ask[back] = token;
        }
        panic!("{target} does not end");
    }

    /// Every line that every function logged, by function, without the lines of Lambda itself.
    pub async fn log_lines(&self) -> Vec<(String, String)> {
        let groups = json!({ "logGroupNamePrefix": "/aws/lambda/" });
        let token = ("nextToken", "nextToken");
        let groups = self.pages("logs", "Logs_20140328.DescribeLogGroups", "1.1", groups, token).await;
        let names = groups.iter().flat_map(|p| p["logGroups"].as_array().cloned().unwrap_or_default());
        let mut lines = Vec::new();
        for group in names {
            let name = group["logGroupName"].as_str().unwrap().to_owned();
            let ask = json!({ "logGroupName": name, "limit": 10_000 });
            for page in self.pages("logs", "Logs_20140328.FilterLogEvents", "1.1", ask, token).await {
                for event in page["events"].as_array().cloned().unwrap_or_default() {
                    let text = event["message"].as_str().unwrap_or_default().trim_end().to_owned();
                    if !["START ", "END ", "REPORT ", "INIT_START "].iter().any(|mark| text.starts_with(mark)) {
                        lines.push((name.trim_start_matches("/aws/lambda/herald-local-").to_owned(), text));
                    }
                }
            }
        }
        lines
    }

    /// Every item of every table.
    pub async fn table_items(&self) -> Vec<Place> {
        let tables = self.aws("dynamodb", "DynamoDB_20120810.ListTables", "1.0", json!({})).await;
        let mut found = Vec::new();
        for table in tables["TableNames"].as_array().unwrap() {
            let ask = json!({ "TableName": table });
            let token = ("LastEvaluatedKey", "ExclusiveStartKey");
            for page in self.pages("dynamodb", "DynamoDB_20120810.Scan", "1.0", ask, token).await {
                for item in page["Items"].as_array().unwrap() {
                    found.push(Place::new(format!("table {} {}", table.as_str().unwrap(), item["pk"]), item));
                }
            }
        }
        found
    }

    async fn sqs(&self, action: &str, body: Value) -> Value {
        self.aws("sqs", &format!("AmazonSQS.{action}"), "1.0", body).await
    }

    /// The address of a queue.
    pub async fn queue(&self, name: &str) -> String {
        self.sqs("GetQueueUrl", json!({ "QueueName": name })).await["QueueUrl"].as_str().unwrap().to_owned()
    }

    /// Sends a message to a queue.
    pub async fn send_message(&self, queue: &str, body: &str) {
        self.sqs("SendMessage", json!({ "QueueUrl": self.queue(queue).await, "MessageBody": body })).await;
    }

    /// What can be seen in a queue now; it stays there.
    pub async fn peek(&self, queue: &str) -> Vec<Value> {
        let (url, mut seen, mut known) = (self.queue(queue).await, Vec::new(), BTreeSet::new());
        let ask = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0,
            "AttributeNames": ["All"], "MessageAttributeNames": ["All"] });
        loop {
            let answer = self.sqs("ReceiveMessage", ask.clone()).await;
            let before = seen.len();
            for message in answer["Messages"].as_array().cloned().unwrap_or_default() {
                if known.insert(message["MessageId"].to_string()) {
                    seen.push(message);
                }
            }
            if seen.len() == before {
                return seen;
            }
        }
    }

    /// Everything that can be seen in any queue, dead letters included.
    pub async fn queue_messages(&self) -> Vec<Place> {
        let mut found = Vec::new();
        let queues = self.sqs("ListQueues", json!({})).await;
        for url in queues["QueueUrls"].as_array().cloned().unwrap_or_default() {
            let name = url.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            found.extend(self.peek(&name).await.iter().map(|m| Place::new(format!("queue {name}"), m)));
        }
        found
    }

    /// Every secret's text.
    pub async fn secret_texts(&self) -> Vec<Place> {
        let token = ("NextToken", "NextToken");
        let mut found = Vec::new();
        for page in self.pages("secretsmanager", "secretsmanager.ListSecrets", "1.1", json!({}), token).await {
            for secret in page["SecretList"].as_array().unwrap() {
                let name = secret["Name"].as_str().unwrap();
                let ask = json!({ "SecretId": name });
                let value = self.aws("secretsmanager", "secretsmanager.GetSecretValue", "1.1", ask).await;
                found.push(Place::new(format!("secret {name}"), &value));
            }
        }
        found
    }

    /// Every stored file, with its name and headers.
    pub async fn stored_files(&self) -> Vec<Place> {
        let mut found = Vec::new();
        for bucket in tags(&self.aws_rest("s3", "GET", "/", None).await, "Name") {
            let list = self.aws_rest("s3", "GET", &format!("/{bucket}?list-type=2"), None).await;
            for key in tags(&list, "Key") {
                let file = self.aws_rest("s3", "GET", &format!("/{bucket}/{key}"), None).await;
                found.push(Place { name: format!("file {bucket}/{key}"), text: format!("{key}\n{file}") });
            }
        }
        found
    }

    /// Switches a function's trigger by a queue on or off, so that messages can be looked at before they are taken.
    pub async fn trigger(&self, function: &str, queue: &str, on: bool) {
        let list = format!("/2015-03-31/event-source-mappings/?FunctionName=herald-local-{function}");
        let list = self.aws_rest("lambda", "GET", &list, None).await;
        let list: Value = serde_json::from_str(list.split_once('\n').unwrap().1).unwrap();
        let mut all = list["EventSourceMappings"].as_array().unwrap().iter();
        let mapping = all.find(|m| m["EventSourceArn"].as_str().is_some_and(|arn| arn.ends_with(queue)));
        let id = mapping.unwrap_or_else(|| panic!("no trigger of {function} by {queue}"))["UUID"].as_str().unwrap();
        let path = format!("/2015-03-31/event-source-mappings/{id}");
        self.aws_rest("lambda", "PUT", &path, Some(json!({ "Enabled": on }))).await;
    }

    /// Lets a queue of its own hear everything that the bus says from now on.
    pub async fn tap_bus(&self, name: &str) {
        self.sqs("CreateQueue", json!({ "QueueName": name })).await;
        let rule = json!({ "Name": name, "EventBusName": "herald-local", "EventPattern": r#"{"source":["herald"]}"# });
        self.aws("events", "AWSEvents.PutRule", "1.1", rule).await;
        let target = json!({ "Id": "tap", "Arn": format!("arn:aws:sqs:us-east-1:000000000000:{name}") });
        let targets = json!({ "Rule": name, "EventBusName": "herald-local", "Targets": [target] });
        self.aws("events", "AWSEvents.PutTargets", "1.1", targets).await;
    }

    /// Ends what [`Self::tap_bus`] began.
    pub async fn untap_bus(&self, name: &str) {
        let rule = json!({ "Rule": name, "EventBusName": "herald-local", "Ids": ["tap"] });
        self.aws("events", "AWSEvents.RemoveTargets", "1.1", rule).await;
        self.aws("events", "AWSEvents.DeleteRule", "1.1", json!({ "Name": name, "EventBusName": "herald-local" }))
            .await;
        self.sqs("DeleteQueue", json!({ "QueueUrl": self.queue(name).await })).await;
    }

    /// Empties a queue.
    pub async fn purge(&self, name: &str) {
        self.sqs("PurgeQueue", json!({ "QueueUrl": self.queue(name).await })).await;
    }
}

/// The texts of an XML document's elements of this name.
fn tags(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).filter_map(|rest| rest.split_once(&close)).map(|(text, _)| text.to_owned()).collect()
}
