//! The measuring program. Each subcommand prints one line of JSON; `cargo xtask bench` builds it as AWS would run it and
//! calls them.
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use bench::hooks::{self, Taker};
use bench::platforms::{self, Taken};
use bench::{cloud, cost, due, life, mails, seed, speed};
use clap::Parser;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Parser)]
enum Measure {
    /// Units per delivery, by step.
    Units,
    /// What telling a customer's endpoint of an event takes.
    Webhooks {
        /// Events.
        events: usize,
    },
    /// What a delivery takes on each platform, by its real connector.
    Platforms {
        /// Deliveries on each.
        deliveries: usize,
    },
    /// What a tick reads with so many posts scheduled and a hundred due.
    Reads {
        /// Posts.
        scheduled: usize,
    },
    /// One answer of the due index, as DynamoDB gives it.
    Page,
    /// Typed entries of such answers per second of processor time.
    Due,
    /// Publish jobs over memory per second of processor time.
    Publish,
    /// Deliveries to a customer's endpoint over memory per second of processor time.
    Tell,
    /// API requests over memory per second of processor time.
    Api,
    /// The recipients of the newsletter, and the addresses that are made of them, to files.
    Readers {
        /// Where recipients go, a line of JSON each.
        recipients: PathBuf,
        /// Where the addresses go, a mail to a line.
        addresses: PathBuf,
    },
    /// Newsletters rendered and tracked per second of processor time: as the peers make them, with the derived text part, and as MIME.
    Mails,
    /// Plays AWS and a platform on a loopback port, until it is ended.
    Cloud,
    /// Fills the cloud that the environment names; writes key, accounts and messages to a file.
    Seed {
        /// Accounts to connect.
        accounts: usize,
        /// Posts that are due.
        posts: usize,
        /// Where the cloud is: a customer's endpoint is there, too.
        cloud: String,
        /// Where to write.
        out: PathBuf,
    },
}

/// Recipients of the newsletter.
const READERS: usize = 2_000;
/// Processor time of one measurement.
const LEAST: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let measure = Measure::parse();
    if let Measure::Seed { accounts, posts, cloud, out } = measure {
        return runtime::boot("bench", async move |boot| {
            std::fs::write(out, seed::fill(&boot, &cloud, accounts, posts).await.to_string())?;
            Ok(())
        });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(measure));
    ExitCode::SUCCESS
}

async fn run(measure: Measure) {
    let line = match measure {
        Measure::Units => json!({
            "scheduled": cost::report(&life::scheduled(100, 10).await, 100),
            "at_once": cost::report(&life::immediate(20, 10).await, 20),
        })
        .to_string(),
        Measure::Webhooks { events } => {
            let mut lines = Vec::new();
            for taker in Taker::ALL {
                let meter = hooks::told(taker, events).await;
                let report = cost::metered(meter.as_ref(), events, |_| true);
                lines.push(json!({ "told": taker.name(), "report": report }));
            }
            json!(lines).to_string()
        }
        Measure::Platforms { deliveries } => {
            let lines = Box::pin(platforms::all(deliveries)).await;
            let line = |taken: &Taken| {
                json!({
                    "platform": taken.platform, "content": taken.content.name(), "requests": taken.requests,
                    "dollars_per_million": taken.dollars(), "charge_usd_micros": taken.charge_usd_micros,
                    "cpu_ms": taken.cpu.as_secs_f64() * 1_000.0, "row": taken.row(),
                })
            };
            json!(lines.iter().map(line).collect::<Vec<_>>()).to_string()
        }
        Measure::Reads { scheduled } => {
            let reads = due::reads(scheduled, 100).await;
            json!({ "seen": reads.seen, "sent": reads.sent, "rows": reads.rows, "units": reads.units }).to_string()
        }
        Measure::Page => due::page().await,
        Measure::Due => json!({ "per_cpu_s": due::speed(LEAST).await }).to_string(),
        Measure::Publish => json!({ "per_cpu_s": speed::publish(20).await }).to_string(),
        Measure::Tell => json!({ "per_cpu_s": hooks::speed(LEAST).await }).to_string(),
        Measure::Api => json!({ "per_cpu_s": speed::api(LEAST).await }).to_string(),
        Measure::Readers { recipients, addresses } => {
            let lines = mails::recipients(READERS);
            std::fs::write(addresses, mails::addresses(&mails::readers(&lines))).unwrap();
            std::fs::write(recipients, &lines).unwrap();
            json!({ "recipients": READERS }).to_string()
        }
        Measure::Mails => {
            let readers = mails::readers(&mails::recipients(READERS));
            json!({
                "html": mails::speed(&readers, false, LEAST).await,
                "whole": mails::speed(&readers, true, LEAST).await,
                "mime": mails::mime(&readers, LEAST).await,
            })
            .to_string()
        }
        Measure::Cloud => return cloud::serve().await,
        Measure::Seed { .. } => return,
    };
    println!("{line}");
}
