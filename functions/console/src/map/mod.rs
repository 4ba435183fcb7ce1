//! From entities to views: pure, so that what a page says can be tested without a store, a session or a server.

mod accounts;
mod approvals;
mod book;
mod brand;
mod calendar;
mod composer;
mod draft;
mod egress;
mod endpoint_form;
mod event_types;
mod extras;
mod fields;
mod import;
mod inbox;
mod library;
mod messages;
mod posts;
mod reader;
mod recurrence;
mod row;
mod series;
mod shown;
mod slots;
mod sources;
mod team;
mod wall;
mod way_form;
mod webhooks;

pub use accounts::{cards, choices, key_page, options};
pub use approvals::{approval_item, approval_view};
pub use book::{Book, platform};
pub use brand::{BrandDraft, brand_errors, brand_form};
pub use calendar::{Calendar, Read};
pub use composer::{MAX_ROWS, MAX_UPLOAD, composer, count};
pub use draft::{Draft, parts};
pub use egress::{egress_form, egress_typed};
pub use endpoint_form::{EndpointDraft, typed_headers};
pub use event_types::{event_type_page, event_type_row};
pub use extras::Extras;
pub use fields::{post_errors, secret_errors, team_errors};
pub use import::{MAX_FILE, Sheet, how as import_how, import_page, imported_report};
pub use inbox::{conversation, inbox_item};
pub use library::{
    MAX_SHOWN, captions_pick, file_types, is_captions, is_shown, library_item, media_label, media_view, named_types,
    uploader,
};
pub use messages::{AgainDraft, LogDraft, is_open, message_page, message_row, recovery_row};
pub use posts::{excerpt, page as post_page, row, unknown};
pub use reader::Reader;
pub use recurrence::RecurrenceDraft;
pub use row::Row;
pub use series::{Refused, TimesDraft, posts_of, series_href, series_page, series_row, times_errors};
pub use shown::{Shown, day_span};
pub use slots::{WeekDraft, slots_errors, slots_href, slots_links, slots_page};
pub use sources::{
    SOURCES_HREF, ask_action, incoming_row, secret_field, source_errors, source_form, source_options, source_row,
};
pub use team::{key_rows, member_options, member_rows, role_options};
pub use wall::{Wall, WrongTime, zones};
pub use webhooks::{
    endpoint_facts, endpoint_href, endpoint_row, matter, missed_since, new_secret, public_keys, rotate_form, snippets,
    switches,
};
