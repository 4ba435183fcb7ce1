//! WordPress, with MariaDB and PHP's own server, of Debian's packages; below `.local`.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process::{self, step};
use crate::repo;

/// Where Debian puts WordPress.
const WORDPRESS: &str = "/usr/share/wordpress";
/// What Debian calls the packages. Only the server's core of MariaDB: the whole would start one for the machine.
const PACKAGES: &str = "wordpress php-cli php-mysql mariadb-server-core";
/// Longest path of a socket that the kernel takes, in bytes.
const MAX_SOCKET: usize = 107;
const LIMIT: Duration = Duration::from_mins(4);

/// A server of ours, stopped when this is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM first: a database wants to put its files in order.
        Command::new("kill").arg(self.0.id().to_string()).status().ok();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts it and runs its tests; where it cannot be had, what was not tried.
pub(super) fn run() -> Result<Option<&'static str>> {
    if let Some(missing) = missing() {
        let remedy = format!("apt-get install --no-install-recommends {PACKAGES}");
        return Ok(Some(super::skipped("a real WordPress", &format!("this machine lacks {missing}"), &remedy)));
    }
    let folder = repo::local().join("interop");
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder)?;
    let result = wordpress(&folder);
    if result.is_ok() {
        fs::remove_dir_all(&folder)?;
    }
    result.with_context(|| format!("its logs lie in {}", folder.display())).map(|()| None)
}

/// The first thing that is not there.
fn missing() -> Option<&'static str> {
    let starts = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).stdin(Stdio::null()).output();
        output.ok().filter(|done| done.status.success()).map(|done| String::from_utf8_lossy(&done.stdout).into_owned())
    };
    if !Path::new(WORDPRESS).join("wp-settings.php").exists() {
        return Some("WordPress");
    }
    match starts("php", "-m") {
        None => return Some("PHP"),
        Some(modules) if !modules.lines().any(|module| module == "mysqli") => return Some("PHP's mysqli"),
        Some(_) => {}
    }
    if starts(&mariadbd(), "--version").is_none() {
        return Some("MariaDB");
    }
    None
}

/// Not on everybody's path.
fn mariadbd() -> String {
    let usual = "/usr/sbin/mariadbd";
    if Path::new(usual).exists() { usual.to_owned() } else { "mariadbd".to_owned() }
}

/// A port that nobody listens at now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn wordpress(folder: &Path) -> Result<()> {
    let (socket, site, scripts) =
        (folder.join("db.sock"), folder.join("site"), repo::root().join("tests/interop/wordpress"));
    if socket.as_os_str().len() > MAX_SOCKET {
        bail!("{} is too long for a socket: use a checkout with a shorter path", socket.display());
    }
    let user = process::run(Command::new("id").arg("-un"), Duration::from_secs(5))?.trim().to_owned();
    // Clients speak to the proxy of the tests, so that is the site's address; behind it is PHP.
    let (front, back) = (free_port()?, free_port()?);
    let environment = [
        ("HERALD_SITE", format!("http://127.0.0.1:{front}")),
        ("HERALD_ROOT", site.display().to_string()),
        ("HERALD_DB_SOCKET", socket.display().to_string()),
    ];
    step("WordPress, copied", || {
        // Debian's holds links to what other packages bring.
        process::run(Command::new("cp").arg("-rL").arg(WORDPRESS).arg(&site), LIMIT)?;
        fs::create_dir_all(site.join("wp-content/uploads"))?;
        fs::copy(scripts.join("wp-config.php"), site.join("wp-config.php"))?;
        fs::copy(scripts.join("router.php"), folder.join("router.php"))?;
        Ok(((), site.display().to_string()))
    })?;
    let _database = step("MariaDB", || {
        let server = database(folder, &socket, &user)?;
        Ok((server, "without a port".to_owned()))
    })?;
    let people = step("the site", || {
        let mut install = Command::new("php");
        install.arg(scripts.join("install.php")).envs(environment.clone());
        let said = process::run(&mut install, LIMIT)?;
        let people: serde_json::Value = serde_json::from_str(said.trim()).with_context(|| said.clone())?;
        let version = format!("WordPress {}", people["version"].as_str().unwrap_or_default());
        Ok((people, version))
    })?;
    let _php = step("PHP's server", || {
        let mut php = Command::new("php");
        php.args(["-d", "opcache.enable_cli=1", "-d", "memory_limit=256M", "-d", "upload_max_filesize=2M", "-S"]);
        php.arg(format!("127.0.0.1:{back}")).arg("-t").arg(&site).arg(folder.join("router.php"));
        php.envs(environment.clone());
        let server = start(php, &folder.join("php.log"))?;
        until("PHP's server", || std::net::TcpStream::connect(("127.0.0.1", back)).is_ok())?;
        Ok((server, format!("http://127.0.0.1:{back}")))
    })?;
    let told = serde_json::json!({ "front": front, "back": back, "people": people["people"] });
    let file = folder.join("site.json");
    fs::write(&file, told.to_string())?;
    super::tests("wordpress", "HERALD_WORDPRESS", &file)
}

fn database(folder: &Path, socket: &Path, user: &str) -> Result<Server> {
    let data: PathBuf = folder.join("db");
    let mut install = Command::new("mariadb-install-db");
    install.arg("--no-defaults").arg(format!("--datadir={}", data.display())).arg(format!("--user={user}"));
    install.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
    process::run(&mut install, LIMIT)?;
    let mut server = Command::new(mariadbd());
    server.arg("--no-defaults").arg(format!("--datadir={}", data.display())).arg(format!("--user={user}"));
    server.arg(format!("--socket={}", socket.display())).arg(format!("--pid-file={}", folder.join("db.pid").display()));
    // It is thrown away: nothing need outlast a power cut.
    server.args(["--skip-networking", "--innodb-flush-log-at-trx-commit=0"]);
    let server = start(server, &folder.join("db.log"))?;
    until("MariaDB", || socket.exists())?;
    Ok(server)
}

fn start(mut command: Command, log: &Path) -> Result<Server> {
    let (out, err) = (fs::File::create(log)?, fs::File::options().append(true).open(log)?);
    let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().context("cannot start it")?;
    Ok(Server(child))
}

fn until(what: &str, up: impl Fn() -> bool) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_mins(1) {
        if up() {
            return Ok(());
        }
        sleep(Duration::from_millis(50));
    }
    bail!("{what} did not come up within a minute")
}
