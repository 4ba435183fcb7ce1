//! Forms of a post that more than one function reads or writes: our own form of the API, and the rows of a file, which are made of
//! it. All become the commands of `app::publishing`.
//!
//! Why a crate: functions do not know each other, and what a column means must not be said twice. What one function alone has
//! stays with that function.
//!
//! - [`content`]: what a post says; [`publish`]: the whole of it, with where and when
//! - [`place`]: the field of a form in which a broken rule lies
//! - [`columns`]: a content as cells; [`import`] and [`export`]: rows to posts, and posts to rows

pub mod columns;
pub mod content;
pub mod export;
pub mod import;
pub mod place;
pub mod publish;
