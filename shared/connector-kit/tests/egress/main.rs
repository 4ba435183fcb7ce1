//! Whoever names an address to Herald may own the server behind it, the name and its resolver. What such a one can do is tried
//! here on real sockets: by addresses that lead inside (S7), and by receivers that answer badly (F19).
#![allow(clippy::unwrap_used, clippy::print_stdout)]
// A server that trickles has to wait between its bytes.
#![allow(clippy::disallowed_methods)]

mod addresses;
mod answers;
mod callers;
mod documents;
mod keep_alive;
mod proxies;
mod receiver;
mod redirects;
mod tls;
mod trap;
