//! Which template shows which view, and the headers every page is served with.

use serde::Serialize;

use crate::render::{self, RenderError};
use crate::view::{
    AccountsPage, ApprovalsPage, AttentionPage, CalendarPage, ChoosePage, ComposerPage, ConversationPage,
    EndpointEditPage, EndpointPage, ErrorPage, EventTypePage, EventTypesPage, ExportPage, HomePage, ImportPage,
    ImportedPage, InboxPage, KeyPage, LibraryPage, MessagePage, PostPage, QueuePage, Section, SeriesListPage,
    SeriesPage, Shell, SignInPage, SlotsPage, SourceFormPage, SourcePage, SourcesPage, TeamPage, WebhooksPage,
};

/// No script, style or frame but our own files; pictures of posts may come from anywhere, since customers host them.
///
/// `form-action 'self'` also forbids a form whose answer redirects to another site, which is why connecting an account
/// is a link and not a form.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' https: http: data:; script-src 'self'; \
     style-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'";

/// The same for a page from which a browser uploads to `origin`, our bucket's. Nothing but scheme, host and port of an
/// address may get into a policy.
pub fn uploading_policy(origin: Option<&str>) -> String {
    let plain = |origin: &&str| {
        let host = origin.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http"));
        host.is_some_and(|(_, host)| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b)))
    };
    origin.filter(plain).map_or_else(
        || CONTENT_SECURITY_POLICY.to_owned(),
        |origin| format!("{CONTENT_SECURITY_POLICY}; connect-src 'self' {origin}"),
    )
}

/// The headers of every rendered page. Pages hold a session's data and form tokens, so nothing may keep them.
pub const HEADERS: [(&str, &str); 5] = [
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    // Not `no-referrer`: with it browsers send `Origin: null` on our own forms, which a CSRF check would refuse.
    ("referrer-policy", "same-origin"),
];

/// A view that has a page.
pub trait Page: Serialize {
    /// The template's file name.
    const TEMPLATE: &'static str;
    /// The entry of the navigation that is marked as the current one.
    const SECTION: Option<Section>;
}

#[derive(Serialize)]
struct Context<'a, P> {
    shell: Option<&'a Shell>,
    section: Option<Section>,
    page: &'a P,
}

/// Renders a page; `shell` is what surrounds it for a signed-in member, and absent on the sign-in page.
pub fn render<P: Page>(shell: Option<&Shell>, page: &P) -> Result<String, RenderError> {
    render::render(P::TEMPLATE, &Context { shell, section: P::SECTION, page })
}

macro_rules! template {
    ($name:literal) => {
        ($name, include_str!(concat!("../templates/", $name)))
    };
}

/// Every template, by the name others include it with.
pub(crate) const TEMPLATES: &[(&str, &str)] = &[
    template!("layout.html"),
    template!("macros.html"),
    template!("icons.html"),
    template!("sign-in.html"),
    template!("home.html"),
    template!("accounts.html"),
    template!("choose.html"),
    template!("enter.html"),
    template!("composer.html"),
    template!("calendar.html"),
    template!("queue.html"),
    template!("import.html"),
    template!("imported.html"),
    template!("export.html"),
    template!("slots.html"),
    template!("series-list.html"),
    template!("series.html"),
    template!("library.html"),
    template!("post.html"),
    template!("approvals.html"),
    template!("attention.html"),
    template!("inbox.html"),
    template!("conversation.html"),
    template!("webhooks.html"),
    template!("endpoint.html"),
    template!("endpoint-edit.html"),
    template!("endpoint-form.html"),
    template!("message.html"),
    template!("message-parts.html"),
    template!("event-types.html"),
    template!("event-type.html"),
    template!("sources.html"),
    template!("source-form.html"),
    template!("source.html"),
    template!("team.html"),
    template!("error.html"),
];

macro_rules! page {
    ($view:ty, $template:literal, $section:expr) => {
        impl Page for $view {
            const TEMPLATE: &'static str = $template;
            const SECTION: Option<Section> = $section;
        }
    };
}

page!(SignInPage, "sign-in.html", None);
page!(HomePage, "home.html", Some(Section::Home));
page!(AccountsPage, "accounts.html", Some(Section::Accounts));
page!(ChoosePage, "choose.html", Some(Section::Accounts));
page!(KeyPage, "enter.html", Some(Section::Accounts));
page!(ComposerPage, "composer.html", Some(Section::Compose));
page!(CalendarPage, "calendar.html", Some(Section::Calendar));
page!(QueuePage, "queue.html", Some(Section::Queue));
page!(ImportPage, "import.html", Some(Section::Queue));
page!(ImportedPage, "imported.html", Some(Section::Queue));
page!(ExportPage, "export.html", Some(Section::Queue));
page!(SlotsPage, "slots.html", Some(Section::Accounts));
page!(SeriesListPage, "series-list.html", Some(Section::Series));
page!(SeriesPage, "series.html", Some(Section::Series));
page!(LibraryPage, "library.html", Some(Section::Media));
page!(PostPage, "post.html", Some(Section::Queue));
page!(ApprovalsPage, "approvals.html", Some(Section::Approvals));
page!(AttentionPage, "attention.html", Some(Section::Attention));
page!(InboxPage, "inbox.html", Some(Section::Inbox));
page!(ConversationPage, "conversation.html", Some(Section::Inbox));
page!(WebhooksPage, "webhooks.html", Some(Section::Webhooks));
page!(EndpointPage, "endpoint.html", Some(Section::Webhooks));
page!(EndpointEditPage, "endpoint-edit.html", Some(Section::Webhooks));
page!(MessagePage, "message.html", Some(Section::Webhooks));
page!(EventTypesPage, "event-types.html", Some(Section::Webhooks));
page!(EventTypePage, "event-type.html", Some(Section::Webhooks));
page!(SourcesPage, "sources.html", Some(Section::Webhooks));
page!(SourceFormPage, "source-form.html", Some(Section::Webhooks));
page!(SourcePage, "source.html", Some(Section::Webhooks));
page!(TeamPage, "team.html", Some(Section::Team));
page!(ErrorPage, "error.html", None);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_uploads_may_speak_to_the_bucket_and_a_policy_takes_nothing_but_an_origin() {
        let with = |origin| uploading_policy(Some(origin));
        for good in ["https://b.s3.eu-central-1.amazonaws.com", "http://localhost:4566"] {
            assert_eq!(with(good), format!("{CONTENT_SECURITY_POLICY}; connect-src 'self' {good}"));
        }
        for bad in ["https://a; script-src *", "https://a b", "javascript://a", "*", "https://a/b", "https://*.a"] {
            assert_eq!(with(bad), CONTENT_SECURITY_POLICY, "{bad}");
        }
        assert_eq!(uploading_policy(None), CONTENT_SECURITY_POLICY);
    }
}
