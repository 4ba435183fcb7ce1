//! Amazon SES, as one who calls us: what became of mails, told through Amazon SNS. Nothing is sent through it yet. What is particular,
//! with sources, is in this folder's README.

pub(crate) mod inbound;
