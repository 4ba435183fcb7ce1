//! Wire forms of this function. Three documents describe three forms of one thing; all become the commands of `app::publishing`. What
//! the console has, too, is in the crate `wire`: our own form of a post, and its rows.

pub mod amendment;
pub mod answer;
pub mod approval;
pub mod best_time;
pub mod brand;
pub mod deliveries;
pub mod format;
pub mod media;
pub mod place;
pub mod posts;
pub mod preflight;
pub mod series;
pub mod slots;
pub mod social;
pub mod v1;
