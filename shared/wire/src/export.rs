//! Posts as rows of a CSV file, in the columns that imports have: an export.

use crate::columns::{self, COLUMNS, Cells, TOLD, guarded};
use app::Error;
use app::publishing::PostView;
use domain::publishing::PostStatus;
use domain::time::{OnGap, WallTime};
use serde_json::{Map, Value};

/// The file (RFC 4180) of these posts, with the names of its columns.
pub fn table(views: &[PostView]) -> Result<String, Error> {
    let internal = |error: &dyn std::fmt::Display| Error::Internal(format!("a table cannot be written: {error}"));
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let names = || TOLD.iter().chain(&COLUMNS);
    writer.write_record(names()).map_err(|e| internal(&e))?;
    for view in views {
        let cells = row(view);
        let cell = |name: &&str| cells.get(*name).map(|cell| guarded(cell)).unwrap_or_default();
        writer.write_record(names().map(cell)).map_err(|e| internal(&e))?;
    }
    let bytes = writer.into_inner().map_err(|e| internal(&e))?;
    String::from_utf8(bytes).map_err(|e| internal(&e))
}

fn row(view: &PostView) -> Cells {
    let post = &view.post;
    let mut cells = columns::cells(&post.content);
    cells.insert("pack_id", post.id.to_string());
    cells.insert("status", status_name(view.status));
    cells.insert("created_at", post.created_at.to_string());
    let urls: Vec<&str> = view.deliveries.iter().filter_map(|delivery| delivery.url()).collect();
    cells.insert("urls", urls.join(" "));
    let accounts: Vec<String> = post.targets.iter().map(|target| target.account.to_string()).collect();
    cells.insert("accounts", accounts.join(" "));
    cells.insert("option", if post.is_draft() { "draft" } else { "scheduled" }.to_owned());
    // A local time that an import would take for another instant, or for none, is written as its instant.
    let means = |wall: &WallTime| wall.resolve(OnGap::Reject).ok().map(|found| found.at) == post.schedule.due_at();
    if let Some((wall, _)) = post.schedule.local().filter(|(wall, _)| means(wall)) {
        cells.insert("scheduled_at", wall.local.to_string());
        cells.insert("timezone", wall.zone.clone());
    } else {
        cells.extend(post.schedule.due_at().map(|at| ("scheduled_at", at.to_string())));
    }
    if !post.variants.is_empty() {
        let variant = |(platform, variant): (&domain::PlatformId, _)| {
            (platform.to_string(), Value::Object(columns::fields(variant)))
        };
        let variants: Map<String, Value> = post.variants.iter().map(variant).collect();
        cells.insert("variants", Value::Object(variants).to_string());
    }
    cells
}

/// A status as the wire names it.
pub fn status_name(status: PostStatus) -> String {
    serde_json::to_value(status).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
