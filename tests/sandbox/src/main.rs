//! The sandbox as a program: `sandbox --port 4600`. All of it is in the library, so that tests start it in process.

// LinkedIn is a name, not code.
#![allow(clippy::doc_markdown)]

use std::io::Write as _;
use std::net::IpAddr;

use clap::Parser;
use sandbox::Options;

/// Imitates X and LinkedIn on one port: consent pages, tokens, posting, media, timelines, faults on request.
#[derive(Parser)]
#[command(name = "sandbox", version, after_help = "Open the address it prints, or read /guide there.")]
struct Args {
    /// Port to listen on.
    #[arg(long, default_value_t = 4600)]
    port: u16,
    /// Address to listen on. Use 0.0.0.0 when containers must reach it.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// The address other programs use for this server, when it is not http://HOST:PORT.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let args = Args::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let listener = tokio::net::TcpListener::bind((args.host, args.port)).await?;
    let public_url = args.public_url.map(|url| url.trim_end_matches('/').to_owned());
    let handle = sandbox::serve(listener, Options { public_url })?;
    let base = handle.base_url();
    writeln!(std::io::stdout(), "sandbox {base}\n  timelines of the platforms: {base}/")?;
    handle.ended().await
}
