//! The emulator's IAM asks for actions of its own where AWS asks for others: `sqs:SendMessageBatch` for `sqs:SendMessage` (the batch calls of
//! SQS have no actions of their own), and `dynamodb:BatchExecuteStatement`, of no table, for what its statements do (an `INSERT` is
//! `dynamodb:PartiQLInsert`). The template says what AWS understands; this gives the emulator's copy of each role the other names.
//! Delete it when the emulator learns that they are one.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::emulator::Emulator;

const ONE: &str = "sqs:SendMessage";
const BATCH: &str = "sqs:SendMessageBatch";
const INSERT: &str = "dynamodb:PartiQLInsert";
const STATEMENTS: &str = "dynamodb:BatchExecuteStatement";

/// Amends every role that may send or insert. Returns how many it changed.
pub(crate) fn allow_batches(emulator: Emulator) -> Result<usize> {
    let mut changed = 0;
    for role in texts(&emulator.iam("Action=ListRoles")?, "RoleName") {
        for policy in texts(&emulator.iam(&format!("Action=ListRolePolicies&RoleName={role}"))?, "member") {
            let place = format!("RoleName={role}&PolicyName={policy}");
            let answer = emulator.iam(&format!("Action=GetRolePolicy&{place}"))?;
            let Some(document) = texts(&answer, "PolicyDocument").pop() else { bail!("role {role} has no {policy}") };
            let Some(amended) = amended(serde_json::from_str(&decoded(&document))?) else { continue };
            let document = encoded(&amended.to_string());
            emulator.iam(&format!("Action=PutRolePolicy&{place}&PolicyDocument={document}"))?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// The policy with the second name beside each first one; none where it has both, or neither.
fn amended(mut policy: Value) -> Option<Value> {
    let before = policy.clone();
    let mut statements = match policy["Statement"].take() {
        Value::Array(all) => all,
        one => vec![one],
    };
    let allows = |statements: &[Value], name: &str| statements.iter().any(|one| has(&one["Action"], name));
    if allows(&statements, INSERT) && !allows(&statements, STATEMENTS) {
        statements.push(json!({ "Effect": "Allow", "Action": STATEMENTS, "Resource": "*" }));
    }
    for action in statements.iter_mut().filter_map(|statement| statement.get_mut("Action")) {
        match (has(action, ONE) && !has(action, BATCH), &mut *action) {
            (true, Value::Array(all)) => all.push(json!(BATCH)),
            (true, alone) => *alone = json!([ONE, BATCH]),
            (false, _) => {}
        }
    }
    policy["Statement"] = match (&before["Statement"], statements.len()) {
        (Value::Array(_), _) | (_, 2..) => Value::Array(statements),
        _ => statements.pop().unwrap_or_default(),
    };
    (policy != before).then_some(policy)
}

fn has(action: &Value, name: &str) -> bool {
    match action {
        Value::Array(all) => all.iter().any(|one| one == name),
        one => one == name,
    }
}

/// The texts of the elements of this name.
fn texts(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open)
        .skip(1)
        .filter_map(|rest| rest.split(&close).next())
        .filter(|text| !text.contains('<'))
        .map(str::to_owned)
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
        if let (b'%', Some(byte)) = (first, hex) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_survives_the_way_through_a_form() {
        let document = r#"{"Action": ["sqs:SendMessage"], "Resource": "arn:aws:sqs:*:ü"}"#;
        assert_eq!(decoded(&encoded(document)), document);
        assert_eq!(decoded("50%"), "50%");
    }

    #[test]
    fn the_second_name_stands_beside_the_first_however_a_policy_is_written_and_once() {
        let statement = |action: Value| json!({ "Effect": "Allow", "Action": action });
        for (before, after) in [(json!(ONE), json!([ONE, BATCH])), (json!(["a", ONE]), json!(["a", ONE, BATCH]))] {
            let one = amended(json!({ "Statement": statement(before.clone()) })).unwrap();
            assert_eq!(one, json!({ "Statement": statement(after.clone()) }));
            let all = amended(json!({ "Statement": [statement(json!("b")), statement(before)] })).unwrap();
            assert_eq!(all, json!({ "Statement": [statement(json!("b")), statement(after)] }));
            assert!(amended(one).is_none() && amended(all).is_none());
        }
        assert!(amended(json!({ "Statement": [statement(json!("sqs:*"))] })).is_none());
    }

    #[test]
    fn who_may_insert_may_send_statements_of_no_table() {
        let insert = json!({ "Effect": "Allow", "Action": [INSERT], "Resource": "arn:core" });
        let added = json!({ "Effect": "Allow", "Action": STATEMENTS, "Resource": "*" });
        for before in [json!({ "Statement": insert }), json!({ "Statement": [insert] })] {
            let after = amended(before).unwrap();
            assert_eq!(after, json!({ "Statement": [insert, added] }));
            assert!(amended(after).is_none());
        }
    }

    #[test]
    fn texts_are_those_of_the_innermost_elements() {
        let xml = "<a><member><RoleName>r1</RoleName></member><member><RoleName>r2</RoleName></member></a>";
        assert_eq!(texts(xml, "RoleName"), ["r1", "r2"]);
        assert_eq!(texts("<member>p</member>", "member"), ["p"]);
    }
}
