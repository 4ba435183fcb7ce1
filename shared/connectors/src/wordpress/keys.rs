//! Connecting a site: its address, a user of it, and an application password that the user made.

use super::api::{Index, User};
use super::error::refused;
use super::{CAPABILITIES, Site, WordPress, html};
use async_trait::async_trait;
use connector_kit::{Answer, Call, Lost, is_word, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{KeyField, KeyForm, KeyKind};
use ports::{Entries, KeyFailure, Keyed, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

const SERVER: &str = "server";
const USER: &str = "user";
const PASSWORD: &str = "password";
/// Letters and digits of an application password.
const PASSWORD_LENGTH: usize = 24;
/// Longest user name that is taken; WordPress's own bound.
const MAX_USER: usize = 60;
/// The relation under which a site names its API.
const RELATION: &str = "https://api.w.org/";
/// Where WordPress.com has the API of its sites.
const COM_HOST: &str = "public-api.wordpress.com";

/// What is asked for.
pub(super) fn form() -> KeyForm {
    KeyForm {
        help: "For a site on its owner's server; one at WordPress.com, or connected to it by Jetpack, is connected by consent instead. \
               On your site open Users, Profile, Application Passwords, make one named Herald, and enter it here with your user \
               name and the site's address. The user must be allowed to publish: an author, an editor or an administrator."
            .into(),
        fields: vec![
            KeyField::new(KeyKind::Server, SERVER, "Site address", "https://blog.example.com"),
            KeyField::new(KeyKind::Text, USER, "User name", "ada"),
            KeyField::new(KeyKind::Secret, PASSWORD, "Application password", "abcd EFGH 1234 ijkl MNOP 6789"),
        ],
    }
}

fn wrong(field: &'static str, detail: impl Into<String>) -> KeyFailure {
    KeyFailure::Refused { field, detail: detail.into() }
}

/// What of a name and a password can be told without asking.
fn checked(user: &str, password: &SecretString) -> Result<SecretString, KeyFailure> {
    if user.contains(':') || user.chars().count() > MAX_USER {
        return Err(wrong(USER, format!("a user name has at most {MAX_USER} characters and no colon")));
    }
    // They are shown in groups, for people to read.
    let bare: String = password.expose_secret().split_whitespace().collect();
    if bare.len() != PASSWORD_LENGTH || !bare.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let detail = "an application password is 24 letters and digits, in groups of four: it is made in the user's profile on \
                      the site, and is not the password to sign in with";
        return Err(wrong(PASSWORD, detail));
    }
    Ok(bare.into())
}

impl WordPress {
    /// The root of the API, as the site's headers or WordPress's habits name it.
    async fn discovered(&self, server: &str) -> Result<String, KeyFailure> {
        let answer = self.http.call(Call::head(format!("{server}/")).theirs()).await.map_err(|lost| match lost {
            Lost::Unsent => wrong(SERVER, "no server answers at this address"),
            Lost::Unanswered(_) => KeyFailure::Unavailable,
        })?;
        if let (300..400, Some(to)) = (answer.status, answer.header("location")) {
            return Err(wrong(
                SERVER,
                format!("this address leads on: enter the one it leads to, {}", place(server, to)),
            ));
        }
        let links = answer.headers.get_all("link").iter().filter_map(|value| value.to_str().ok());
        let Some(root) = links.flat_map(|line| line.split(',')).find_map(api_of) else {
            return Ok(format!("{server}/wp-json"));
        };
        admitted(server, &root)
    }

    async fn asked(&self, site: &Site<'_>, route: &str) -> Result<Answer, KeyFailure> {
        self.http.call(site.get(route)).await.map_err(|_| KeyFailure::Unavailable)
    }
}

/// The target of a link header's value, if its relation is the API's.
fn api_of(link: &str) -> Option<String> {
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let is_rel =
        |parameter: &str| parameter.trim().strip_prefix("rel=").map(|rel| rel.trim_matches('"')) == Some(RELATION);
    parameters.split(';').any(is_rel).then(|| target.to_owned())
}

/// Where an address leads, without what else may stand in it.
fn place(server: &str, to: &str) -> String {
    let url = Url::parse(server).and_then(|base| base.join(to));
    url.map_or_else(
        |_| "which is none".into(),
        |url| words(&format!("{}{}", url.origin().ascii_serialization(), url.path())),
    )
}

/// The root that a site names, which must be its own: name and password are sent there.
fn admitted(server: &str, root: &str) -> Result<String, KeyFailure> {
    let (own, url) = (Url::parse(server).ok(), Url::parse(root).ok());
    if url.as_ref().and_then(Url::host_str) == Some(COM_HOST) {
        return Err(wrong(
            SERVER,
            "this site is at WordPress.com: it is connected by consent, and not by a password; where no consent is offered, the operator \
             has to register an application with WordPress.com first",
        ));
    }
    let url = url.filter(|url| url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    let plain = |url: &Url| url.query().is_none_or(|query| query == "rest_route=/");
    match (own, url) {
        (Some(own), Some(url)) if own.origin() == url.origin() && plain(&url) => {
            Ok(url.as_str().trim_end_matches('/').to_owned())
        }
        _ => {
            Err(wrong(SERVER, format!("the site's API is at another address: enter that one, {}", place(server, root))))
        }
    }
}

/// What an answer means that lets nobody in.
fn turned_away(answer: &Answer) -> KeyFailure {
    let said = refused(answer);
    let code = said.as_ref().map_or("", |said| said.code.as_str());
    match (answer.status, code) {
        (_, "invalid_username" | "invalid_email") => wrong(USER, "the site knows no user of this name"),
        (_, "incorrect_password") => wrong(PASSWORD, "this is no application password of this user: make a new one"),
        (_, "application_passwords_disabled" | "application_passwords_disabled_for_user") => {
            wrong(PASSWORD, "application passwords are switched off for this user or site")
        }
        (401, "rest_not_logged_in") => wrong(
            PASSWORD,
            "the site does not take this user name with this application password. If both are right, its web server keeps the \
             Authorization header from WordPress: with Apache, `CGIPassAuth On` in .htaccess lets it through",
        ),
        (401 | 403 | 406, "") => wrong(
            SERVER,
            format!("something before WordPress, such as a firewall, lets nobody in: HTTP {}", answer.status),
        ),
        (401 | 403, _) => {
            let message = said.map(|said| said.message).unwrap_or_default();
            wrong(USER, format!("the site refuses this user: {}", answer.words(&message)))
        }
        (404, "rest_no_route") => wrong(SERVER, "the site's REST API is switched off, in whole or for its users"),
        (200 | 301 | 302 | 307 | 308 | 404 | 410, "") => {
            wrong(SERVER, "no WordPress answers there, or its REST API is switched off")
        }
        _ => KeyFailure::Unavailable,
    }
}

#[async_trait]
impl Keys for WordPress {
    fn form(&self) -> &KeyForm {
        &self.form
    }

    async fn check(&self, _: &PlatformApp, entries: &Entries) -> Result<Keyed, KeyFailure> {
        let entry = |name: &str| entries.get(name).cloned().unwrap_or_default();
        let (server, user) = (entry(SERVER), entry(USER));
        let (server, user) = (server.expose_secret(), user.expose_secret());
        let password = checked(user, &entry(PASSWORD))?;
        let root = self.discovered(server).await?;
        let site = Site::by_password(&root, user, password.clone());
        let index = self.asked(&site, "").await?;
        let index = match index.json::<Index>().filter(|_| index.status == 200) {
            Some(index) if index.namespaces.iter().any(|name| name == "wp/v2") => index,
            _ => return Err(turned_away(&index)),
        };
        if index.authentication["application-passwords"].is_null() {
            let detail =
                "this site has no application passwords: they need https, and no plugin that switches them off";
            return Err(wrong(SERVER, detail));
        }
        let me = self.asked(&site, "wp/v2/users/me?context=edit").await?;
        if me.status != 200 {
            return Err(turned_away(&me));
        }
        let me = me.json::<User>().filter(|me| me.id > 0).ok_or(KeyFailure::Unavailable)?;
        let may = |name: &&str| me.capabilities.get(*name).is_some_and(|held| *held == Value::Bool(true));
        if !CAPABILITIES.iter().all(may) {
            return Err(wrong(USER, "this user may not publish posts and upload files: an author may, or an editor"));
        }
        let host = Url::parse(&root).ok().and_then(|url| url.host_str().map(str::to_owned));
        let name = words(&html::unescape(&index.name));
        let profile = Profile {
            external_id: me.id.to_string(),
            name: if name.is_empty() { host.unwrap_or_default() } else { name },
            handle: Some(me.slug).filter(|slug| is_word(slug, 50)),
            kind: AccountKind::Organisation,
            home: Some(root.clone()),
        };
        let secret = format!("{user}:{}", password.expose_secret());
        Ok(Keyed::lasting(secret.into(), profile))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_site_names_its_api_in_a_header_among_others() {
        let named = |line: &str| line.split(',').find_map(api_of);
        let api = "<https://s.example/wp-json/>; rel=\"https://api.w.org/\"";
        assert_eq!(named(api).unwrap(), "https://s.example/wp-json/");
        let among = format!("<https://s.example/?p=1>; rel=shortlink, {api}; title=x");
        assert_eq!(named(&among).unwrap(), "https://s.example/wp-json/");
        assert_eq!(named("<https://s.example/>; rel=\"canonical\""), None);
        assert_eq!(named("https://api.w.org/"), None);
    }

    #[test]
    fn name_and_password_go_nowhere_but_to_the_server_that_was_entered() {
        let root = |root: &str| admitted("https://s.example/blog", root).ok();
        for (named, kept) in [
            ("https://s.example/blog/wp-json/", "https://s.example/blog/wp-json"),
            ("https://s.example/wp-json", "https://s.example/wp-json"),
            ("https://s.example/blog/index.php?rest_route=/", "https://s.example/blog/index.php?rest_route="),
        ] {
            assert_eq!(root(named).as_deref(), Some(kept));
        }
        for other in [
            "https://evil.example/wp-json/",
            "https://s.example.evil.example/wp-json/",
            "https://s.example:8443/wp-json/",
            "http://s.example/wp-json/",
            "https://me:pw@s.example/wp-json/",
            "https://public-api.wordpress.com/wp-json/?rest_route=/sites/9001",
            "https://s.example/wp-json/#x",
            "https://s.example/?redirect=https://evil.example",
            "/wp-json/",
            "",
        ] {
            assert_eq!(root(other), None, "{other}");
        }
    }

    #[test]
    fn a_site_at_wordpress_com_is_connected_by_consent_whatever_address_was_entered() {
        for server in ["https://harbour.wordpress.com", "https://public-api.wordpress.com"] {
            let refused =
                admitted(server, "https://public-api.wordpress.com/wp-json/?rest_route=/sites/9001").unwrap_err();
            assert!(refused.to_string().contains("by consent"), "{server}: {refused}");
        }
    }

    #[test]
    fn what_is_no_application_password_is_told_from_one() {
        let check = |user: &str, password: &str| checked(user, &password.to_owned().into()).is_ok();
        assert!(check("ada", "abcd EFGH 1234 ijkl MNOP 6789") && check("ada@example.com", "abcdEFGH1234ijklMNOP6789"));
        for (user, password) in [
            ("a:b", "abcdEFGH1234ijklMNOP6789"),
            ("ada", "abcd EFGH 1234 ijkl MNOP 678"),
            ("ada", "abcd EFGH 1234 ijkl MNOP 67é"),
            ("ada", "correct horse battery staple"),
            ("ada", ""),
        ] {
            assert!(!check(user, password), "{user} {password}");
        }
    }
}
