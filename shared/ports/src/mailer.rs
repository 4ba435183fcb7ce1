//! Handing a mail to whoever delivers it.

use async_trait::async_trait;
use bytes::Bytes;

/// A mail, ready to leave.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address that bounces go to and the provider knows us by.
    pub from: String,
    /// The one address it goes to.
    pub to: String,
    /// The whole message as it goes over the wire (RFC 5322 with MIME).
    pub raw: Bytes,
    /// What comes back with every event that the provider tells of it, by name: enough to find its entry in the ledger. It names nobody.
    pub tags: Vec<(String, String)>,
}

// Addresses and texts stand in no log.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("bytes", &self.raw.len()).field("tags", &self.tags).finish_non_exhaustive()
    }
}

/// What a provider said to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mailed {
    /// It will deliver it.
    Accepted {
        /// Its id of the message.
        id: String,
    },
    /// It will not, and never will: a definite "no", of which nothing was sent.
    Rejected {
        /// Its code, or ours for it; no address and no text.
        code: String,
        /// Whether the address is what is wrong.
        permanent: bool,
    },
    /// It will not now: a definite "no", too, of which nothing was sent. The same may be sent later.
    NotNow {
        /// Seconds until it wants to be asked again, where it told.
        retry_after_s: Option<u32>,
    },
    /// Nobody can tell whether it was taken: no answer, a broken one, a failure of the provider's.
    Unknown {
        /// For logs; no address and no text.
        detail: String,
    },
}

/// A provider, or several that one stands for.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands a mail over, by one request. Whatever is not certainly refused is [`Mailed::Unknown`], and nothing below this repeats
    /// a request that may have been taken.
    async fn send(&self, mail: &Mail) -> Mailed;
}
