//! What became of uploads. TikTok knows each by an id that no other delivery has, publishes it at most once, and only when it has
//! every byte: what is known of them is all there is to know about whether a post may be live.

use super::TikTok;
use super::api::{Asked, Told};
use super::error::ended;
use domain::publishing::{Failure, Receipt};
use jiff::{SignedDuration, Timestamp};
use ports::PublishCall;
use serde::{Deserialize, Serialize};

/// For how long after its address has ended an upload stops the next one, though TikTok does not know it any more, or does not say
/// what it has of it; ours.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// An upload that was begun.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Upload {
    /// TikTok's name for it.
    pub(super) id: String,
    /// How many bytes the video has.
    pub(super) size: u64,
    /// Until when it takes any.
    pub(super) until: Timestamp,
    /// Whether its last bytes may have left.
    #[serde(default)]
    pub(super) offered: bool,
    /// Whether it goes to the inbox of its creator, who publishes it there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) inbox: bool,
    /// Whether they are pictures, which TikTok fetches: there are no bytes to count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) pictures: bool,
}

/// How an upload stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is published, under this id if everybody sees it; or it lies in its creator's inbox, if that is where it goes.
    Live(Option<String>),
    /// TikTok has it, and does this with it.
    Taken(String),
    /// Bytes are missing; it has so many, if it says.
    Open(Option<u64>),
    /// It is not published and never will be: a code, and why.
    Never(String, String),
    /// TikTok does not know it, and publishes nothing of it: its last bytes never left, or did so long ago.
    Forgotten,
}

/// Asks how an upload stands.
pub(super) async fn of(tiktok: &TikTok, call: &PublishCall<'_>, upload: &Upload) -> Result<Standing, Failure> {
    let asked = Asked { publish_id: &upload.id };
    let told: Told = match tiktok.ask(call, "post/publish/status/fetch/", &asked).await {
        // One answer that does not know what may be under way proves nothing.
        Err(Failure::Rejected { .. }) if upload.offered && call.now < upload.until + REMEMBERED => {
            return Err(Failure::Unavailable);
        }
        Err(Failure::Rejected { .. }) => return Ok(Standing::Forgotten),
        other => other?,
    };
    Ok(match told.status.as_str() {
        "PUBLISH_COMPLETE" => Standing::Live(told.id()),
        "FAILED" => {
            let (code, detail) = ended(told.fail_reason.as_deref());
            Standing::Never(code, detail)
        }
        "PROCESSING_UPLOAD" if upload.pictures => Standing::Taken("it is being processed".into()),
        "PROCESSING_UPLOAD" => match told.uploaded_bytes {
            Some(bytes) if bytes >= upload.size => Standing::Taken("it is being processed".into()),
            // What it has of one whose last bytes may have left, it must say itself.
            None if upload.offered && call.now < upload.until + REMEMBERED => {
                Standing::Taken("it does not say what it has".into())
            }
            bytes => Standing::Open(bytes),
        },
        "PROCESSING_DOWNLOAD" => Standing::Taken("it is being processed".into()),
        "SEND_TO_USER_INBOX" if upload.inbox => Standing::Live(None),
        "SEND_TO_USER_INBOX" => Standing::Taken("it lies in the inbox of the app".into()),
        // Nothing is concluded from a word that is not known.
        _ => return Err(Failure::Unavailable),
    })
}

/// What uploads come to, all of them together.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum All {
    /// One is published, and this is the proof.
    Live(Receipt),
    /// One is, and has no id yet.
    Nameless,
    /// One will be, or TikTok says why not.
    Taken(String),
    /// None is, and none will be unless more bytes go up; where TikTok said "never" of the newest, a code, and why.
    None(Option<(String, String)>),
}

/// Asks how all of these stand, oldest first. That one cannot be asked hides nothing that another says.
pub(super) async fn of_all(tiktok: &TikTok, call: &PublishCall<'_>, uploads: &[Upload]) -> Result<All, Failure> {
    let (mut taken, mut nameless, mut never, mut unasked) = (None, false, None, None);
    for upload in uploads {
        never = None;
        match of(tiktok, call, upload).await {
            Ok(Standing::Live(Some(id))) => return Ok(All::Live(super::publish::receipt(call, &id, upload.pictures))),
            Ok(Standing::Live(None)) => nameless = true,
            Ok(Standing::Taken(what)) => taken = Some(what),
            Ok(Standing::Never(code, detail)) => never = Some((code, detail)),
            Ok(Standing::Open(_) | Standing::Forgotten) => {}
            Err(failure) => unasked = Some(failure),
        }
    }
    match (nameless, taken, unasked) {
        (true, ..) => Ok(All::Nameless),
        (_, Some(what), _) => Ok(All::Taken(what)),
        (.., Some(failure)) => Err(failure),
        (.., None) => Ok(All::None(never)),
    }
}
