//! From where an API key may be used.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Refusal;

/// Networks of a key, at most; as in the table's check.
pub const MOST: usize = 50;

/// Networks from texts such as `203.0.113.0/24` or `2001:db8::1`, each once, in the order given.
///
/// # Errors
/// When one is neither a network nor an address, or there are too many.
pub fn parse(texts: &[String]) -> Result<Vec<IpNet>, Refusal> {
    if texts.len() > MOST {
        return Err("must name 50 networks at most");
    }
    let mut networks = Vec::with_capacity(texts.len());
    for text in texts {
        let text = text.trim();
        let network = text
            .parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| "must hold addresses or networks such as 203.0.113.0/24")?;
        let network = canonical(network).trunc();
        if !networks.contains(&network) {
            networks.push(network);
        }
    }
    Ok(networks)
}

/// An IPv4 address in IPv6's clothes is compared as what it is.
fn canonical(network: IpNet) -> IpNet {
    match network {
        IpNet::V6(six) if six.prefix_len() >= 96 => {
            let four = six.addr().to_ipv4_mapped();
            four.and_then(|four| IpNet::new(four.into(), six.prefix_len() - 96).ok())
                .unwrap_or(network)
        }
        _ => network,
    }
}

/// Whether every network of `inner` lies within one of `outer`. None at all is everywhere.
#[must_use]
pub fn within(inner: &[IpNet], outer: &[IpNet]) -> bool {
    let covered = |network: &IpNet| outer.iter().any(|other| other.contains(network));
    outer.is_empty() || (!inner.is_empty() && inner.iter().all(covered))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Result<Vec<String>, Refusal> {
        let owned: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        parse(&owned).map(|networks| networks.iter().map(IpNet::to_string).collect())
    }

    #[test]
    fn addresses_and_networks_are_levelled() {
        assert_eq!(
            texts(&[
                " 203.0.113.7",
                "203.0.113.9/24",
                "203.0.113.0/24",
                "2001:DB8::1",
                "::ffff:198.51.100.1/128"
            ]),
            Ok(vec![
                "203.0.113.7/32".to_owned(),
                "203.0.113.0/24".to_owned(),
                "2001:db8::1/128".to_owned(),
                "198.51.100.1/32".to_owned()
            ])
        );
        assert_eq!(texts(&[]), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_network_or_too_much_is_refused() {
        for text in ["", "office", "203.0.113.0/33", "203.0.113", "1.2.3.4:80"] {
            assert!(texts(&[text]).is_err(), "{text}");
        }
        assert!(texts(&vec!["10.0.0.1"; MOST]).is_ok());
        assert!(texts(&vec!["10.0.0.1"; MOST + 1]).is_err());
    }
}
