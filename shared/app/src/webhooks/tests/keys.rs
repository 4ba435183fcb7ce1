//! Key pairs: requests that are signed with Ed25519.

use super::*;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::webhooks::{Endpoint, Signature};

/// The public key of a private one, as both are written.
fn public_of(private: &str) -> String {
    let seed = STANDARD.decode(private.strip_prefix("whsk_").unwrap()).unwrap();
    format!("whpk_{}", STANDARD.encode(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap().public_key()))
}

async fn signed(world: &World, owner: &Caller) -> Vec<String> {
    fan_out(&Batch::default(), &world.deps, &happened(world, owner), Visit::FIRST).await.unwrap();
    world.outbound.arrived.lock().unwrap().last().unwrap().secrets.clone()
}

async fn shown_now(world: &World, owner: &Caller, id: EndpointId) -> Endpoint {
    endpoint(&world.deps, owner, id).await.unwrap().value
}

async fn rotated(world: &World, owner: &Caller, id: EndpointId, rotation: &Rotation) -> Result<bool, Error> {
    let encode = |made: &Registered| StoredReply { status: 200, body: made.secret.is_some().to_string() };
    let reply = rotate_secret(&world.deps, owner, id, rotation, &once("r"), &encode).await?;
    Ok(reply.stored.body == "true")
}

fn by_keys() -> NewEndpoint {
    NewEndpoint { signature: Signature::V1a, ..new("https://a.example", &[]) }
}

#[tokio::test]
async fn of_a_key_pair_the_public_key_is_shown_and_the_private_one_never() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, secret) = registered(&world, &owner, &by_keys(), "a").await.unwrap();
    assert_eq!(secret, "", "the answer to the registration has none");
    let private = signed(&world, &owner).await.remove(0);
    let now = shown_now(&world, &owner, id).await;
    assert_eq!((now.public_key, now.secret.as_str()), (Some(public_of(&private)), ""));
    assert!(!format!("{:?}", world.items()).contains(&private), "it lies sealed");
}

#[tokio::test]
async fn for_a_day_after_a_rotation_both_key_pairs_sign_and_both_public_keys_are_shown() {
    let world = World::new();
    let owner = world.owner(1).await;
    let (id, _) = registered(&world, &owner, &by_keys(), "a").await.unwrap();
    let old = signed(&world, &owner).await.remove(0);
    assert!(!rotated(&world, &owner, id, &Rotation::default()).await.unwrap(), "no private key is shown");
    let both = signed(&world, &owner).await;
    assert!(both.len() == 2 && both[0] != old && both[1] == old);
    let now = shown_now(&world, &owner, id).await;
    let retiring = now.retiring.unwrap();
    assert_eq!((now.signature, now.public_key), (Signature::V1a, Some(public_of(&both[0]))));
    assert_eq!((retiring.public_key, retiring.secret.as_str()), (Some(public_of(&old)), ""));
    world.deps.sealer.rotate().await.unwrap();
    let found = world.deps.ledger.endpoint(owner.tenant, id).await.unwrap().unwrap();
    assert!(reseal_endpoint(&world.deps, &found).await.unwrap());
    assert_eq!(signed(&world, &owner).await, both);
    world.clock.pass(86_401);
    assert_eq!(signed(&world, &owner).await, both[..1]);
}

#[tokio::test]
async fn a_key_pair_of_somebody_elses_making_is_not_taken() {
    let world = World::new();
    let owner = world.owner(1).await;
    let pair = format!("whsk_{}", STANDARD.encode([7; 32]));
    let theirs = NewEndpoint { secret: Some(pair.clone().into()), ..by_keys() };
    let (id, _) = registered(&world, &owner, &by_keys(), "a").await.unwrap();
    let rotation = Rotation { secret: Some(pair.into()), force: false };
    let refused = [
        registered(&world, &owner, &theirs, "b").await.unwrap_err(),
        rotated(&world, &owner, id, &rotation).await.unwrap_err(),
    ];
    for error in refused {
        let Error::Invalid(violations) = error else { panic!("{error:?}") };
        assert_eq!((violations[0].code.as_str(), violations[0].field.as_str()), ("secret_malformed", "/secret"));
    }
}
