//! Reads `template.yaml` and `infra/*.yaml`: what the tool and its tests want to know about the stack.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

use crate::repo;

/// One function block.
#[derive(Debug)]
pub(crate) struct Function {
    /// Folder in `functions/`, taken from `CodeUri`.
    pub name: String,
    /// Logical id of its role.
    pub role: String,
    /// Seconds.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the tests that hold the template to the code"))]
    pub timeout_s: u64,
    /// Names of its environment, without the ones every function has.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the tests that hold the template to the code"))]
    pub environment: Vec<String>,
    /// Its events' properties, by event name: (type, properties).
    pub events: BTreeMap<String, (String, Value)>,
}

/// One permission statement of a function's role.
#[derive(Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Permission {
    /// The function.
    pub function: String,
    /// Allowed actions, sorted.
    pub actions: Vec<String>,
    /// What they are allowed on, as the template writes it.
    pub resources: Vec<String>,
}

/// A template file as JSON, with short tags (`!Sub`) in their long form (`Fn::Sub`).
pub(crate) struct Template(pub Value);

impl Template {
    /// `template.yaml`.
    pub(crate) fn main() -> Result<Self> {
        Self::parse(&repo::read(&repo::root().join("template.yaml"))?)
    }

    #[cfg(test)]
    /// A nested template of `infra/`, by its name.
    pub(crate) fn nested(name: &str) -> Result<Self> {
        Self::parse(&repo::read(&repo::root().join("infra").join(format!("{name}.yaml")))?)
    }

    /// Parses a template's text.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        Ok(Self(plain(&serde_yaml_ng::from_str(text)?)?))
    }

    /// The resources of a type, by logical id.
    pub(crate) fn resources(&self, kind: &str) -> BTreeMap<String, &Value> {
        let all = self.0["Resources"].as_object().into_iter().flatten();
        all.filter(|(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.clone(), &resource["Properties"]))
            .collect()
    }

    #[cfg(test)]
    /// Environment names that every function has.
    pub(crate) fn common_environment(&self) -> Vec<String> {
        keys(&self.0["Globals"]["Function"]["Environment"]["Variables"])
    }

    /// The function blocks, in the order of their names.
    pub(crate) fn functions(&self) -> Result<Vec<Function>> {
        let default_timeout = self.0["Globals"]["Function"]["Timeout"].as_u64().context("no default Timeout")?;
        let mut functions = Vec::new();
        for (id, block) in self.resources("AWS::Serverless::Function") {
            let uri = block["CodeUri"].as_str().with_context(|| format!("{id} has no CodeUri"))?;
            let name = uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
            let role = block["Role"]["Fn::GetAtt"].as_str().and_then(|text| text.strip_suffix(".Arn"));
            let events = block["Events"].as_object().into_iter().flatten();
            functions.push(Function {
                name,
                role: role.with_context(|| format!("{id} has no role of its own"))?.to_owned(),
                timeout_s: block["Timeout"].as_u64().unwrap_or(default_timeout),
                environment: keys(&block["Environment"]["Variables"]),
                events: events
                    .map(|(name, event)| (name.clone(), (text(&event["Type"]), event["Properties"].clone())))
                    .collect(),
            });
        }
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(functions)
    }

    /// Logical ids of the functions, with their names.
    pub(crate) fn function_ids(&self) -> Result<Vec<(String, String)>> {
        let mut ids = Vec::new();
        for (id, block) in self.resources("AWS::Serverless::Function") {
            let uri = block["CodeUri"].as_str().with_context(|| format!("{id} has no CodeUri"))?;
            ids.push((id, uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()));
        }
        Ok(ids)
    }

    /// The HTTP API's routes with the functions that answer them: (`GET /path`, function).
    pub(crate) fn routes(&self) -> Result<Vec<(String, String)>> {
        let mut routes = Vec::new();
        for function in self.functions()? {
            for (kind, event) in function.events.values() {
                if kind == "HttpApi" {
                    routes
                        .push((format!("{} {}", text(&event["Method"]), text(&event["Path"])), function.name.clone()));
                }
            }
        }
        Ok(routes)
    }

    /// Every permission of every function, sorted.
    pub(crate) fn permissions(&self) -> Result<Vec<Permission>> {
        let roles = self.resources("AWS::IAM::Role");
        let mut all = Vec::new();
        for function in self.functions()? {
            let role = roles.get(&function.role).with_context(|| format!("no role {}", function.role))?;
            for policy in role["Policies"].as_array().into_iter().flatten() {
                for statement in policy["PolicyDocument"]["Statement"].as_array().into_iter().flatten() {
                    if statement["Effect"] != "Allow"
                        || !statement["NotAction"].is_null()
                        || !statement["NotResource"].is_null()
                    {
                        bail!("{}: a statement that does not name what it allows", function.name);
                    }
                    let mut actions = list(&statement["Action"]);
                    actions.sort();
                    all.push(Permission {
                        function: function.name.clone(),
                        actions,
                        resources: list(&statement["Resource"]),
                    });
                }
            }
        }
        Ok(all)
    }
}

/// Paths of every template of the stack, the main one first.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(repo::root().join("infra"))? {
        files.push(entry?.path());
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files.insert(0, repo::root().join("template.yaml"));
    Ok(files)
}

/// A value or a list of values, each as one string.
pub(crate) fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().map(text).collect(),
        other => vec![text(other)],
    }
}

/// A scalar or a function call as one string.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(map) if map.len() == 1 => {
            let (name, inner) = map.iter().next().map_or(("", &Value::Null), |(name, inner)| (name.as_str(), inner));
            format!("{} {}", name.replace("Fn::", "!"), text(inner))
        }
        other => other.to_string(),
    }
}

fn keys(value: &Value) -> Vec<String> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

fn plain(yaml: &Yaml) -> Result<Value> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => json!(value),
        Yaml::Number(value) => serde_json::to_value(value)?,
        Yaml::String(value) => json!(value),
        Yaml::Sequence(items) => Value::Array(items.iter().map(plain).collect::<Result<_>>()?),
        Yaml::Mapping(map) => {
            let mut object = Map::new();
            for (key, value) in map {
                let key = match key {
                    Yaml::String(key) => key.clone(),
                    other => serde_yaml_ng::to_string(other)?.trim().to_owned(),
                };
                object.insert(key, plain(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let name = if matches!(name, "Ref" | "Condition") { name.to_owned() } else { format!("Fn::{name}") };
            json!({ name: plain(&tagged.value)? })
        }
    })
}
