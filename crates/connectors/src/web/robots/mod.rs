//! What a host's robots.txt asks of us (RFC 9309).

mod keeper;
mod rules;

pub(super) use keeper::{Keeper, scope};
