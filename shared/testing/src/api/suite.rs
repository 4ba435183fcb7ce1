//! The tests that every API function has in the same words.

/// The tests of an API function that are the same for all of them: its description is the code's, what is wrong anywhere is
/// refused, nobody gets in without a key, each role may do what `tests/roles.golden.json` says, and a change is made once
/// per key. `openapi` and `bench` are the function's; `keyed_changes` is how many of its routes take an `Idempotency-Key`,
/// written down so that a route which loses its key is noticed.
#[macro_export]
macro_rules! api_suite {
    ($function:literal, openapi: $openapi:path, bench: $bench:expr, keyed_changes: $changes:literal) => {
        /// `HERALD_BLESS=1` writes the file anew.
        #[test]
        fn the_document_is_what_the_code_says() {
            let text = $openapi().to_pretty_json().unwrap() + "\n";
            $crate::api::golden(concat!("docs/openapi/", $function, ".json"), &text);
        }

        #[tokio::test]
        async fn every_route_refuses_what_is_wrong_anywhere_and_writes_nothing() {
            $crate::api::rows_of_the_table(&$bench().await).await;
        }

        #[tokio::test]
        async fn nobody_gets_in_without_a_key_that_holds() {
            let bench = $bench().await;
            let closed = bench.all.iter().filter(|route| !route.public).count();
            assert_eq!($crate::api::nobody_gets_in(&bench).await, closed * 13);
        }

        #[tokio::test]
        async fn every_change_takes_effect_once_per_key() {
            assert_eq!($crate::api::every_change_is_made_once($bench).await, $changes);
        }

        #[tokio::test]
        async fn each_role_may_do_what_the_golden_file_says() {
            let matrix = $crate::api::role_matrix($bench).await;
            $crate::api::golden(concat!("functions/", $function, "/tests/roles.golden.json"), &matrix);
        }
    };
}
