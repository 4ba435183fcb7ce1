//! What customers verify our webhooks with: libraries of JavaScript and Python. The one of Rust is in the tests themselves.

use anyhow::Result;
use serde_json::json;

use super::Installed;
use super::npm::Package;
use super::pip::Environment;
use crate::repo;

/// Those of JavaScript.
pub(super) const JAVASCRIPT: Package =
    Package { title: "JavaScript's webhook libraries", name: "hooks", program: "witness.mjs", native: None };
/// Those of Python.
pub(super) const PYTHON: Environment = Environment { title: "Python's webhook libraries", name: "hooks" };

/// Runs the tests with all libraries that can be had; which cannot.
pub(super) fn run() -> Result<Vec<&'static str>> {
    let (mut programs, mut skipped) = (Vec::new(), Vec::new());
    match JAVASCRIPT.install()? {
        Installed::At(folder) => {
            programs.push(json!({ "language": "JavaScript", "command": ["node", folder.join(JAVASCRIPT.program)] }));
        }
        Installed::Nowhere(why) => skipped.push(super::skipped(JAVASCRIPT.title, &why, super::npm::REMEDY)),
    }
    match PYTHON.install()? {
        Installed::At(python) => {
            let program = repo::root().join("tests/interop").join(PYTHON.name).join("witness.py");
            programs.push(json!({ "language": "Python", "command": [python, program] }));
        }
        Installed::Nowhere(why) => skipped.push(super::skipped(PYTHON.title, &why, "a way to PyPI")),
    }
    let file = repo::root().join(".tools/hooks-programs.json");
    std::fs::write(&file, json!(programs).to_string())?;
    super::tests("hooks", "HERALD_HOOKS", &file)?;
    Ok(skipped)
}

/// Installs what can be had of them.
pub(super) fn install() -> Result<()> {
    JAVASCRIPT.install()?;
    PYTHON.install()?;
    Ok(())
}
