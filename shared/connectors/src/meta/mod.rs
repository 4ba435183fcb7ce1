//! The Graph API, which four platforms of one house are published to through: how it is called, what its refusals mean, how a
//! person gives access. What they share stands here, each platform in its own folder; neither uses the other's code. What is
//! particular, with sources, is in this folder's README.

mod container;
mod error;
mod facebook;
mod found;
mod graph;
mod instagram;
mod lasting;
mod login;
mod recent;
mod threads;
mod usage;
mod whatsapp;

pub(crate) use facebook::Facebook;
pub(crate) use instagram::Instagram;
pub(crate) use threads::Threads;
pub(crate) use whatsapp::WhatsApp;
