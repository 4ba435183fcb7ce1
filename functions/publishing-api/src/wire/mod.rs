//! Wire forms. Three documents describe three forms of one thing; each has a module here, and all become the commands of
//! `app::publishing`.

pub mod approval;
pub mod best_time;
pub mod brand;
pub mod columns;
pub mod content;
pub mod export;
pub mod import;
pub mod media;
pub mod place;
pub mod posts;
pub mod preflight;
pub mod publish;
pub mod series;
pub mod slots;
pub mod social;
pub mod v1;
