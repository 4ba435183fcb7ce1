//! What is known after a doubt, and what is not said of what is not known.

use super::*;
use domain::publishing::Media;
use ports::{MediaBytes, MediaError, MediaReader, Peek};
use secrecy::SecretString;

fn commented(text: &str, picture: &Picture) -> Variant {
    Variant { first_comment: Some("#tags go here".into()), ..with_pictures(text, 1, picture) }
}

fn missing() -> Value {
    json!({"code": 400, "body": {"error": {"message": "words", "code": 100, "error_subcode": 33}}})
}

#[tokio::test]
async fn a_comment_of_an_account_that_was_renamed_is_not_called_absent() {
    let instagram = connector();
    let (mut server, jpeg) = connected(&instagram).await;
    server.account.profile.handle = Some("before.it.was.renamed".into());
    let mut case = Case::new(&instagram, &server, commented("renamed", &jpeg), &jpeg);
    case.publish().await.unwrap();
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Resembling(1)));
    case.variant.first_comment = Some("#tags went elsewhere".into());
    assert_eq!(case.find().await, Ok(Finding::Absent), "what others say otherwise is theirs");
}

#[tokio::test]
async fn a_comment_below_a_post_that_somebody_deleted_says_nothing_of_the_account() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let mut case = Case::new(&instagram, &server, commented("deleted", &jpeg), &jpeg);
    case.publish().await.unwrap();
    server.order("create_post", "status", missing()).await;
    let failure = case.publish().await.unwrap_err();
    assert_eq!(failure.code(), "not_found");
}

#[tokio::test]
async fn a_container_that_failed_in_passing_is_made_anew_after_a_while_and_not_without_end() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let variant = with_pictures("unlucky", 1, &jpeg);
    let body = json!({"status_code": "ERROR", "status": "Error: it failed with code 2207082"});
    let mut progress: Option<Value> = None;
    let mut waits = Vec::new();
    let ended = loop {
        let call = PublishCall { progress: progress.as_ref(), ..call_of(&server, &variant, &jpeg) };
        let now = call.now;
        match instagram.prepare(&call).await {
            Ok(Prepared::More(kept)) => {
                progress = Some(kept);
                server.order("media_status", "status", json!({"code": 200, "body": body})).await;
            }
            Ok(Prepared::Wait { progress: kept, until }) => {
                waits.push(until.duration_since(now).as_secs());
                progress = Some(kept);
            }
            other => break other,
        }
    };
    assert_eq!(waits, [60, 300, 900]);
    assert_eq!(ended.unwrap_err().code(), "media_processing_failed");
    assert_eq!(calls(&server, "media").await, 4, "a new one each time");
}

#[tokio::test]
async fn a_picture_without_words_is_told_by_its_container_alone() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let mut case = Case::new(&instagram, &server, with_pictures("", 1, &jpeg), &jpeg);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    Case::new(&instagram, &server, with_pictures("", 1, &jpeg), &jpeg).publish().await.unwrap();
    assert_eq!(case.find().await, Ok(Finding::Absent), "somebody's picture is not this one");
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    assert_eq!(case.find().await, Ok(Finding::Proved(Receipt::NAMELESS)));
    server.order("media_status", "status", missing()).await;
    assert_eq!(case.find().await, Ok(Finding::Resembling(2)), "the container is gone");
}

#[tokio::test]
async fn nothing_older_than_its_container_is_taken_for_a_post() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    Case::new(&instagram, &server, with_pictures("said twice", 1, &jpeg), &jpeg).publish().await.unwrap();
    let mut case = Case::new(&instagram, &server, with_pictures("said twice", 1, &jpeg), &jpeg);
    server.fault(Fault::DropBeforeCommit).await;
    case.publish().await.unwrap_err();
    let made = server.now() + SignedDuration::from_mins(5);
    case.progress.as_mut().unwrap()["at"] = json!(made);
    assert_eq!(case.find().await, Ok(Finding::Absent));
    // It was published, and the list does not show it yet.
    server.order("media_status", "status", json!({"code": 200, "body": {"status_code": "PUBLISHED"}})).await;
    assert_eq!(case.find().await, Err(Failure::Unavailable));
}

#[tokio::test]
async fn a_worker_whose_clock_ran_ahead_when_the_container_was_made_hides_no_post() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let ahead = server.now() + SignedDuration::from_mins(20);
    let mut case = Case::new(&instagram, &server, with_pictures("ahead of its time", 1, &jpeg), &jpeg);
    case.prepare().await.unwrap();
    case.progress.as_mut().unwrap()["at"] = json!(ahead);
    server.fault(Fault::CommitThenDrop).await;
    case.publish().await.unwrap_err();
    let since = server.now() - SignedDuration::from_mins(1);
    let read = async |now| ports::Find::find(&instagram, &PublishCall { now, ..case.call() }, since).await;
    assert_eq!(read(server.now()).await, Err(Failure::Unavailable), "a newer one may still show up");
    let live = read(ahead).await;
    assert!(matches!(&live, Ok(Finding::Live(Receipt { id: Some(_), .. }))), "{live:?}");
    server.order("media_status", "status", missing()).await;
    assert!(matches!(read(server.now()).await, Ok(Finding::Found(_))), "the container is gone");
}

#[tokio::test]
async fn what_cannot_be_deleted_is_not_called_gone_and_an_account_that_cannot_be_seen_is_lost() {
    let (sandbox, instagram) = (crate::tests::Sandbox::start().await, connector());
    let token = sandbox.grant("facebook", "ada-demo", None).await;
    let mut app = sandbox.app("instagram");
    app.settings.insert("login".into(), "facebook".into());
    let auth = instagram.auth().unwrap();
    let profiles = auth.profiles(&app, &token).await.unwrap();
    let own = auth.own_tokens(&app, &token, &profiles).await.unwrap().remove("17841400000000001").unwrap();
    let (server, _) = connected(&instagram).await;
    let jpeg = sandbox.hosted("a.jpg", picture("image/jpeg", 1_000)).await;
    let mut server = server.with(own.access);
    (server.sandbox, server.app) = (std::sync::Arc::new(sandbox), app);
    let mut case = Case::new(&instagram, &server, with_pictures("stays", 1, &jpeg), &jpeg);
    let receipt = case.publish().await.unwrap().receipt;
    server.sandbox.fault("facebook", "delete_post", "status", missing()).await;
    let kept = case.delete(&receipt).await;
    assert!(matches!(kept, Err(Failure::Unsupported { .. })), "{kept:?}");
    for op in ["delete_post", "lookup", "lookup"] {
        server.sandbox.fault("facebook", op, "status", missing()).await;
    }
    let unseen = case.delete(&receipt).await;
    assert!(matches!(unseen, Err(Failure::Revoked { .. })), "{unseen:?}");
    for op in ["delete_post", "lookup"] {
        server.sandbox.fault("facebook", op, "status", missing()).await;
    }
    case.delete(&receipt).await.unwrap();
}

/// A bucket in which the picture is replaced after Instagram was given its address.
struct Replaced<'a>(&'a Picture, std::sync::atomic::AtomicU32);

#[async_trait::async_trait]
impl MediaReader for Replaced<'_> {
    async fn open(&self, media: &Media) -> Result<MediaBytes, MediaError> {
        self.0.open(media).await
    }
    async fn peek(&self, media: &Media, n: u32) -> Result<Peek, MediaError> {
        self.0.peek(media, n).await
    }
    async fn public_address(&self, media: &Media) -> Result<SecretString, MediaError> {
        match self.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => self.0.public_address(media).await,
            _ => Err(MediaError::Changed),
        }
    }
}

#[tokio::test]
async fn a_picture_that_was_replaced_while_instagram_fetched_it_is_not_published() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    let (variant, bytes) = (with_pictures("replaced", 1, &jpeg), Replaced(&jpeg, 0.into()));
    let call = PublishCall { bytes: &bytes, ..call_of(&server, &variant, &jpeg) };
    let Ok(Prepared::More(kept)) = instagram.prepare(&call).await else { panic!("no container") };
    let finished = instagram.prepare(&PublishCall { progress: Some(&kept), ..call }).await;
    assert!(matches!(&finished, Err(Failure::Rejected { code, .. }) if code == "media_changed"), "{finished:?}");
}

#[tokio::test]
async fn no_address_is_told_however_instagram_writes_it() {
    let instagram = connector();
    let (server, jpeg) = connected(&instagram).await;
    for subcode in [2_207_052, 33] {
        let message =
            "cannot read https://bucket.example/a?X-Amz-Signature=abc (HTTPS://bucket.example/a?X=%2F), try again";
        let error = json!({"message": message, "code": 100, "error_subcode": subcode});
        server.order("media", "status", json!({"code": 400, "body": {"error": error}})).await;
        let failure = Case::new(&instagram, &server, with_pictures("n", 1, &jpeg), &jpeg).publish().await.unwrap_err();
        let (Failure::Rejected { detail, .. } | Failure::Revoked { detail }) = failure else { panic!("{failure:?}") };
        assert_eq!(detail, "cannot read … … try again");
    }
}
