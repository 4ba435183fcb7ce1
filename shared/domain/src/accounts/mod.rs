//! Connected accounts and the life of their tokens.

mod account;
mod grant;
mod token;

pub use account::*;
pub use grant::*;
pub use token::*;
