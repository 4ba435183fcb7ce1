//! What went wrong, as people need to know it: what it means for their posts and what to do next. Nothing of how we are
//! built, and nothing of other tenants.

use super::sentence;
use app::Error;
use domain::publishing::Violation;

/// A failed request, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub title: String,
    /// What it means and what to do.
    pub text: String,
}

impl Explained {
    /// With words of its own.
    pub fn new(status: u16, title: &str, text: impl Into<String>) -> Self {
        Self { status, title: title.to_owned(), text: text.into() }
    }
}

/// An error of a use case, told.
pub fn told(error: &Error) -> Explained {
    match error {
        Error::Invalid(violations) => Explained::new(
            422,
            "Something has to be put right",
            violations.iter().map(|v: &Violation| sentence(&v.detail)).collect::<Vec<_>>().join(" "),
        ),
        Error::NotFound(_) => of_status(404),
        Error::Conflict { code: "changed_meanwhile", .. } => Explained::new(
            409,
            "Somebody was faster",
            "Somebody else changed this at the same moment. Open it again to see how it stands; nothing of yours was \
             applied.",
        ),
        Error::Conflict { code: "too_late", .. } => Explained::new(
            409,
            "It is too late for that",
            "The post has left, or is about to. Open it to see where it stands.",
        ),
        Error::Conflict { code: "content_changed", .. } => Explained::new(
            409,
            "The post was changed",
            "It says something else, or at another time, than the page showed. Open it again and look; nothing of yours \
             was applied.",
        ),
        Error::Conflict { code: "wrong_state", .. } => Explained::new(
            409,
            "That is not possible any more",
            "Meanwhile it stands differently than the page showed. Open it again to see how; nothing was changed.",
        ),
        Error::Conflict { detail, .. } => Explained::new(409, "That does not work now", sentence(detail)),
        Error::Forbidden(_) => Explained::new(
            403,
            "Your role does not allow this",
            "Nothing was changed. Ask an owner of your organisation to do it, or to give you another role.",
        ),
        Error::BadRequest { detail, .. } => Explained::new(400, "This did not work", sentence(detail)),
        Error::KeyReused => Explained::new(
            409,
            "This form was sent before",
            "It was sent with other content before, and that counted. Open the page anew to send something else.",
        ),
        Error::InFlight => Explained::new(
            409,
            "It is already being done",
            "You sent this a moment ago and it is still being worked on. Look again in a minute; it happens only once.",
        ),
        Error::Unavailable(_) => of_status(503),
        Error::Internal(_) => of_status(500),
    }
}

/// Why a post was not moved. The page that says so shows the post as it stands now.
pub fn moving(error: &Error) -> Explained {
    let told = told(error);
    let text = match error {
        Error::Invalid(_) => format!("{} The post stays where it was.", told.text),
        Error::Conflict { code: "changed_meanwhile", .. } => {
            "Somebody changed this post after you opened the page, so it was not moved. You see now how it stands: move \
             it again if you still want to."
                .into()
        }
        Error::Conflict { code: "too_late", .. } => {
            "This post has left, is about to, or was called off, so it was not moved. You see now how it stands.".into()
        }
        Error::Conflict { code: "account_needs_reauth", .. } => {
            format!("{} The post stays where it was.", told.text)
        }
        _ => told.text,
    };
    Explained { text, ..told }
}

/// What a bare status means.
pub fn of_status(status: u16) -> Explained {
    match status {
        400 => Explained::new(
            400,
            "This could not be read",
            "Go back, open the page anew and try again. Nothing was changed.",
        ),
        403 => Explained::new(
            403,
            "This form is not ours, or too old",
            "To protect you, Herald takes a form only from its own page and session. Open the page anew and try again; \
             nothing was changed.",
        ),
        404 => Explained::new(
            404,
            "This page does not exist",
            "The address may be mistyped, or what it showed was deleted. Your posts are not affected.",
        ),
        405 => Explained::new(405, "This cannot be done here", "Go back and use the page’s own buttons."),
        413 => Explained::new(
            413,
            "That is too large to upload here",
            "Media of one form together may have 4 MB: make them smaller, or give their addresses instead. A file of rows may \
             have 262 KB: split it. Nothing was changed.",
        ),
        503 => Explained::new(
            503,
            "A part Herald needs does not answer",
            "Nothing is lost: what is scheduled goes out all the same. Try again in a minute.",
        ),
        status => Explained::new(
            status,
            "Something went wrong on our side",
            "It is written down and will be looked at. What is scheduled is not affected.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_that_is_no_matter_of_time_says_its_own_reason() {
        for (code, reason) in [
            ("no_draft", "a scheduled post does not become a draft again: cancel it"),
            ("time_over", "its time has passed, and it may not start so late: give it a later time"),
            (
                "deleted_in_part",
                "it was deleted for Ada on X, and somebody changed it here at the same moment: delete it again",
            ),
        ] {
            let told = told(&Error::conflict(code, reason));
            assert_eq!((told.status, told.text), (409, sentence(reason)));
        }
    }

    #[test]
    fn what_is_ours_stays_ours() {
        let told = told(&Error::Internal("table herald-prod-core: item without rev".into()));
        assert_eq!(told.status, 500);
        assert!(!told.text.contains("table") && !told.title.contains("table"));
        let unavailable = super::told(&Error::Unavailable("dynamodb: timeout".into()));
        assert!(!unavailable.text.contains("dynamodb"));
    }

    #[test]
    fn another_tenants_thing_and_an_absent_one_are_told_alike() {
        assert_eq!(told(&Error::NotFound("post")), of_status(404));
    }
}
