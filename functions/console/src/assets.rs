//! The static files of the console, embedded in the binary and addressed by their content.
//!
//! A function has no disk worth serving from and no build step makes these files, so they are compiled in. The address
//! carries a hash of the bytes: a browser may keep a file for ever, and a new release is a new address.

use std::sync::LazyLock;

/// Where the assets are served; an asset's address is this, its name, and its hash before the extension.
pub const PREFIX: &str = "/console/assets/";

/// For an address whose hash is the one of these bytes: it can never mean anything else. One year, in seconds.
pub const CACHE_IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// For a known file under another release's hash: a page of the previous release must still get its stylesheet while a
/// deployment rolls, but nobody may keep the answer.
pub const CACHE_REVALIDATE: &str = "no-cache";

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// The name templates use, such as `app.css`.
    pub name: &'static str,
    /// The value of the `Content-Type` header.
    pub content_type: &'static str,
    /// The file itself.
    pub bytes: &'static [u8],
    /// The strong entity tag, quotes included, as it goes into the `ETag` header.
    pub etag: String,
    /// The whole address with the content hash, such as `/console/assets/app.0f3a….css`.
    pub href: String,
}

/// What to answer for an asset's address.
#[derive(Debug)]
pub struct Found {
    /// The file.
    pub asset: &'static Asset,
    /// The value of the `Cache-Control` header.
    pub cache_control: &'static str,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset("app.css", "text/css; charset=utf-8", include_bytes!("../assets/app.css")),
        asset("app.js", "text/javascript; charset=utf-8", include_bytes!("../assets/app.js")),
        asset("icon.svg", "image/svg+xml", include_bytes!("../assets/icon.svg")),
    ]
});

/// Every embedded file.
pub fn all() -> &'static [Asset] {
    ASSETS.as_slice()
}

/// The address of the asset called `name`, or nothing when there is no such file.
pub fn href(name: &str) -> Option<&'static str> {
    all().iter().find(|asset| asset.name == name).map(|asset| asset.href.as_str())
}

/// Looks an address up: the whole path, or the part after [`PREFIX`].
pub fn find(path: &str) -> Option<Found> {
    let path = path.strip_prefix(PREFIX).unwrap_or(path);
    all().iter().find_map(|asset| {
        if asset.href.strip_prefix(PREFIX) == Some(path) {
            return Some(Found { asset, cache_control: CACHE_IMMUTABLE });
        }
        let (stem, extension) = split(asset.name);
        let hash = path.strip_prefix(stem)?.strip_prefix('.')?.strip_suffix(extension)?.strip_suffix('.')?;
        let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then_some(Found { asset, cache_control: CACHE_REVALIDATE })
    })
}

fn asset(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let hash = fnv1a(bytes);
    let (stem, extension) = split(name);
    Asset {
        name,
        content_type,
        bytes,
        etag: format!("\"{hash:016x}\""),
        href: format!("{PREFIX}{stem}.{hash:016x}.{extension}"),
    }
}

fn split(name: &'static str) -> (&'static str, &'static str) {
    name.split_once('.').unwrap_or((name, ""))
}

/// FNV-1a, 64 bits (offset basis and prime of the published algorithm). The hash tells releases apart; nothing relies
/// on it being hard to forge, so a cryptographic one would only cost start-up time.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn an_asset_is_found_at_its_own_address_and_may_be_kept_for_ever() {
        for asset in all() {
            let found = find(&asset.href).unwrap();
            assert_eq!(found.asset.name, asset.name);
            assert_eq!(found.cache_control, CACHE_IMMUTABLE);
            assert!(!found.asset.bytes.is_empty());
        }
    }

    #[test]
    fn another_releases_address_gets_the_current_file_but_may_not_be_kept() {
        let found = find("app.0123456789abcdef.css").unwrap();
        assert_eq!((found.asset.name, found.cache_control), ("app.css", CACHE_REVALIDATE));
    }

    #[test]
    fn an_address_that_is_not_an_assets_is_not_found() {
        for path in [
            "",
            "app.css",
            "app..css",
            "app.xyz.css",
            "app.0123456789abcdeg.css",
            "../app.css",
            "app.0123456789abcdef.js2",
        ] {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_hash_is_fnv_1a_of_64_bits() {
        // Published test vectors of the algorithm.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
