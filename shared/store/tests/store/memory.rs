//! The sentences on memory, and on memory whose pages are short.

use crate::fixtures::{Turned, World, counted};
use crate::{arrivals, audience, campaigns, commits, lists, outbox};
use std::sync::Arc;
use store::Memory;

fn world(page: usize) -> World<Memory> {
    let clock = Turned::at_start();
    let memory = Memory::new(Arc::clone(&clock) as Arc<dyn ports::Clock>).with_page(page);
    World::new(memory, clock, counted())
}

macro_rules! on_memory {
    ($($module:ident { $($sentence:ident,)* })*) => {$($(
        #[tokio::test]
        async fn $sentence() {
            $module::$sentence(&world(usize::MAX)).await;
            // Short pages: two rows at a time, as if every item were huge.
            $module::$sentence(&world(2)).await;
        }
    )*)*};
}

crate::sentences!(on_memory);
