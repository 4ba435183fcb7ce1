//! Renders every page with sample data into a folder, so that a person (or a browser without a head) can look at them:
//! `cargo run -p console --example gallery -- DIR`, then serve DIR and open `/console/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::{env, fmt::Write as _, fs, path::PathBuf};

use console::assets;

fn main() {
    let folder = PathBuf::from(env::args().nth(1).expect("usage: gallery DIR"));
    fs::create_dir_all(folder.join("console/assets")).unwrap();
    for asset in assets::all() {
        fs::write(folder.join(asset.href.trim_start_matches('/')), asset.bytes).unwrap();
    }
    let mut index = String::from("<!doctype html><meta charset=utf-8><title>Gallery</title><ul>");
    for sample in samples::full().into_iter().chain(samples::empty()) {
        fs::write(folder.join(format!("console/{}.html", sample.name)), (sample.render)(None).unwrap()).unwrap();
        write!(index, "<li><a href='{0}.html'>{0}</a>", sample.name).unwrap();
    }
    fs::write(folder.join("console/index.html"), index).unwrap();
    println!("{}", folder.join("console/index.html").display());
}
