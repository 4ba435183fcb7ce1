//! The smallest HTTP function: what a function's `main` looks like, and what the time to start is measured with.

use axum::Router;
use axum::routing::get;
use runtime::http::{Envelope, finish, serve};
use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::boot("smallest", async |_boot| {
        serve(finish(Router::new().route("/", get(async || Envelope::new((), "here"))))).await
    })
}
