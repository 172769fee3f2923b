//! Name resolution that refuses private addresses.
//!
//! The check sits here, not before the request, because a name can resolve differently the second
//! time: what is checked is what is connected to.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::is_public;

/// A name or address that may not be contacted.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refusal(pub(crate) &'static str);

/// Why an address is refused.
pub(crate) const PRIVATE: &str = "it is not a public address";

#[derive(Clone, Copy, Debug)]
pub(crate) struct GuardedResolver {
    pub(crate) allow_private: bool,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One private address among public ones is not a mistake of a shop but an attempt.
            if !allow_private && !found.iter().all(|address| is_public(address.ip())) {
                return Err(Refusal(PRIVATE).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
