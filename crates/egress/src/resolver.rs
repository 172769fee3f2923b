//! Name resolution that refuses private addresses.
//!
//! The check sits here, not before the request, because a name can resolve differently the second
//! time: what is checked is what is connected to.

use std::error::Error;
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::is_public;

/// A name or address that may not be contacted.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refusal(pub(crate) &'static str);

/// Why an address is refused.
pub(crate) const PRIVATE: &str = "it is not a public address";

#[derive(Clone, Debug)]
pub(crate) struct GuardedResolver {
    pub(crate) allow_private: bool,
    /// The proxy's own name, which the operator vouches for.
    pub(crate) proxy: Option<String>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let vouched = self.allow_private || self.proxy.as_deref() == Some(name.as_str());
        Box::pin(async move {
            let found = resolve(name.as_str(), vouched).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The addresses of a name, A and AAAA, if none of them is private.
pub(crate) async fn resolve(
    name: &str,
    allow_private: bool,
) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
    let found: Vec<_> = tokio::net::lookup_host((name, 0)).await?.collect();
    // One private address among public ones is not a mistake of a shop but an attempt.
    if !allow_private && !found.iter().all(|address| is_public(address.ip())) {
        return Err(Refusal(PRIVATE).into());
    }
    Ok(found)
}
