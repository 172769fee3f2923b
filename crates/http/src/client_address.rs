//! From which address a request comes, behind however many proxies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, HeaderName, request::Parts};
use ipnet::IpNet;

use crate::ApiError;

/// Each proxy appends the address that it was asked from.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Whose address nobody can tell.
const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The networks whose word about a client's address is believed; an `Extension` of every request that is served.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// From texts such as `10.0.0.0/8` or `127.0.0.1` (`http.trusted_proxies` of the configuration).
    ///
    /// # Errors
    /// The first text that is neither a network nor an address.
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, NotANetwork> {
        let network = |text: &T| {
            let text = text.as_ref().trim();
            text.parse::<IpNet>()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| NotANetwork(text.to_owned()))
        };
        texts
            .iter()
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client: the nearest address that is no trusted proxy. What stands further left was said by the client itself,
    /// in whatever bytes it liked. Where a trusted proxy names nobody that can be read, nobody knows who asks: it is the
    /// unspecified address, and never the proxy's own, from which more may be allowed.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer.to_canonical();
        let told = headers.get_all(FORWARDED_FOR).iter().rev();
        for part in told.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b',')) {
            if !self.contain(nearest) {
                break;
            }
            let text = std::str::from_utf8(part).ok();
            match text.and_then(|text| address(text.trim())) {
                Some(next) => nearest = next,
                None => return NOBODY,
            }
        }
        nearest
    }
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    bare()
        .or_else(with_port)
        .or_else(bracketed)
        .map(|address: IpAddr| address.to_canonical())
}

/// What cannot be read as a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address or network such as 10.0.0.0/8")]
pub struct NotANetwork(pub String);

/// Who is asking, by address. A request that came over no socket, or from whom a trusted proxy does not tell, has the
/// unspecified one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// As extensions and headers of a request tell.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(NOBODY, |peer| peer.0.ip());
        let proxies = parts.extensions.get::<TrustedProxies>();
        Self(proxies.map_or_else(
            || peer.to_canonical(),
            |proxies| proxies.client(peer, &parts.headers),
        ))
    }

    /// What is counted as one place: a host in IPv4, a household's /64 in IPv6, because whoever has one such network has
    /// all its addresses.
    #[must_use]
    pub fn place(self) -> IpNet {
        match self.0 {
            IpAddr::V4(address) => IpNet::from(IpAddr::V4(address)),
            IpAddr::V6(_) => {
                IpNet::new(self.0, 64).map_or_else(|_| self.0.into(), |net| net.trunc())
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self::of(parts))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn client(proxies: &[&str], peer: &str, told: &[&str]) -> String {
        let told: Vec<&[u8]> = told.iter().map(|text| text.as_bytes()).collect();
        client_by_bytes(proxies, peer, &told)
    }

    fn client_by_bytes(proxies: &[&str], peer: &str, told: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for value in told {
            let value = http::HeaderValue::from_bytes(value).unwrap();
            headers.append(FORWARDED_FOR, value);
        }
        let proxies = TrustedProxies::parse(proxies).unwrap();
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client(&[], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        let ours = ["10.0.0.0/8", "::1"];
        assert_eq!(client(&ours, "10.0.0.7", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            client(&ours, "::1", &["198.51.100.1:55001"]),
            "198.51.100.1"
        );
        assert_eq!(
            client(&ours, "::ffff:10.0.0.7", &["[2001:db8::1]"]),
            "2001:db8::1"
        );
        // The client said the first itself.
        assert_eq!(
            client(&ours, "10.0.0.7", &["1.1.1.1, 198.51.100.1, 10.0.0.8"]),
            "198.51.100.1"
        );
        assert_eq!(
            client(&ours, "10.0.0.7", &["1.1.1.1", "198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(client(&ours, "10.0.0.7", &[]), "10.0.0.7");
    }

    #[test]
    fn what_a_client_says_that_cannot_be_read_does_not_make_it_the_proxy() {
        let ours = ["10.0.0.0/8"];
        let of = |told: &[&[u8]]| client_by_bytes(&ours, "10.0.0.7", told);
        // Said by the client, and the proxy appended whom it was asked by.
        assert_eq!(of(&[b"\xff, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(of(&[b"\xff", b"198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            of(&[b"10.0.0.9, \xff, 198.51.100.1, 10.0.0.8"]),
            "198.51.100.1"
        );
        // Nobody can tell who asked the nearest proxy.
        for told in [
            &b"198.51.100.1, \xff"[..],
            b"\xff",
            b"nonsense, 10.0.0.8",
            b"unknown",
            b"",
        ] {
            assert_eq!(of(&[told]), "0.0.0.0", "{told:?}");
        }
    }

    #[test]
    fn what_is_no_network_is_named() {
        assert_eq!(
            TrustedProxies::parse(&["10.0.0.0/8", "office"]).unwrap_err(),
            NotANetwork("office".to_owned())
        );
    }

    #[test]
    fn a_household_is_one_place() {
        let place = |text: &str| ClientAddress(text.parse().unwrap()).place().to_string();
        assert_eq!(place("203.0.113.9"), "203.0.113.9/32");
        assert_eq!(place("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }
}
