//! Wire forms of this function.

mod contacts;
mod lists;
mod segments;
mod shown;
mod suppressions;

pub use contacts::*;
pub use lists::*;
pub use segments::*;
pub use shown::*;
pub use suppressions::*;
