//! `cargo xtask validate`: the stack's description before anything is deployed.
//!
//! The raw SAM template passes linters that its translated form fails, so the linters read the translation. What no
//! linter knows (that the template and the code agree) is in `template_check/tests.rs`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::template::{Permission, Template};
use crate::{emulator, process, repo, template, tools};

const LIMIT: Duration = Duration::from_mins(5);

/// `cargo xtask validate`.
#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Write the functions' permissions to infra/permissions.golden.json; review the difference as you would code.
    #[arg(long)]
    bless: bool,
}

/// `cargo xtask validate`.
pub(crate) fn run(options: &Options) -> Result<()> {
    tools::SAM.install()?;
    tools::CHECKOV.install()?;
    if options.bless {
        std::fs::write(golden_path(), golden_text(&Template::main()?.permissions()?)?)?;
    }
    process::step("sam validate --lint", || {
        let mut sam = tools::SAM.program("sam")?;
        sam.args(["validate", "--lint", "--region", emulator::REGION])
            .env("SAM_CLI_TELEMETRY", "0")
            .current_dir(repo::root());
        process::run(&mut sam, LIMIT)?;
        Ok(((), "template.yaml".to_owned()))
    })?;
    let translated = process::step("translate", || {
        let files = translate()?;
        let note = format!("{} templates", files.len());
        Ok((files, note))
    })?;
    process::step("cfn-lint", || {
        process::run(
            tools::SAM.program("cfn-lint")?.args(&translated).env("AWS_DEFAULT_REGION", emulator::REGION),
            LIMIT,
        )?;
        Ok(((), "no finding".to_owned()))
    })?;
    process::step("checkov", || checkov(&translated).map(|note| ((), note)))?;
    process::step("permissions", || {
        let have = repo::read(&golden_path())?;
        if have != golden_text(&Template::main()?.permissions()?)? {
            bail!(
                "template.yaml's permissions are not those of infra/permissions.golden.json; if they should be: cargo xtask validate --bless"
            );
        }
        Ok(((), "as in infra/permissions.golden.json".to_owned()))
    })
}

fn golden_path() -> PathBuf {
    repo::root().join("infra/permissions.golden.json")
}

fn golden_text(permissions: &[Permission]) -> Result<String> {
    Ok(serde_json::to_string_pretty(permissions)? + "\n")
}

fn translate() -> Result<Vec<PathBuf>> {
    let folder = repo::local().join("translated");
    std::fs::create_dir_all(&folder)?;
    let mut translated = Vec::new();
    let mut python: Command = tools::SAM.program("python")?;
    python.arg(repo::root().join("xtask/py/translate.py")).env("AWS_DEFAULT_REGION", emulator::REGION);
    for file in template::files()? {
        let target = folder.join(file.file_stem().context("no name")?).with_extension("json");
        python.arg(&file).arg(&target);
        translated.push(target);
    }
    process::run(&mut python, LIMIT)?;
    Ok(translated)
}

/// Runs checkov and sets its findings against the skips of each template's Metadata. A skip that skips nothing is an
/// error too: its reason has become untrue.
fn checkov(translated: &[PathBuf]) -> Result<String> {
    let mut command = tools::CHECKOV.program("checkov")?;
    command.args(["--framework", "cloudformation", "--skip-download", "--output", "json", "--quiet"]);
    command.args(translated.iter().flat_map(|file| [Path::new("--file"), file]));
    let (_, out, err) = process::capture(&mut command, LIMIT)?;
    let report: Value = serde_json::from_str(&out).with_context(|| format!("checkov: {}", process::tail(&err, 20)))?;
    let mut problems = Vec::new();
    let mut skipped = 0;
    let mut used = BTreeSet::new();
    let skips = skips()?;
    let failed = report["results"]["failed_checks"].as_array().context("checkov gave no results")?;
    for check in failed {
        let field = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
        let (id, resource) = (field("check_id"), field("resource"));
        let file = Path::new(&field("file_path"))
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        match skips.iter().position(|skip| skip.covers(&file, &id, &resource)) {
            Some(index) => {
                used.insert(index);
                skipped += 1;
            }
            None => problems.push(format!("{file}: {resource}: {id} {}", field("check_name"))),
        }
    }
    for (index, skip) in skips.iter().enumerate().filter(|(index, _)| !used.contains(index)) {
        problems.push(format!("{}: the skip of {} skips nothing ({index})", skip.template, skip.id));
    }
    if !problems.is_empty() {
        bail!("checkov:\n{}", problems.join("\n"));
    }
    Ok(format!("{} passed, {skipped} skipped for {} written reasons", report["summary"]["passed"], skips.len()))
}

struct Skip {
    template: String,
    id: String,
    resource: Option<String>,
}

impl Skip {
    fn covers(&self, template: &str, id: &str, resource: &str) -> bool {
        self.template == template
            && self.id == id
            && self.resource.as_ref().is_none_or(|name| resource.ends_with(&format!(".{name}")))
    }
}

fn skips() -> Result<Vec<Skip>> {
    let mut skips = Vec::new();
    for file in template::files()? {
        let name = file.file_stem().context("no name")?.to_string_lossy().into_owned();
        let template = Template::parse(&repo::read(&file)?)?;
        for skip in template.0["Metadata"]["CheckovSkips"].as_array().into_iter().flatten() {
            let id = skip["id"].as_str().context("a skip without id")?.to_owned();
            if skip["reason"].as_str().is_none_or(|reason| reason.len() < 20) {
                bail!("{name}: the skip of {id} has no reason");
            }
            skips.push(Skip { template: name.clone(), id, resource: skip["resource"].as_str().map(str::to_owned) });
        }
    }
    Ok(skips)
}

#[cfg(test)]
mod tests;
