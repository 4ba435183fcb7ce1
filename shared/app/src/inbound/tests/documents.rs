//! Some proofs rely on a document, and some questions are answered by a visit.

use super::*;

const BOOK: &str = "https://pigeons.test/book";
const PERCH: &str = "https://pigeons.test/perch";

/// A loft whose library has this in it.
async fn with(library: Library) -> (Loft, Arc<Library>) {
    let mut loft = Loft::new().await;
    let library = Arc::new(library);
    loft.deps.documents = library.clone();
    (loft, library)
}

fn holding(text: &str) -> Library {
    Library { there: BTreeMap::from([(BOOK.to_owned(), text.into())]), ..Library::default() }
}

async fn said(loft: &Loft, token: &str, headers: &[(&str, &str)]) -> Result<Received, Error> {
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let ask = Ask { method: "POST", url: "", query: "", headers: &headers, body: &leaves(&[comment("c1")]) };
    receive(&loft.deps, "pigeons", token, &ask, "cid").await
}

const RING: (&str, &str) = ("x-ring", "right");

#[tokio::test]
async fn a_proof_that_relies_on_a_document_holds_only_with_what_lies_there() {
    for (library, taken) in
        [(holding("this ring is ours"), true), (holding("nothing"), false), (Library::default(), false)]
    {
        let (loft, library) = with(library).await;
        let token = loft.token.clone();
        let answer = said(&loft, &token, &[RING, ("x-loft-book", BOOK)]).await.unwrap();
        assert_eq!(matches!(answer, Received::Answered(_)), taken, "{answer:?}");
        assert_eq!((library.asked(), loft.jobs().len()), (vec![BOOK.to_owned()], usize::from(taken)));
    }
}

#[tokio::test]
async fn a_call_whose_document_cannot_be_read_now_is_refused_for_now_and_not_kept() {
    let (loft, _) = with(Library { down: true, ..holding("this ring is ours") }).await;
    let before = loft.world.items();
    let token = loft.token.clone();
    let answer = said(&loft, &token, &[RING, ("x-loft-book", BOOK)]).await;
    assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    assert_eq!(loft.world.items(), before);
    assert!(said(&loft, &token, &[RING]).await.is_ok(), "others need none");
}

#[tokio::test]
async fn nothing_is_read_or_visited_for_an_address_that_does_not_exist() {
    let (loft, library) = with(holding("this ring is ours")).await;
    let headers = [RING, ("x-loft-book", BOOK), ("x-perch", PERCH)];
    assert_eq!(said(&loft, "unknown", &headers).await.unwrap(), Received::Refused);
    assert!(library.asked().is_empty());
}

#[tokio::test]
async fn a_question_is_answered_after_the_visit_that_it_asks_for_and_only_if_it_is_proved() {
    let (loft, library) = with(Library::default()).await;
    let before = loft.world.items();
    let token = loft.token.clone();
    let wrong = said(&loft, &token, &[("x-ring", "wrong"), ("x-perch", PERCH)]).await.unwrap();
    assert_eq!((wrong, library.asked().len()), (Received::Refused, 0));
    let answer = said(&loft, &token, &[RING, ("x-perch", PERCH)]).await.unwrap();
    assert!(matches!(answer, Received::Answered(greeting) if greeting.body == "coo"));
    assert_eq!(library.asked(), [PERCH]);
    assert_eq!((loft.world.items(), loft.jobs().len()), (before, 0), "it is not kept");
}

#[tokio::test]
async fn a_question_whose_visit_fails_is_not_answered_so_that_it_is_asked_again() {
    let (loft, _) = with(Library { down: true, ..Library::default() }).await;
    let token = loft.token.clone();
    let answer = said(&loft, &token, &[RING, ("x-perch", PERCH)]).await;
    assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
}
