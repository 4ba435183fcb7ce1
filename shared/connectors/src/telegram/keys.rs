//! Connecting a chat: the token of a bot that may write there, and the chat.

use super::api::{Chat, ChatMember, Envelope, Permissions, User, WhichChat, WhichMember};
use super::{Telegram, is_token, method};
use async_trait::async_trait;
use connector_kit::{Answer, is_number, is_word, words};
use domain::accounts::{AccountKind, Profile};
use domain::platform::{KeyField, KeyForm, KeyKind};
use ports::{Entries, KeyFailure, Keyed, Keys, PlatformApp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;

const TOKEN: &str = "token";
const CHAT: &str = "chat";

/// What is asked for.
pub(super) fn form() -> KeyForm {
    KeyForm {
        help: "Make a bot with @BotFather, add it to your channel as an administrator who may post (or to your group), and \
               enter its token and the chat here."
            .into(),
        fields: vec![
            KeyField::new(KeyKind::Text, CHAT, "Channel or group", "@yourchannel"),
            KeyField::new(KeyKind::Secret, TOKEN, "Bot token", "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"),
        ],
    }
}

fn refused(field: &'static str, detail: &str) -> KeyFailure {
    KeyFailure::Refused { field, detail: detail.into() }
}

/// A chat as `getChat` takes it: `@name` or a number. People also paste the chat's address.
fn chat_id(text: &str) -> Option<String> {
    let text = text.strip_prefix("https://t.me/").unwrap_or(text);
    let number = text.strip_prefix('-').unwrap_or(text);
    if is_number(number, 20) {
        return Some(text.to_owned());
    }
    let name = text.strip_prefix('@').unwrap_or(text);
    is_word(name, 32).then(|| format!("@{name}"))
}

impl Telegram {
    async fn ask(
        &self,
        app: &PlatformApp,
        token: &SecretString,
        name: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<Answer, KeyFailure> {
        let call = method(app, token, name).ok_or(KeyFailure::Unavailable)?.json(body);
        self.http.call(call).await.map_err(|_| KeyFailure::Unavailable)
    }
}

/// The result of a success; what a refusal (400, 403 or 404 in the platform's own words) means is said by `wrong`.
fn result<T: DeserializeOwned>(answer: &Answer, wrong: KeyFailure) -> Result<T, KeyFailure> {
    let Some(envelope) = answer.json::<Envelope<T>>() else { return Err(KeyFailure::Unavailable) };
    match (answer.status, envelope) {
        (200, Envelope { ok: true, result: Some(result) }) => Ok(result),
        (400 | 401 | 403 | 404, Envelope { ok: false, .. }) => Err(wrong),
        _ => Err(KeyFailure::Unavailable),
    }
}

/// What is said of a chat into which the bot may not write.
const SILENT: &str = "the bot may not write there: make it an administrator who may post messages";
/// What is said of a chat that takes the bot's texts and not its pictures.
const NO_PHOTOS: &str =
    "the bot may send no photos there: allow them to the group's members, or make it an administrator";

/// Why the bot may not write into the chat, if so. A group's permissions count for everybody but its administrators, and what is
/// taken from a member counts besides.
pub(super) fn barrier(chat: &Chat, member: &ChatMember) -> Option<&'static str> {
    let forbidden = |by: &Permissions| match (by.can_send_messages, by.can_send_photos) {
        (Some(false), _) => Some(SILENT),
        (_, Some(false)) => Some(NO_PHOTOS),
        _ => None,
    };
    match (member.status.as_str(), chat.kind.as_str()) {
        ("creator", _) => None,
        ("administrator", "channel") => Some(SILENT).filter(|_| !member.can_post_messages),
        (_, "channel") => Some(SILENT),
        ("administrator", _) => None,
        ("member", _) => forbidden(&chat.permissions),
        ("restricted", _) if member.is_member => forbidden(&member.rights).or_else(|| forbidden(&chat.permissions)),
        _ => Some(SILENT),
    }
}

#[async_trait]
impl Keys for Telegram {
    fn form(&self) -> &KeyForm {
        &self.form
    }

    async fn check(&self, app: &PlatformApp, entries: &Entries) -> Result<Keyed, KeyFailure> {
        let entry = |name: &str| entries.get(name).cloned().unwrap_or_default();
        let token = entry(TOKEN);
        if !is_token(token.expose_secret()) {
            return Err(refused(
                TOKEN,
                "a bot's token is a number, a colon and some 35 letters: copy it from @BotFather",
            ));
        }
        let wrong_chat = || refused(CHAT, "give the chat as @name, or as its number, which begins with -100");
        let chat = chat_id(entry(CHAT).expose_secret()).ok_or_else(wrong_chat)?;
        let me = self.ask(app, &token, "getMe", &()).await?;
        let me: User = result(&me, refused(TOKEN, "Telegram does not know this token: copy it again from @BotFather"))?;
        let found = self.ask(app, &token, "getChat", &WhichChat { chat_id: &chat }).await?;
        let found: Chat = result(&found, refused(CHAT, "the bot does not find this chat: add it there first"))?;
        if found.kind == "private" {
            return Err(refused(CHAT, "this is a person: give a channel or a group"));
        }
        let external_id = found.id.to_string();
        let which = WhichMember { chat_id: &external_id, user_id: me.id };
        let member = self.ask(app, &token, "getChatMember", &which).await?;
        let member: ChatMember = result(&member, refused(CHAT, SILENT))?;
        if let Some(why) = barrier(&found, &member) {
            return Err(refused(CHAT, why));
        }
        let handle = found.username.filter(|name| is_word(name, 32));
        let name = words(&found.title);
        let profile = Profile { external_id, name, handle, kind: AccountKind::Organisation, home: None };
        Ok(Keyed::lasting(token, profile))
    }
}
