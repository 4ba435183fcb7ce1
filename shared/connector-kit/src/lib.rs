//! What every connector needs and none should write again: the one HTTP client, guarded against private addresses and
//! silent repetition; the OAuth calls; webhook signatures; media by address; and the contract that each connector is
//! held to. No platform's name occurs here.

mod address;
mod back;
pub mod contract;
mod documents;
pub mod draft;
pub mod egress;
pub mod html;
pub mod http;
pub mod inbound;
mod media;
pub mod oauth;
pub mod progress;
mod reading;
mod served;
mod since;
mod thread;
mod webhook;
mod words;

#[cfg(test)]
mod script;

pub use crate::address::is_public;
pub use crate::back::Back;
pub use crate::documents::Documents;
pub use crate::egress::{Egress, Guard, Limits, Names, Setup};
pub use crate::http::{Answer, Call, Http, Lost};
pub use crate::media::{
    Allowance, MAX_MEDIA_BYTES, MAX_PIECE, Reader, file, file_name, files, media_failure, piece, whole,
};
pub use crate::reading::InTime;
pub use crate::served::Served;
pub use crate::since::{Made, earliest, made};
pub use crate::thread::{answered, parent};
pub use crate::webhook::{BadSecret, Webhooks, sign};
pub use crate::words::{
    MAX_ADDRESS, encoded, hmac_hex, is_id, is_number, is_own, is_shown, is_word, own_name, path_on, segment, short_key,
    snowflake, words,
};
