//! Names to addresses, through the system's resolver, with an error that can be told apart.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The system's resolver (`getaddrinfo` on a thread of its own, so that the logic never waits; a
/// lookup that was given up ends by the resolver's own timeout).
#[derive(Clone, Copy, Debug)]
pub(super) struct SystemResolver;

/// The name has no address, or nobody could be asked.
#[derive(Debug, thiserror::Error)]
#[error("the name could not be resolved")]
pub(super) struct NotResolved(#[source] std::io::Error);

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is put in by the connector.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(NotResolved)?;
            let addresses: Vec<_> = found.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
