//! Posts, their deliveries, and the one state machine that decides what may happen to a delivery.

mod answers;
mod approval;
mod brand;
mod content;
mod delivery;
mod gate;
mod media;
mod outcome;
mod people;
mod plan;
mod post;
mod reconcile;
mod rules;
mod runs;
mod series;
mod state;
mod timeline;
mod transitions;

pub use approval::*;
pub use brand::*;
pub use content::*;
pub use delivery::*;
pub use gate::*;
pub use media::*;
pub use outcome::*;
pub use people::*;
pub use plan::*;
pub use post::*;
pub use reconcile::*;
pub use rules::*;
pub use runs::*;
pub use series::*;
pub use state::*;
pub use timeline::*;
pub use transitions::*;
