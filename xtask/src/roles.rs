//! The emulator's IAM asks for an action of its own, `sqs:SendMessageBatch`, where AWS asks for `sqs:SendMessage` (the
//! batch calls of SQS have no actions of their own). The template says what AWS understands; this gives the emulator's
//! copy of each role the second name. Delete it when the emulator learns that the two are one.

use anyhow::{Result, bail};

use crate::emulator::Emulator;

const ONE: &str = "\"sqs:SendMessage\"";
const BOTH: &str = "\"sqs:SendMessage\", \"sqs:SendMessageBatch\"";

/// Amends every role that may send. Returns how many it changed.
pub(crate) fn allow_batches(emulator: Emulator) -> Result<usize> {
    let mut changed = 0;
    for role in texts(&emulator.iam("Action=ListRoles")?, "RoleName") {
        for policy in texts(&emulator.iam(&format!("Action=ListRolePolicies&RoleName={role}"))?, "member") {
            let place = format!("RoleName={role}&PolicyName={policy}");
            let answer = emulator.iam(&format!("Action=GetRolePolicy&{place}"))?;
            let Some(document) = texts(&answer, "PolicyDocument").pop() else { bail!("role {role} has no {policy}") };
            let document = decoded(&document);
            if !document.contains(ONE) || document.contains(BOTH) {
                continue;
            }
            // An action stands alone or in a list.
            let alone = (format!(": {ONE}"), format!(": [{BOTH}]"));
            let amended = document.replace(&alone.0, &alone.1);
            let document = encoded(&if amended == document { document.replace(ONE, BOTH) } else { amended });
            emulator.iam(&format!("Action=PutRolePolicy&{place}&PolicyDocument={document}"))?;
            changed += 1;
        }
    }
    Ok(changed)
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
    fn texts_are_those_of_the_innermost_elements() {
        let xml = "<a><member><RoleName>r1</RoleName></member><member><RoleName>r2</RoleName></member></a>";
        assert_eq!(texts(xml, "RoleName"), ["r1", "r2"]);
        assert_eq!(texts("<member>p</member>", "member"), ["p"]);
    }
}
