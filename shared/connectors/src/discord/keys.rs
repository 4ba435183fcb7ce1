//! Connecting a channel: the token of a bot that is on its server, and the channel.

use super::api::{Channel, User};
use super::error;
use super::{Discord, api, as_bot};
use async_trait::async_trait;
use connector_kit::{Answer, Call, is_number, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{KeyField, KeyForm, KeyKind};
use ports::{Entries, KeyFailure, Keyed, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};

const TOKEN: &str = "token";
const CHANNEL: &str = "channel";
/// Kinds of channels that take messages of their own: text, and announcements.
const KINDS: [u32; 2] = [0, 5];

/// What is asked for.
pub(super) fn form() -> KeyForm {
    KeyForm {
        help: "Make an application with a bot in Discord's developer portal, invite it to your server with the permissions to \
               view the channel, send messages, attach files and read the message history, and enter its token and the \
               channel's id here (developer mode, Copy Channel ID)."
            .into(),
        fields: vec![
            KeyField::new(KeyKind::Text, CHANNEL, "Channel id", "1300000000000000001"),
            KeyField::new(KeyKind::Secret, TOKEN, "Bot token", "MTIwMDAw….GabcDE.…"),
        ],
    }
}

fn refused(field: &'static str, detail: &str) -> KeyFailure {
    KeyFailure::Refused { field, detail: detail.into() }
}

/// Whether it may stand in a header: Discord's tokens are three words with dots between them.
fn is_token(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (20..=200).contains(&text.len()) && text.bytes().all(fits)
}

impl Discord {
    async fn ask(&self, app: &PlatformApp, token: &SecretString, path: &str) -> Result<Answer, KeyFailure> {
        let call = as_bot(Call::get(api(app, path)), token);
        self.http.call(call).await.map_err(|_| KeyFailure::Unavailable)
    }
}

#[async_trait]
impl Keys for Discord {
    fn form(&self) -> &KeyForm {
        &self.form
    }

    async fn check(&self, app: &PlatformApp, entries: &Entries) -> Result<Keyed, KeyFailure> {
        let entry = |name: &str| entries.get(name).cloned().unwrap_or_default();
        let (token, channel) = (entry(TOKEN), entry(CHANNEL));
        if !is_token(token.expose_secret()) {
            return Err(refused(TOKEN, "a bot's token is three words with dots between them: copy it from the portal"));
        }
        let channel = channel.expose_secret();
        if !is_number(channel, 20) {
            return Err(refused(CHANNEL, "a channel's id is a number: turn on developer mode and copy it"));
        }
        let me = self.ask(app, &token, "users/@me").await?;
        match me.status {
            200 => me.json::<User>().ok_or(KeyFailure::Unavailable)?,
            401 => {
                return Err(refused(
                    TOKEN,
                    "Discord does not know this token: reset it in the portal and copy it again",
                ));
            }
            _ => return Err(KeyFailure::Unavailable),
        };
        let found = self.ask(app, &token, &format!("channels/{channel}")).await?;
        let found = match found.status {
            200 => found.json::<Channel>().filter(|found| found.id == *channel).ok_or(KeyFailure::Unavailable)?,
            // Only in Discord's own words: anything on the way could have answered the same.
            403 | 404 if error::refused(&found).is_some() => {
                return Err(refused(
                    CHANNEL,
                    "the bot does not see this channel: invite it to the server, and let it view the channel",
                ));
            }
            _ => return Err(KeyFailure::Unavailable),
        };
        let guild = found.guild_id.filter(|guild| is_number(guild, 20) && KINDS.contains(&found.kind));
        let guild = guild.ok_or_else(|| refused(CHANNEL, "this is no text or announcement channel of a server"))?;
        let profile = Profile {
            external_id: format!("{guild}/{channel}"),
            name: format!("#{}", words(&found.name.unwrap_or_default())),
            handle: None,
            kind: AccountKind::Organisation,
            home: None,
        };
        Ok(Keyed::lasting(token, profile))
    }
}
