//! The tools that are not Rust crates, each in its own virtual environment under `.tools/`. This is the only place that
//! names their versions.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::{process, repo};

/// One virtual environment: its folder, the program it is for, and what is installed in it.
pub(crate) struct Tool {
    name: &'static str,
    program: &'static str,
    packages: &'static [&'static str],
}

/// The emulator of the AWS services. `aws-sam-translator` lets it deploy SAM templates, `cryptography` check signatures.
pub(crate) const EMULATOR: Tool = Tool {
    name: "emulator",
    program: "ministack",
    packages: &["ministack==1.5.33", "cryptography==50.0.2", "aws-sam-translator==1.115.0"],
};
/// SAM, with cfn-lint. Apart from the emulator, because their botocore versions differ.
pub(crate) const SAM: Tool =
    Tool { name: "sam", program: "sam", packages: &["aws-sam-cli==1.170.0", "cfn-lint==1.58.0"] };
/// Policy checks of the translated template.
pub(crate) const CHECKOV: Tool = Tool { name: "checkov", program: "checkov", packages: &["checkov==3.3.30"] };
/// Release builds against Amazon Linux's C library; brings the zig linker.
pub(crate) const CARGO_LAMBDA: Tool =
    Tool { name: "cargo-lambda", program: "cargo-lambda", packages: &["cargo-lambda==1.9.2"] };

/// The Lambda runtime of Python, which a start is compared with. Only `bench` needs it.
pub(crate) const PYTHON_RUNTIME: Tool =
    Tool { name: "python-runtime", program: "python3", packages: &["awslambdaric==4.2.2"] };

/// Generated requests against the API, by its description.
pub(crate) const SCHEMATHESIS: Tool =
    Tool { name: "schemathesis", program: "schemathesis", packages: &["schemathesis==4.32.5"] };

const INSTALL_LIMIT: Duration = Duration::from_mins(15);

impl Tool {
    fn folder(&self) -> PathBuf {
        repo::root().join(".tools").join(self.name)
    }

    /// The folder of the environment's programs.
    pub(crate) fn bin(&self) -> PathBuf {
        self.folder().join("bin")
    }

    /// A program of the environment, installing it when it is not there.
    pub(crate) fn program(&self, name: &str) -> Result<Command> {
        self.install()?;
        Ok(Command::new(self.bin().join(name)))
    }

    /// Installs the environment unless it is there with these versions.
    pub(crate) fn install(&self) -> Result<()> {
        let wanted = self.packages.join("\n");
        let stamp = self.folder().join("installed.txt");
        if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) && self.bin().join(self.program).exists() {
            return Ok(());
        }
        process::step(&format!("install {}", self.name), || {
            process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(self.folder()), INSTALL_LIMIT)?;
            let mut pip = Command::new(self.bin().join("pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(self.packages);
            process::run(&mut pip, INSTALL_LIMIT)?;
            std::fs::write(&stamp, &wanted)?;
            Ok(((), self.packages.join(" ")))
        })
    }
}

/// Installs all of them, and the servers of `interop`.
pub(crate) fn install_all() -> Result<()> {
    for tool in [&EMULATOR, &SAM, &CHECKOV, &CARGO_LAMBDA, &SCHEMATHESIS] {
        tool.install()?;
    }
    crate::interop::install_all()?;
    println!("  the tools are in {}", repo::root().join(".tools").display());
    Ok(())
}
