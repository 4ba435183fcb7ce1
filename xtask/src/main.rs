//! `cargo xtask`: every task of the project that is more than one command. There are no other scripts.
//!
//! A task prints one line per step with the time it took, bounds every child process in time, and names the command
//! that installs a missing tool.
// A developer's tool talks to its terminal, and reads its environment and clock like any program.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods, clippy::disallowed_types)]

mod arch;
mod bench;
mod ci;
mod demo;
mod deploy;
mod emulator;
mod fuzz;
mod gateway;
mod http;
mod interop;
mod needs;
mod package;
mod process;
mod repo;
mod roles;
mod sam_local;
mod template;
mod template_check;
mod test;
mod tools;
mod up;

use clap::{Parser, Subcommand};

/// The developer's tool of this repository.
#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Start the whole product on this machine: emulator, the real template, platform sandbox, a tenant and its key.
    Up(up::Options),
    /// Stop what `up` started and forget its state.
    Down,
    /// Tell what runs, and at which addresses.
    Status,
    /// Print what a function of the local stack logged.
    Logs {
        /// Its folder in functions/, e.g. publisher.
        function: String,
    },
    /// Start the product and walk through its main job, saying each step in words.
    Demo(up::Options),
    /// Format check, lints, unit tests, then end-to-end tests and generated requests on the local stack, started if none runs.
    Test(test::Options),
    /// Try the whole API of the local stack with generated requests, by its own description.
    Fuzz(fuzz::Options),
    /// Try the connectors against real servers, and our webhooks with customers' libraries; says loudly what this machine has not.
    Interop,
    /// Everything the continuous integration runs.
    Ci,
    /// Build the functions' binaries into target/lambda/<function>/bootstrap.
    Package(package::Options),
    /// Package for AWS and deploy a stack with your own credentials; ends with its address.
    Deploy(deploy::Options),
    /// Check template.yaml and infra/: sam, cfn-lint and checkov over the translated form, and template against code.
    Validate(template_check::Options),
    /// Measure: starts, units per delivery, jobs, requests and index entries per second of processor time, lateness.
    Bench(bench::Options),
    /// Check the layering rules, the bans and the file sizes.
    Arch,
    /// Run each function with its sample event in the Lambda image; needs a Docker engine and says when there is none.
    SamLocal,
    /// The local front door, which `up` starts in the background.
    #[command(hide = true)]
    Gateway(gateway::Options),
    /// Install the pinned tools into .tools/ (done on demand by the tasks that need one).
    Tools,
}

fn main() -> std::process::ExitCode {
    let result = match Cli::parse().task {
        Task::Up(options) => up::up(options).map(|stack| up::print(&stack)),
        Task::Down => up::down(),
        Task::Status => {
            up::status();
            Ok(())
        }
        Task::Logs { function } => up::logs(&function),
        Task::Demo(options) => demo::run(options),
        Task::Test(options) => test::run(options),
        Task::Fuzz(options) => fuzz::run(options),
        Task::Interop => interop::run_all().map(drop),
        Task::Ci => ci::run(),
        Task::Package(options) => package::run(&options),
        Task::Deploy(options) => deploy::run(&options),
        Task::Validate(options) => template_check::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Arch => arch::run(),
        Task::SamLocal => sam_local::run().map(drop),
        Task::Gateway(options) => gateway::run(&options),
        Task::Tools => tools::install_all(),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_can_be_parsed() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
        for task in Cli::command().get_subcommands() {
            let needed = task.get_positionals().chain(task.get_opts()).filter(|argument| argument.is_required_set());
            let mut line = vec!["xtask".to_owned(), task.get_name().to_owned()];
            for argument in needed {
                line.extend(argument.get_long().map(|name| format!("--{name}")));
                let values = argument.get_possible_values();
                line.push(values.first().map_or("1", |value| value.get_name()).to_owned());
            }
            let parsed = Cli::try_parse_from(&line);
            assert!(parsed.is_ok(), "{line:?}: {:?}", parsed.err().map(|error| error.to_string()));
        }
    }
}
