//! Which addresses may be asked at all, as far as their text tells.

use std::net::IpAddr;

use url::{Host, Url};

use crate::address::is_public;
use crate::resolver::PRIVATE;

/// Reads a web address that came from outside: a person, a page, an upstream.
///
/// # Errors
/// What is wrong with it, for people. What only name resolution can tell is not among it.
pub fn web_address(text: &str) -> Result<Url, &'static str> {
    let text = text.trim();
    // Parsers disagree on what these mean, and who checks is not always who asks.
    if text.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace()) {
        return Err("an address holds no backslashes and no blanks");
    }
    let url = Url::parse(text).map_err(|_| "it is not a web address")?;
    check(&url, true)?;
    Ok(url)
}

/// Scheme, credentials and host of an address; a private host is refused unless it is allowed.
pub(crate) fn check(url: &Url, allow_private: bool) -> Result<(), &'static str> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err("only http and https are spoken");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("credentials do not belong into an address");
    }
    let private = match url.host() {
        // Octal, hexadecimal and short forms are numbers by now: the parser reads them as browsers do.
        Some(Host::Ipv4(address)) => !is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => !is_public(IpAddr::V6(address)),
        Some(Host::Domain(name)) => is_local(name),
        None => return Err("the address names no host"),
    };
    if private && !allow_private {
        return Err(PRIVATE);
    }
    Ok(())
}

/// Names that mean this machine or its neighbours, whatever the resolver says (RFC 6761, RFC 6762,
/// and what clouds call their metadata).
fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    name.is_empty() || matches!(last, "localhost" | "local" | "internal" | "localdomain")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_private_address_is_refused() {
        for host in [
            "127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "017700000001",
            "0",
            "0.0.0.0",
            "10.1.2.3",
            "0xa9fea9fe",
            "169.254.169.254",
            "１２７.0.0.1",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:a9fe:a9fe]",
            "[64:ff9b::127.0.0.1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "printer.local",
            "metadata.google.internal",
            "localhost.localdomain",
        ] {
            let url = Url::parse(&format!("http://{host}:8080/")).expect(host);
            assert_eq!(check(&url, false), Err(PRIVATE), "{host}");
        }
        for host in [
            "1.1.1.1",
            "0x08080808",
            "[2606:4700:4700::1111]",
            "shop.example",
        ] {
            let url = Url::parse(&format!("https://{host}/")).expect(host);
            assert_eq!(check(&url, false), Ok(()), "{host}");
        }
    }

    #[test]
    fn what_parsers_disagree_on_is_no_address() {
        for text in [
            r"http://public.example\@10.0.0.1/",
            r"http:\\public.example/",
            "http://public\t.example/",
            "http://public.example/a b",
            "http://public.example/\u{0}",
            "http://user@public.example/",
            "ftp://public.example/",
            "//public.example/",
            "javascript:alert(1)",
            "http://",
            "http://10.0.0.1:99999/",
            "",
        ] {
            assert!(web_address(text).is_err(), "{text:?}");
        }
        let url = web_address(" https://shop.example/a?b=c ").expect("an address");
        assert_eq!(url.as_str(), "https://shop.example/a?b=c");
    }
}
