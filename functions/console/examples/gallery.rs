//! Renders every page with sample data into a folder, so that a person (or a browser without a head) can look at them:
//! `cargo run -p console --example gallery -- DIR`, then serve DIR and open `/console/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::{env, fmt::Write as _, fs, path::PathBuf};

use console::assets;

/// What people could write to break a layout: markup, another direction, one endless word.
const HOSTILE: &str = "<b>שלום</b> & \u{202e}olleh \u{202c} Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft\n👩‍👩‍👧‍👦";

fn main() {
    let folder = PathBuf::from(env::args().nth(1).expect("usage: gallery DIR"));
    fs::create_dir_all(folder.join("console/assets")).unwrap();
    for asset in assets::all() {
        fs::write(folder.join(asset.href.trim_start_matches('/')), asset.bytes).unwrap();
    }
    let mut index = String::from("<!doctype html><meta charset=utf-8><title>Gallery</title><ul>");
    let mut save = |name: String, html: String| {
        fs::write(folder.join(format!("console/{name}.html")), html).unwrap();
        write!(index, "<li><a href='{name}.html'>{name}</a>").unwrap();
    };
    for sample in samples::full() {
        save(format!("hostile-{}", sample.name), (sample.render)(Some(HOSTILE)).unwrap());
        save(sample.name, (sample.render)(None).unwrap());
    }
    for sample in samples::empty() {
        save(sample.name, (sample.render)(None).unwrap());
    }
    fs::write(folder.join("console/index.html"), index).unwrap();
    println!("{}", folder.join("console/index.html").display());
}
