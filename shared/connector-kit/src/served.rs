//! Uploaded media below an address of the operator's own, for platforms that fetch only from what its owner verified with them.

use secrecy::SecretString;
use url::Url;

/// The address below which the world reads the bucket of uploaded media: `https://media.example.com/`. Something of the operator's stands
/// there, and passes each path with its query on to the bucket, which still asks for the signature in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served(String);

impl Served {
    /// Of an address that ends with a slash and has neither query nor fragment nor a name of anybody in it; none of another.
    pub fn parse(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        // As it is written: platforms compare letters.
        (plain && url.has_host() && address.ends_with('/') && url.as_str() == address).then(|| Self(address.to_owned()))
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this address lies below it.
    pub fn has(&self, address: &str) -> bool {
        // What climbs up again lies elsewhere.
        let plain = Url::parse(address).is_ok_and(|url| url.as_str() == address);
        plain && address.strip_prefix(&self.0).is_some_and(|rest| !rest.is_empty())
    }

    /// The same object of our bucket below it: the path and the signed query of the bucket's own address. None of what is no address of
    /// an object.
    pub fn of(&self, address: &str) -> Option<SecretString> {
        let url = Url::parse(address).ok()?;
        let path = url.path().trim_start_matches('/');
        let (false, Some(query)) = (path.is_empty(), url.query()) else { return None };
        Some(format!("{}{path}?{query}", self.0).into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Served;
    use secrecy::ExposeSecret as _;

    #[test]
    fn an_address_below_which_media_are_served_ends_with_a_slash_and_is_written_as_it_is() {
        for good in ["https://media.example.com/", "https://example.com/herald/", "http://127.0.0.1:4600/files/"] {
            assert_eq!(Served::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "media.example.com/",
            "https://media.example.com",
            "https://media.example.com/a",
            "https://media.example.com/?a=/",
            "https://media.example.com/#/",
            "https://ada@media.example.com/",
            "https://media.example.com/a/../",
            "https://Media.example.com/",
            "mailto:ada@example.com/",
        ] {
            assert_eq!(Served::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_object_is_served_by_its_path_with_its_signature_and_nothing_without_one_is() {
        let served = Served::parse("https://media.example.com/").unwrap();
        let of = |address: &str| served.of(address).map(|address| address.expose_secret().to_owned());
        let query = "X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=ab%2Bc";
        let signed = format!("https://bucket.s3.eu-central-1.amazonaws.com/tenant/0192?{query}");
        assert_eq!(of(&signed), Some(format!("https://media.example.com/tenant/0192?{query}")));
        for bad in ["https://bucket.example/tenant/0192", "https://bucket.example/?a=b", "tenant/0192?a=b"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_lies_below_it_begins_with_it_and_does_not_climb_up_again() {
        let served = Served::parse("https://example.com/herald/").unwrap();
        assert!(served.has("https://example.com/herald/a.jpg") && served.has("https://example.com/herald/a?b=c"));
        for elsewhere in [
            "https://example.com/herald/",
            "https://example.com/a.jpg",
            "https://example.com/herald/../a.jpg",
            "https://example.com.evil.example/herald/a.jpg",
            "http://example.com/herald/a.jpg",
        ] {
            assert!(!served.has(elsewhere), "{elsewhere}");
        }
    }
}
