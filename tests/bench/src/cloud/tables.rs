//! Tables: exactly the requests and conditions that the store makes.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

type Rows = BTreeMap<(String, String), Value>;

/// All tables by name.
#[derive(Default)]
pub(super) struct Tables(BTreeMap<String, Rows>);

fn text(value: &Value) -> String {
    value["S"].as_str().unwrap_or_default().to_owned()
}

fn key(item: &Value) -> (String, String) {
    (text(&item["PK"]), text(&item["SK"]))
}

impl Tables {
    fn rows(&mut self, asked: &Value) -> &mut Rows {
        self.0.entry(asked["TableName"].as_str().unwrap().to_owned()).or_default()
    }

    pub(super) fn answer(&mut self, operation: &str, asked: &Value) -> (u16, Value) {
        let refused = || (400, json!({ "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException" }));
        match operation {
            "GetItem" => match self.rows(asked).get(&key(&asked["Key"])) {
                Some(item) => (200, json!({ "Item": item })),
                None => (200, json!({})),
            },
            "PutItem" if !self.holds(asked, &asked["Item"]) => refused(),
            "PutItem" => {
                self.put(asked);
                (200, json!({}))
            }
            "DeleteItem" | "UpdateItem" if !self.holds(asked, &asked["Key"]) => refused(),
            "DeleteItem" => {
                self.rows(asked).remove(&key(&asked["Key"]));
                (200, json!({}))
            }
            // The only update is the one that takes events off: REMOVE of the named attributes.
            "UpdateItem" => {
                let names = asked["ExpressionAttributeNames"].clone();
                if let Some(Value::Object(item)) = self.rows(asked).get_mut(&key(&asked["Key"])) {
                    for name in ["#o", "#p", "#s"] {
                        item.remove(names[name].as_str().unwrap());
                    }
                }
                (200, json!({}))
            }
            "TransactWriteItems" => self.transact(asked["TransactItems"].as_array().unwrap()),
            "BatchExecuteStatement" => (200, self.insert(asked["Statements"].as_array().unwrap())),
            "Query" => (200, self.query(asked)),
            other => panic!("nobody asks for {other}"),
        }
    }

    fn put(&mut self, asked: &Value) {
        let item = asked["Item"].clone();
        self.rows(asked).insert(key(&item), item);
    }

    /// The only statements are those that make items.
    fn insert(&mut self, statements: &[Value]) -> Value {
        let one = |statement: &Value| {
            let text = statement["Statement"].as_str().unwrap();
            let (table, fields) = text.strip_prefix("INSERT INTO \"").unwrap().split_once("\" VALUE {").unwrap();
            let names = fields.strip_suffix('}').unwrap().split(',').map(|field| field.trim_matches(['\'', ':', '?']));
            let values = statement["Parameters"].as_array().unwrap().iter().cloned();
            let item: Map<String, Value> = names.map(str::to_owned).zip(values).collect();
            let put = json!({ "TableName": table, "Item": item });
            if self.rows(&put).contains_key(&key(&put["Item"])) {
                return json!({ "TableName": table, "Error": { "Code": "DuplicateItem" } });
            }
            self.put(&put);
            json!({ "TableName": table })
        };
        json!({ "Responses": statements.iter().map(one).collect::<Vec<_>>() })
    }

    fn transact(&mut self, items: &[Value]) -> (u16, Value) {
        let part = |item: &Value| {
            let put = item.get("Put").cloned();
            let of = if put.is_some() { "Item" } else { "Key" };
            (put.unwrap_or_else(|| item["Delete"].clone()), of)
        };
        let held: Vec<bool> = items.iter().map(part).map(|(asked, of)| self.holds(&asked, &asked[of])).collect();
        if held.contains(&false) {
            let why = |held: &bool| json!({ "Code": if *held { "None" } else { "ConditionalCheckFailed" } });
            let reasons: Vec<Value> = held.iter().map(why).collect();
            let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
            return (400, json!({ "__type": kind, "CancellationReasons": reasons }));
        }
        for (asked, of) in items.iter().map(part) {
            if of == "Item" {
                self.put(&asked);
            } else {
                self.rows(&asked).remove(&key(&asked["Key"]));
            }
        }
        (200, json!({}))
    }

    /// Whether the condition of a write of the item with this key holds.
    fn holds(&mut self, asked: &Value, of: &Value) -> bool {
        let found = self.rows(asked).get(&key(of)).cloned();
        let values = &asked["ExpressionAttributeValues"];
        let same = |name: &str, value: &str| found.as_ref().is_some_and(|item| item[name] == values[value]);
        match asked["ConditionExpression"].as_str() {
            None => true,
            Some("attribute_not_exists(#p)") => found.is_none(),
            Some("#r = :r") => same("rev", ":r"),
            Some("#r = :r AND #b = :b") => same("rev", ":r") && same("by", ":b"),
            Some(other) => panic!("no condition of ours: {other}"),
        }
    }

    fn query(&mut self, asked: &Value) -> Value {
        let (names, values) = (&asked["ExpressionAttributeNames"], &asked["ExpressionAttributeValues"]);
        let (pk, sk) = (names["#p"].as_str().unwrap(), names["#s"].as_str().unwrap());
        let (low, high) = (text(&values[":a"]), values.get(":b").map(text));
        let wanted = |item: &&Value| {
            let Some(sort) = item.get(sk).map(text) else { return false };
            let inside = high.as_ref().map_or_else(|| sort.starts_with(&low), |high| low <= sort && sort <= *high);
            item.get(pk) == values.get(":p") && inside
        };
        let items: Vec<Value> = self.rows(asked).values().filter(wanted).cloned().collect();
        assert!(items.len() < 500, "one page is enough here");
        let answer = Map::from_iter([("Count".to_owned(), items.len().into()), ("Items".to_owned(), items.into())]);
        Value::Object(answer)
    }
}
