//! Slack's Web API at wire level.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{PNG, Server};

/// A bot in the workspace.
struct Bot<'a>(&'a Server, String);

impl<'a> Bot<'a> {
    async fn of(server: &'a Server) -> Self {
        Self(server, server.token("slack", "harbour-coffee-demo").await)
    }

    fn method(&self, verb: Method, method: &str) -> RequestBuilder {
        self.0.http.request(verb, self.0.url(&format!("/slack/api/{method}"))).bearer_auth(&self.1)
    }

    async fn read(&self, method: &str, arguments: &[(&str, &str)]) -> Value {
        answer(self.method(Method::GET, method).query(arguments)).await
    }

    async fn form(&self, method: &str, arguments: &[(&str, &str)]) -> Value {
        answer(self.method(Method::POST, method).form(arguments)).await
    }

    async fn say(&self, body: &Value) -> Value {
        answer(self.method(Method::POST, "chat.postMessage").json(body)).await
    }

    async fn said(&self, body: &Value) -> String {
        let said = self.say(body).await;
        said["ts"].as_str().unwrap_or_else(|| panic!("{said}")).to_owned()
    }

    /// A picture that is there and completed.
    async fn picture(&self, bytes: &'static [u8]) -> String {
        let length = bytes.len().to_string();
        let to = self.form("files.getUploadURLExternal", &[("filename", "a.png"), ("length", &length)]).await;
        let sent = self.0.http.post(to["upload_url"].as_str().unwrap()).body(bytes).send().await.unwrap();
        assert_eq!(sent.text().await.unwrap(), format!("OK - {length}"));
        let id = to["file_id"].as_str().unwrap().to_owned();
        let files = json!([{"id": id}]).to_string();
        assert_eq!(self.form("files.completeUploadExternal", &[("files", &files)]).await["ok"], true);
        id
    }
}

async fn answer(request: RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "refusals are no errors of HTTP");
    answer.json().await.unwrap()
}

#[tokio::test]
async fn a_message_is_listed_newest_first_page_by_page_and_can_be_deleted() {
    let server = Server::start().await;
    let bot = Bot::of(&server).await;
    let mut all = Vec::new();
    for text in ["one", "two", "three"] {
        all.push(bot.said(&json!({"channel": "C0GENERAL1", "text": text})).await);
    }
    let here = ("channel", "C0GENERAL1");
    let first = bot.read("conversations.history", &[here, ("limit", "2")]).await;
    assert_eq!((&first["messages"][0]["text"], &first["has_more"]), (&json!("three"), &json!(true)));
    let cursor = first["response_metadata"]["next_cursor"].as_str().unwrap();
    let second = bot.read("conversations.history", &[here, ("limit", "2"), ("cursor", cursor)]).await;
    assert_eq!((&second["messages"][0]["ts"], &second["has_more"]), (&json!(all[0]), &json!(false)));
    assert_eq!(second["response_metadata"]["next_cursor"], "");
    let since = bot.read("conversations.history", &[here, ("oldest", &all[1])]).await;
    assert_eq!(since["messages"].as_array().unwrap().len(), 1);
    server.control("settings", json!({"slack_page": 1})).await;
    let throttled = bot.read("conversations.history", &[here, ("limit", "999")]).await;
    assert_eq!((throttled["messages"].as_array().unwrap().len(), &throttled["has_more"]), (1, &json!(true)));
    assert_eq!(bot.read("conversations.history", &[here, ("cursor", "nonsense")]).await["error"], "invalid_cursor");
    let one = [here, ("ts", all[1].as_str())];
    assert_eq!(bot.form("chat.delete", &one).await["ok"], true);
    assert_eq!(bot.form("chat.delete", &one).await["error"], "message_not_found");
    assert!(server.page("/slack/timeline").await.contains("three"));
}

#[tokio::test]
async fn replies_are_in_their_thread_and_not_in_the_history_and_answer_its_first_message_only() {
    let server = Server::start().await;
    let bot = Bot::of(&server).await;
    let root = bot.said(&json!({"channel": "C0GENERAL1", "text": "root"})).await;
    let reply = bot.said(&json!({"channel": "C0GENERAL1", "text": "reply", "thread_ts": root})).await;
    let again = bot.say(&json!({"channel": "C0GENERAL1", "text": "again", "thread_ts": reply})).await;
    assert_eq!(again["error"], "cannot_reply_to_message");
    let here = ("channel", "C0GENERAL1");
    let history = bot.read("conversations.history", &[here]).await;
    assert_eq!(history["messages"].as_array().unwrap().len(), 1);
    let thread = bot.read("conversations.replies", &[here, ("ts", &root), ("oldest", &root)]).await;
    let ids: Vec<&str> = thread["messages"].as_array().unwrap().iter().map(|m| m["ts"].as_str().unwrap()).collect();
    assert_eq!(ids, [root.as_str(), reply.as_str()], "the first one always comes with it");
    let gone = bot.read("conversations.replies", &[here, ("ts", "1.000000")]).await;
    assert_eq!(gone["error"], "thread_not_found");
    let said = bot.say(&json!({"channel": "C0GENERAL1", "text": "third", "thread_ts": root})).await;
    assert_eq!(said["message"]["thread_ts"], json!(root));
    bot.form("chat.delete", &[here, ("ts", &root)]).await;
    let said = bot.say(&json!({"channel": "C0GENERAL1", "text": "late", "thread_ts": root})).await;
    assert!(said["ok"] == true && said["message"].get("thread_ts").is_none(), "{said}");
    let history = bot.read("conversations.history", &[here]).await;
    assert_eq!(history["messages"][0]["text"], "late", "what answers a message that is gone stands in the channel");
}

#[tokio::test]
async fn a_text_comes_back_as_slack_keeps_it_and_metadata_only_when_asked_for() {
    let server = Server::start().await;
    let bot = Bot::of(&server).await;
    let metadata = json!({"event_type": "task_created", "event_payload": {"id": "1"}});
    let text = "a &amp; b &lt;c&gt; https://example.com/?a=1&amp;b=2 🎉 <!channel> <@U1|ada>";
    bot.said(&json!({"channel": "C0GENERAL1", "text": text, "metadata": metadata})).await;
    let asked = [("channel", "C0GENERAL1"), ("include_all_metadata", "true")];
    let (plain, all) =
        (bot.read("conversations.history", &asked[..1]).await, bot.read("conversations.history", &asked).await);
    assert!(plain["messages"][0].get("metadata").is_none());
    assert_eq!(all["messages"][0]["metadata"], metadata);
    assert!(all["messages"][0]["text"].as_str().unwrap().contains(" <https://example.com/?a=1&amp;b=2> :tada: "));
    let shown = server.json("/slack/timeline.json").await["posts"][0]["text"].clone();
    assert_eq!(shown, "a & b <c> https://example.com/?a=1&b=2 🎉 @channel @ada");
}

#[tokio::test]
async fn the_channels_are_those_that_the_bot_sees() {
    let server = Server::start().await;
    let bot = Bot::of(&server).await;
    let names = async |arguments: &[(&str, &str)]| -> Vec<String> {
        let list = bot.read("conversations.list", arguments).await;
        let list = list["channels"].as_array().unwrap().clone();
        list.iter().map(|channel| channel["name"].as_str().unwrap().to_owned()).collect()
    };
    let both = ("types", "public_channel,private_channel");
    let all = names(&[both]).await;
    assert!(
        all.contains(&"staff".into()) && all.contains(&"old-news".into()) && !all.contains(&"board".into()),
        "{all:?}"
    );
    assert!(!names(&[both, ("exclude_archived", "true")]).await.contains(&"old-news".into()));
    assert!(!names(&[]).await.contains(&"staff".into()), "public ones, unless others are asked for");
    assert_eq!(bot.read("conversations.list", &[("limit", "1000")]).await["error"], "invalid_limit");
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_its_error() {
    let server = Server::start().await;
    let bot = Bot::of(&server).await;
    let in_general = |more: Value| {
        let mut body = json!({"channel": "C0GENERAL1"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let section = |text: String| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    for (body, error) in [
        (json!({"channel": "C0GENERAL1"}), "no_text"),
        (json!({"text": "x"}), "invalid_arguments"),
        (json!({"channel": "C0NOWHERE1", "text": "x"}), "channel_not_found"),
        (json!({"channel": "G0BOARD001", "text": "x"}), "channel_not_found"),
        (json!({"channel": "C0LABS0001", "text": "x"}), "channel_not_found"),
        (json!({"channel": "C0OLDNEWS1", "text": "x"}), "is_archived"),
        (json!({"channel": "C0RULES001", "text": "x"}), "restricted_action_read_only_channel"),
        (json!({"channel": "C0FORUM001", "text": "x"}), "restricted_action_thread_only_channel"),
        (json!({"channel": "C0TICKER01", "text": "x", "thread_ts": "1"}), "restricted_action_non_threadable_channel"),
        (in_general(json!({"text": "x", "colour": "red"})), "invalid_arg_name"),
        (in_general(json!({"text": "x", "metadata": {"event_type": "a"}})), "invalid_metadata_format"),
        (
            in_general(
                json!({"text": "x", "metadata": {"event_type": "a", "event_payload": {"x": "y".repeat(8_000)}}}),
            ),
            "metadata_too_large",
        ),
        (in_general(json!({"blocks": {"type": "section"}})), "invalid_blocks_format"),
        (in_general(json!({"blocks": [section("x".repeat(3_001))]})), "invalid_blocks"),
        (in_general(json!({"blocks": [section(String::new())]})), "invalid_blocks"),
        (in_general(json!({"blocks": vec![section("x".into()); 51]})), "invalid_blocks"),
        (in_general(json!({"blocks": vec![section("x".repeat(3_000)); 5]})), "msg_blocks_too_long"),
        (
            in_general(json!({"blocks": [{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"}]})),
            "invalid_blocks",
        ),
    ] {
        assert_eq!(bot.say(&body).await["error"], error, "{body}");
    }
    assert_eq!(server.json("/slack/timeline.json").await["committed"], 0);
    let long = bot.said(&in_general(json!({"text": "x".repeat(40_001)}))).await;
    let posts = server.json("/slack/timeline.json").await["posts"].clone();
    assert_eq!((&posts[0]["id"], &posts[0]["truncated"]), (&json!(long), &json!(true)));
}

#[tokio::test]
async fn a_picture_is_shown_once_it_is_completed_and_looked_at() {
    let server = Server::start().await;
    let bot = Bot::of(&server).await;
    server.control("settings", json!({"slack_file_ms": 60_000})).await;
    let show = |id: &str| {
        json!({"channel": "C0GENERAL1", "text": "x", "blocks": [
            {"type": "image", "slack_file": {"id": id}, "alt_text": "a harbour"}]})
    };
    let early = bot.picture(PNG).await;
    assert_eq!(bot.read("files.info", &[("file", &early)]).await["file"]["mimetype"], "");
    let refused = bot.say(&show(&early)).await;
    assert_eq!(refused["errors"][0], "invalid slack file [json-pointer:/blocks/0/slack_file]");
    server.control("settings", json!({"slack_file_ms": 0})).await;
    let (ready, words) = (bot.picture(PNG).await, bot.picture(b"only words").await);
    assert_eq!(bot.read("files.info", &[("file", &ready)]).await["file"]["mimetype"], "image/png");
    assert_eq!(bot.say(&show(&words)).await["error"], "invalid_blocks");
    bot.said(&show(&ready)).await;
    assert_eq!(server.json("/slack/timeline.json").await["posts"][0]["media"][0]["alt"], "a harbour");
    assert_eq!(bot.form("files.delete", &[("file", &ready)]).await["ok"], true);
    assert_eq!(bot.form("files.delete", &[("file", &ready)]).await["error"], "file_not_found");
    assert_eq!(bot.read("files.info", &[("file", &ready)]).await["error"], "file_not_found");
    assert_eq!(bot.say(&show(&ready)).await["error"], "invalid_blocks");
    let to = bot.form("files.getUploadURLExternal", &[("filename", "a.png"), ("length", "3")]).await;
    let sent = server.http.post(to["upload_url"].as_str().unwrap()).body("four").send().await.unwrap();
    assert_eq!(sent.status(), 400, "another length than announced");
    let files = json!([{"id": to["file_id"]}]).to_string();
    assert_eq!(bot.form("files.completeUploadExternal", &[("files", &files)]).await["error"], "file_not_found");
}

#[tokio::test]
async fn a_file_is_shared_once_where_the_bot_is_a_member_and_tells_as_which_message() {
    let server = Server::start().await;
    let bot = Bot::of(&server).await;
    let bytes = b"\0\0\0\x18ftypmp42 and so on";
    let sent = async || {
        let length = bytes.len().to_string();
        let to = bot.form("files.getUploadURLExternal", &[("filename", "a.mp4"), ("length", &length)]).await;
        server.http.post(to["upload_url"].as_str().unwrap()).body(bytes.as_slice()).send().await.unwrap();
        to["file_id"].as_str().unwrap().to_owned()
    };
    let share = async |file: &str, more: &[(&str, &str)]| {
        let files = json!([{"id": file}]).to_string();
        let arguments: Vec<(&str, &str)> = [("files", files.as_str())].iter().chain(more).copied().collect();
        bot.form("files.completeUploadExternal", &arguments).await
    };
    let file = sent().await;
    let general = ("channel_id", "C0GENERAL1");
    let comment = ("initial_comment", "a &lt;film&gt;");
    let done = share(&file, &[general, comment]).await;
    assert_eq!((&done["ok"], &done["files"][0]["id"]), (&json!(true), &json!(file)));
    assert!(done["ts"].is_null() && done["message"].is_null(), "it does not say as which message");
    assert_eq!(share(&file, &[general]).await["error"], "file_not_found");
    let told = bot.read("files.info", &[("file", &file)]).await;
    let ts = told["file"]["shares"]["public"]["C0GENERAL1"][0]["ts"].as_str().unwrap().to_owned();
    let listed = bot.read("conversations.history", &[("channel", "C0GENERAL1")]).await["messages"][0].clone();
    assert_eq!((&listed["ts"], &listed["files"][0]["id"]), (&json!(ts), &json!(file)));
    assert_eq!(server.json("/slack/timeline.json").await["posts"][0]["text"], "a <film>");
    let below = sent().await;
    assert_eq!(share(&below, &[general, ("thread_ts", &ts)]).await["ok"], true);
    let told = bot.read("files.info", &[("file", &below)]).await;
    assert_eq!(told["file"]["shares"]["public"]["C0GENERAL1"][0]["thread_ts"], json!(ts));
    let nobodys = sent().await;
    assert_eq!(share(&nobodys, &[("channel_id", "C0RANDOM01")]).await["error"], "not_in_channel");
    assert_eq!(share(&nobodys, &[("channel_id", "G0BOARD001")]).await["error"], "channel_not_found");
    let private = ("channel_id", "G0STAFF001");
    assert_eq!(share(&nobodys, &[private]).await["ok"], true);
    let told = bot.read("files.info", &[("file", &nobodys)]).await;
    assert!(told["file"]["shares"]["private"]["G0STAFF001"][0]["ts"].is_string());
    assert_eq!(server.json("/control/state").await["calls"]["slack.create_post"], 6);
}

#[tokio::test]
async fn a_document_is_shared_like_a_video_and_known_by_its_bytes() {
    let server = Server::start().await;
    let bot = Bot::of(&server).await;
    let to = bot.form("files.getUploadURLExternal", &[("filename", "Menu of May.pdf"), ("length", "8")]).await;
    server.http.post(to["upload_url"].as_str().unwrap()).body("%PDF-1.7").send().await.unwrap();
    let file = to["file_id"].as_str().unwrap();
    let files = json!([{"id": file, "title": "Menu of May"}]).to_string();
    let arguments = [("files", files.as_str()), ("channel_id", "C0GENERAL1")];
    assert_eq!(bot.form("files.completeUploadExternal", &arguments).await["ok"], true);
    let told = bot.read("files.info", &[("file", file)]).await["file"].clone();
    assert_eq!((&told["name"], &told["mimetype"]), (&json!("Menu of May.pdf"), &json!("application/pdf")));
    assert!(server.page("/slack/timeline").await.contains(">document</a>"), "nobody looks at it as a picture");
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_revoking_one_ends_all_of_its_workspace() {
    let server = Server::start().await;
    let bot = Bot::of(&server).await;
    let body = json!({"platform": "slack", "actor": "harbour-coffee-demo", "scopes": ["chat:write"]});
    let narrow: Value =
        server.http.post(server.url("/control/grants")).json(&body).send().await.unwrap().json().await.unwrap();
    let narrow = Bot(&server, narrow["access_token"].as_str().unwrap().to_owned());
    assert_eq!(narrow.say(&json!({"channel": "C0RANDOM01", "text": "x"})).await["error"], "not_in_channel");
    let refused = narrow.read("conversations.history", &[("channel", "C0GENERAL1")]).await;
    assert_eq!((&refused["error"], &refused["needed"]), (&json!("missing_scope"), &json!("channels:history")));
    bot.said(&json!({"channel": "C0RANDOM01", "text": "x"})).await;
    let outside = bot.read("conversations.history", &[("channel", "C0RANDOM01")]).await;
    assert_eq!(outside["error"], "not_in_channel", "it may write there, and not read");
    let other = server.token("slack", "lighthouse-labs-demo").await;
    assert_eq!(narrow.form("auth.revoke", &[]).await["revoked"], true);
    assert_eq!(bot.read("auth.test", &[]).await["error"], "token_revoked");
    assert_eq!(Bot(&server, other).read("auth.test", &[]).await["team_id"], "T0LIGHTHO1");
    assert_eq!(Bot(&server, "nobody".into()).read("auth.test", &[]).await["error"], "invalid_auth");
    let nobody = server.http.get(server.url("/slack/api/auth.test"));
    assert_eq!(answer(nobody).await["error"], "not_authed");
}
