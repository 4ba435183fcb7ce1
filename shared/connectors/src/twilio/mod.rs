//! Twilio, as one who calls us: statuses of messages and calls, and messages from people. Nothing is sent through it yet. What is
//! particular, with sources, is in this folder's README.

pub(crate) mod inbound;
