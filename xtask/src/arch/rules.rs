//! The rules, one function each. Their numbers are those of ARCHITECTURE.md.

use super::source::{File, literals};
use super::{Breach, Platform};

/// L1, L3: whom a crate may import, of our own and of the libraries that belong to one layer.
struct Layer {
    /// Path of its crate, or the start of the paths of its crates.
    folder: &'static str,
    /// Our crates it may use.
    ours: &'static [&'static str],
    /// Starts of the names of the layer-bound libraries it may use.
    libraries: &'static [&'static str],
}

const LAYERS: &[Layer] = &[
    Layer { folder: "shared/domain", ours: &[], libraries: &[] },
    Layer { folder: "shared/ports", ours: &["domain"], libraries: &[] },
    // Mails, from a template to bytes: pure, so that what customers write runs where nothing can be reached.
    Layer { folder: "shared/mail", ours: &["domain"], libraries: &["minijinja"] },
    Layer { folder: "shared/app", ours: &["mail", "ports", "domain"], libraries: &[] },
    Layer { folder: "shared/connector-kit", ours: &["ports", "domain"], libraries: &["reqwest", "oauth2"] },
    Layer { folder: "shared/connectors", ours: &["connector-kit", "ports", "domain"], libraries: &[] },
    Layer {
        folder: "shared/store",
        ours: &["ports", "domain"],
        libraries: &["aws-sdk-dynamodb", "aws-smithy", "aws-config"],
    },
    Layer { folder: "shared/aws", ours: &["ports", "domain"], libraries: &["aws-"] },
    Layer {
        folder: "shared/runtime",
        ours: &["app", "ports", "domain"],
        libraries: &["lambda_", "aws_lambda_events", "axum", "tower", "utoipa"],
    },
    // Forms that more than one function reads or writes.
    Layer { folder: "shared/wire", ours: &["runtime", "app", "domain"], libraries: &["utoipa"] },
    // Drives the routers of API functions in process.
    Layer { folder: "shared/testing", ours: &["app", "ports", "domain", "store"], libraries: &["tower"] },
    // The one place that knows every adapter, so that no function has to.
    Layer {
        folder: "shared/wiring",
        ours: &["runtime", "app", "ports", "domain", "store", "aws", "connectors", "connector-kit"],
        libraries: &["aws-sdk-dynamodb"],
    },
    Layer {
        folder: "functions/",
        ours: &["wiring", "wire", "runtime", "app", "domain", "ports"],
        libraries: &["lambda_", "aws_lambda_events", "axum", "tower", "utoipa", "minijinja"],
    },
    // Holds the connectors to what real servers do; nothing may depend on it.
    Layer {
        folder: "tests/interop",
        ours: &["connectors", "connector-kit", "ports", "domain"],
        libraries: &["reqwest"],
    },
    // Measures what the functions link, over ports that count; nothing may depend on it.
    Layer {
        folder: "tests/bench",
        ours: &[
            "wiring",
            "runtime",
            "app",
            "ports",
            "domain",
            "store",
            "testing",
            "connectors",
            "connector-kit",
            "mail",
            "sandbox",
        ],
        libraries: &["lambda_", "aws_lambda_events", "axum", "tower", "aws-sdk-dynamodb", "aws-smithy"],
    },
];

/// Libraries that belong to one layer: a crate uses one only if its layer lists it.
const LAYER_BOUND: [&str; 11] = [
    "aws-sdk-",
    "aws-config",
    "aws-smithy",
    "lambda_",
    "aws_lambda_events",
    "axum",
    "tower",
    "utoipa",
    "reqwest",
    "oauth2",
    "minijinja",
];
const OURS: [&str; 15] = [
    "domain",
    "ports",
    "mail",
    "app",
    "connector-kit",
    "connectors",
    "store",
    "aws",
    "runtime",
    "wire",
    "wiring",
    "testing",
    "sandbox",
    "bench",
    "interop",
];

fn push(breaches: &mut Vec<Breach>, place: String, what: impl Into<String>) {
    breaches.push(Breach { place, what: what.into() });
}

/// What a crate links or builds with, on any target; what only its tests use is its own affair.
fn linked(table: &toml::Table) -> impl Iterator<Item = (&String, &toml::Value)> {
    let targets = table.get("target").and_then(toml::Value::as_table);
    let each = targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
    let lists = std::iter::once(table).chain(each);
    let lists = lists.flat_map(|table| ["dependencies", "build-dependencies"].map(|kind| table.get(kind)));
    lists.flatten().filter_map(toml::Value::as_table).flatten()
}

/// L1 and L6: dependency tables.
pub(super) fn arrows(file: &File, breaches: &mut Vec<Breach>) {
    let Some(layer) = LAYERS.iter().find(|layer| folder_of(&file.path).starts_with(layer.folder)) else { return };
    let Ok(table) = file.text.parse::<toml::Table>() else {
        return push(breaches, file.path.clone(), "is not TOML");
    };
    if table.get("features").is_some() && file.path.starts_with("shared/") && !file.path.starts_with("shared/testing/")
    {
        push(breaches, file.path.clone(), "L6: shared crates have no features; every function links the same build");
    }
    for (name, value) in linked(&table) {
        let allowed = |list: &[&str], prefix: bool| {
            list.iter().any(|item| if prefix { name.starts_with(item) } else { name == item })
        };
        if OURS.contains(&name.as_str()) {
            if !allowed(layer.ours, false) {
                push(
                    breaches,
                    file.path.clone(),
                    format!("L1: may not depend on `{name}`; allowed: {}", layer.ours.join(", ")),
                );
            }
            if value.get("features").is_some() || value.get("default-features").is_some() {
                push(breaches, file.path.clone(), format!("L6: `{name}` is used as it is, without features"));
            }
        } else if allowed(&LAYER_BOUND, true) && !allowed(layer.libraries, true) {
            push(breaches, file.path.clone(), format!("L1: `{name}` belongs to another layer"));
        }
        if value.get("version").is_some() || value.as_str().is_some() {
            push(
                breaches,
                file.path.clone(),
                format!("`{name}`: versions stand in the root Cargo.toml (`{name}.workspace = true`)"),
            );
        }
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// At most 500 lines without tests; a function's main.rs under 30, so that a handler holds no rules (L7).
pub(super) fn sizes(file: &File, breaches: &mut Vec<Breach>) {
    let length = file.length();
    if length > 500 && !file.is_test() {
        push(
            breaches,
            file.path.clone(),
            format!("{length} lines without tests, the limit is 500: split it by what it knows"),
        );
    }
    if file.path.starts_with("functions/") && file.path.ends_with("/src/main.rs") && length >= 30 {
        push(
            breaches,
            file.path.clone(),
            format!("L7: {length} lines, main.rs only boots, wires and serves (under 30)"),
        );
    }
}

/// L2, L3: a platform's name appears in its own folder, in its house, and in its line of the registry, nowhere else. In a house
/// a platform may be named, since addresses of one carry the other's name; but its code is its own.
pub(super) fn platform_names(file: &File, platforms: &[Platform], breaches: &mut Vec<Breach>) {
    let ours = file.path.starts_with("shared/") || file.path.starts_with("functions/");
    if !ours || file.is_test() || file.path == "shared/connectors/src/lib.rs" {
        return;
    }
    let home = file
        .path
        .strip_prefix("shared/connectors/src/")
        .and_then(|rest| rest.split_once('/'))
        .map(|(folder, _)| folder);
    let inside = |platform: &Platform| {
        let folder = format!("shared/connectors/src/{}/{}/", platform.home, platform.name);
        home == Some(platform.name.as_str()) || file.path.starts_with(&folder)
    };
    for platform in platforms.iter().filter(|platform| !inside(platform)) {
        let Platform { name, home: house } = platform;
        // The house's own list of its platforms is their registry.
        let lists = file.path == format!("shared/connectors/src/{house}/mod.rs");
        for (number, line) in file.code() {
            let borrowed = BORROWED.iter().find(|(folder, _)| home == Some(folder)).map_or("", |(_, literal)| literal);
            let own = if borrowed.is_empty() { line.to_owned() } else { line.replace(borrowed, "") };
            let line = own.as_str();
            let uses = line.to_ascii_lowercase().contains(&format!("{name}::"));
            let breaks = if home == Some(house.as_str()) { uses && !lists } else { names(line, name) };
            if breaks {
                let rule = if home.is_some() {
                    "L3: no connector knows another"
                } else {
                    "L2: no platform's name outside its connector"
                };
                push(breaches, format!("{}:{number}", file.path), format!("{rule} (`{name}`)"));
            }
        }
    }
}

/// What a platform's own interface calls itself by another's name: the folder, and the literal that it may hold.
const BORROWED: [(&str, &str); 1] = [("sendgrid", "x-twilio-email-event-webhook-")];

/// Platforms whose slug is a word of our own: a medium is a picture or a video, and threads are posts of several parts. The name counts as people write it, and the module's path.
const WORDS: [(&str, &str); 2] = [("medium", "Medium"), ("threads", "Threads")];

/// A short slug is a word of its own, so only a literal counts; a long one counts wherever it appears, but for [`WORDS`].
fn names(line: &str, platform: &str) -> bool {
    if let Some((slug, name)) = WORDS.iter().find(|(slug, _)| *slug == platform) {
        let written = line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == *name);
        return written || line.contains(&format!("crate::{slug}"));
    }
    if platform.len() < 3 {
        return literals(line).any(|literal| literal == platform);
    }
    line.to_ascii_lowercase().contains(platform)
}

/// L4: types of the AWS SDK stay behind the ports.
pub(super) fn sdk_types(file: &File, breaches: &mut Vec<Breach>) {
    let inner = ["shared/domain/", "shared/ports/", "shared/app/", "shared/connectors/", "shared/connector-kit/"];
    if !inner.iter().any(|folder| file.path.starts_with(folder)) {
        return;
    }
    for (number, line) in file.code() {
        if line.contains("aws_sdk_") {
            push(breaches, format!("{}:{number}", file.path), "L4: no AWS SDK type here; say what is needed as a port");
        }
    }
}

/// L5: what only one place may do. `homes` are the paths where it lives.
struct Ban {
    texts: &'static [&'static str],
    homes: &'static [&'static str],
    instead: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        texts: &["std::env", "env::var"],
        homes: &["shared/runtime/src/config"],
        instead: "a field of the runtime's configuration",
    },
    Ban {
        texts: &["SystemTime::now", "Timestamp::now", "Zoned::now"],
        homes: &["shared/runtime/src/clock", "shared/aws/src/world"],
        instead: "the Clock port",
    },
    Ban {
        texts: &[
            "thread_rng",
            "getrandom",
            "rand::random",
            "SystemRandom",
            "rand::fill",
            "Uuid::now_v7",
            "Uuid::new_v4",
        ],
        homes: &["shared/aws/src/world"],
        instead: "the port that makes ids and tokens",
    },
    Ban {
        texts: &["reqwest::Client", "Client::builder", "ClientBuilder"],
        homes: &["shared/connector-kit/src/egress"],
        instead: "connector-kit's guarded egress",
    },
    Ban {
        texts: &["time::sleep", "thread::sleep"],
        homes: &[],
        instead: "a time in the due index: a function does not wait",
    },
];

/// L5.
pub(super) fn bans(file: &File, breaches: &mut Vec<Breach>) {
    let ours = file.path.starts_with("shared/") || file.path.starts_with("functions/");
    if !ours || file.is_test() || file.path.starts_with("shared/testing/") {
        return;
    }
    for ban in BANS.iter().filter(|ban| !ban.homes.iter().any(|home| file.path.starts_with(home))) {
        for (number, line) in file.code() {
            if let Some(text) = ban.texts.iter().find(|text| line.contains(**text)) {
                push(breaches, format!("{}:{number}", file.path), format!("L5: `{text}`; instead: {}", ban.instead));
            }
        }
    }
}

/// L8: keys of the tables are spelled in one file.
pub(super) fn keys(file: &File, breaches: &mut Vec<Breach>) {
    let ours = file.path.starts_with("shared/") || file.path.starts_with("functions/");
    // The simulator looks into the tables as an operator would; it makes no key.
    let looks = file.path.starts_with("shared/testing/");
    if !ours || looks || file.is_test() || file.path == "shared/store/src/keys.rs" {
        return;
    }
    for (number, line) in file.code() {
        if let Some(literal) = literals(line).find(|literal| spells_key(literal)) {
            push(
                breaches,
                format!("{}:{number}", file.path),
                format!("L8: \"{literal}\" looks like a table key; keys are made in store/src/keys.rs"),
            );
        }
    }
}

/// `T#`, `DUE#3`, `T#{tenant}#P#{post}`: a run of capitals at the start, or after a `#`, followed by `#`.
fn spells_key(literal: &str) -> bool {
    let start = literal.split('#').next().unwrap_or_default();
    literal.contains('#')
        && !start.is_empty()
        && start.len() <= 8
        && start.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The libraries that some layer is given.
#[cfg(test)]
pub(super) fn given() -> impl Iterator<Item = &'static str> {
    LAYERS.iter().flat_map(|layer| layer.libraries.iter().copied())
}

/// Where banned calls may live.
#[cfg(test)]
pub(super) fn homes() -> impl Iterator<Item = &'static str> {
    BANS.iter().flat_map(|ban| ban.homes.iter().copied())
}
