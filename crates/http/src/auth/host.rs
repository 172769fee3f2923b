//! The tenant that a host name names.

/// The left-most label of `host` (with or without port) below one of `base_domains`; `None` for a
/// base domain itself and for foreign hosts.
#[must_use]
pub fn tenant_label<'a>(host: &'a str, base_domains: &[String]) -> Option<&'a str> {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        // An IPv6 address has colons of its own.
        if port.bytes().all(|byte| byte.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    let name = name.strip_suffix('.').unwrap_or(name);
    if base_domains
        .iter()
        .any(|base| base.eq_ignore_ascii_case(name))
    {
        return None;
    }
    let labels = base_domains.iter().find_map(|base| {
        let at = name.len().checked_sub(base.len())?;
        let (above, below) = (name.get(..at)?, name.get(at..)?);
        if !below.eq_ignore_ascii_case(base) {
            return None;
        }
        above.strip_suffix('.').filter(|above| !above.is_empty())
    })?;
    labels.split('.').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_labels_below_a_base_domain_name_a_tenant() {
        let bases = [
            "localhost".to_owned(),
            "example.com".to_owned(),
            "api.example.com".to_owned(),
        ];
        let cases = [
            ("localhost", None),
            ("localhost:8080", None),
            ("acme.localhost:8080", Some("acme")),
            ("acme.example.com", Some("acme")),
            ("ACME.Example.COM.", Some("ACME")),
            ("a.b.example.com", Some("a")),
            ("api.example.com", None),
            ("acme.api.example.com:443", Some("acme")),
            ("notexample.com", None),
            (".example.com", None),
            ("127.0.0.1:8080", None),
            ("[::1]:8080", None),
            ("", None),
        ];
        for (host, tenant) in cases {
            assert_eq!(tenant_label(host, &bases), tenant, "{host}");
        }
        assert_eq!(tenant_label("acme.localhost", &[]), None);
    }
}
