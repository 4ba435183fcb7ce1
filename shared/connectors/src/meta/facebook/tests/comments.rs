use super::*;
use serde_json::Value;

/// What a listing of comments comes to that shows this one beside nothing else.
async fn listed(server: &Connected, case: &Case<'_>, comment: &Value) -> Finding {
    let body = json!({ "data": [comment] });
    server.order("list", "status", json!({ "code": 200, "body": body })).await;
    case.find().await.unwrap()
}

#[tokio::test]
async fn what_says_the_same_and_is_not_proved_ours_is_neither_the_comment_nor_its_absence() {
    let facebook = connector();
    let server = connected(&facebook).await;
    let png = picture("image/png", 100);
    let variant = Variant { first_comment: Some("👍🔥".into()), ..Variant::text("look") };
    let mut case = Case::new(&facebook, &server, variant, &png);
    case.publish().await.unwrap();
    let page = server.account.profile.external_id.clone();
    let at = server.now().strftime("%Y-%m-%dT%H:%M:%S+0000").to_string();
    let plain = json!({ "id": "1_2", "message": "👍🔥", "created_time": at });
    assert_eq!(listed(&server, &case, &plain).await, Finding::Resembling(1), "nobody says whose it is");
    let mut reply = plain.clone();
    (reply["from"], reply["parent"]) = (json!({ "id": page }), json!({ "id": "1_1" }));
    assert_eq!(listed(&server, &case, &reply).await, Finding::Resembling(1), "somebody of the page answered a visitor");
    let mut ours = plain;
    ours["from"] = json!({ "id": page });
    assert!(matches!(listed(&server, &case, &ours).await, Finding::Found(_)));
}
