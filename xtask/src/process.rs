//! Child processes: bounded in time, their output kept for the error message, and one printed line per step.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Runs `work` and prints `name`, what it answered and the seconds it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<(T, String)>) -> Result<T> {
    print!("  {name:<34} ");
    std::io::stdout().flush().ok();
    let start = Instant::now();
    match work() {
        Ok((value, note)) => {
            println!("{:>6.1} s  {note}", start.elapsed().as_secs_f32());
            Ok(value)
        }
        Err(error) => {
            println!("{:>6.1} s  FAILED", start.elapsed().as_secs_f32());
            Err(error)
        }
    }
}

/// Runs a command quietly for at most `limit`; returns its standard output, or an error with the end of both outputs.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<String> {
    let (status, out, err) = capture(command, limit)?;
    if !status.success() {
        bail!("`{}` failed ({status})\n{}", describe(command), tail(&format!("{out}\n{err}"), 60));
    }
    Ok(out)
}

/// Like [`run`], but hands back the status instead of judging it.
pub(crate) fn capture(command: &mut Command, limit: Duration) -> Result<(ExitStatus, String, String)> {
    // Files, not pipes: a full pipe would stop a child that nobody reads.
    let (out, err) = (scratch()?, scratch()?);
    command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(err.try_clone()?);
    let status = wait(command, limit)?;
    Ok((status, read_back(out)?, read_back(err)?))
}

/// Runs a command whose output belongs on the terminal.
pub(crate) fn show(command: &mut Command, limit: Duration) -> Result<()> {
    let status = wait(command, limit)?;
    if !status.success() {
        bail!("`{}` failed ({status})", describe(command));
    }
    Ok(())
}

fn wait(command: &mut Command, limit: Duration) -> Result<ExitStatus> {
    let name = describe(command);
    let mut child = command.spawn().map_err(|error| missing(command, error))?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > limit {
            child.kill().ok();
            child.wait().ok();
            bail!("`{name}` was stopped after {} s", limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn missing(command: &Command, error: std::io::Error) -> anyhow::Error {
    let program = command.get_program().to_string_lossy().into_owned();
    let hint = match Path::new(&program).file_name().and_then(|name| name.to_str()) {
        Some("python3") => "apt-get install python3 python3-venv",
        Some("cargo") => "install Rust from https://rustup.rs",
        Some("strip" | "readelf") => "apt-get install binutils",
        Some("docker" | "dockerd") => "apt-get install docker.io",
        _ => "cargo xtask tools",
    };
    anyhow::Error::new(error).context(format!("cannot start `{program}`; to install it: {hint}"))
}

fn scratch() -> Result<File> {
    let path = std::env::temp_dir().join(format!("herald-xtask-{}-{:x}", std::process::id(), unique()));
    let file =
        File::options().read(true).write(true).create_new(true).open(&path).context("cannot make a scratch file")?;
    // The open handle keeps it; nothing is left behind however the task ends.
    std::fs::remove_file(&path)?;
    Ok(file)
}

fn unique() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

fn read_back(mut file: File) -> Result<String> {
    use std::io::{Read as _, Seek as _};
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn describe(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

/// The last `lines` lines of a text.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.trim_end().lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
