//! The Graph API, which four platforms of one house are published to through: how it is called, what its refusals mean, how a
//! person gives access. What they share stands here, each platform in its own folder; none uses another's code. What is
//! particular, with sources, is in this folder's README.

mod container;
mod conversation;
mod error;
mod facebook;
mod found;
mod graph;
pub(crate) mod inbound;
mod instagram;
mod lasting;
mod login;
mod made;
mod recent;
mod threads;
mod usage;
mod whatsapp;

pub(crate) use facebook::Facebook;
pub(crate) use instagram::Instagram;
pub(crate) use threads::Threads;
pub(crate) use whatsapp::WhatsApp;

/// What Instagram and Threads ask of the pictures and the sound of a video; both say it in the same words.
fn encoding() -> domain::platform::EncodingRule {
    domain::platform::EncodingRule {
        min_pixels: None,
        max_width: Some(1_920),
        frame_rate: Some((23, 60)),
        audio_codecs: crate::words(&["aac"]),
        max_sample_rate_hz: Some(48_000),
        index_first: true,
    }
}
