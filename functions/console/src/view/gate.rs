//! The pages outside a session: signing in, and what went wrong.

use serde::Serialize;

/// `GET /console/sign-in`. Posts `key`, `csrf` and, when given, `next` to the same address.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SignInPage {
    /// The form token of the visitor (there is no session yet, so it is bound to a cookie).
    pub csrf: String,
    /// The page to go to afterwards; a path of ours, checked again when it is used.
    pub next: Option<String>,
    /// Why the last try failed, in one sentence. The key itself is never put back into the page.
    pub error: Option<String>,
    /// What was said before, such as that the session has ended.
    pub notice: Option<String>,
}

/// Any failed page; also answers inside a session.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ErrorPage {
    /// The HTTP status.
    pub status: u16,
    /// What happened, in people's words, such as `This page does not exist`.
    pub title: String,
    /// What it means for their posts and what to do next.
    pub text: String,
    /// The id to name when asking for help; it is in the logs.
    pub correlation_id: String,
    /// Where to go from here.
    pub back_href: String,
    /// What that link says.
    pub back_label: String,
}
