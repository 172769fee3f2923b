//! A tenant's name in addresses: `acme` in `acme.example.com`.

use super::Refusal;

/// Longest slug: a DNS label.
const MAX: usize = 63;
/// Host names an installation keeps for itself.
const RESERVED: [&str; 14] = [
    "www",
    "api",
    "app",
    "admin",
    "auth",
    "login",
    "static",
    "assets",
    "docs",
    "status",
    "mail",
    "grafana",
    "metrics",
    "localhost",
];

/// A checked slug, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// Reads a slug; surrounding space and case do not matter.
    ///
    /// # Errors
    /// When it cannot be a DNS label, or is reserved.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let slug = text.trim().to_ascii_lowercase();
        if slug.is_empty() || slug.len() > MAX {
            return Err("must have 1 to 63 characters");
        }
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !slug.bytes().all(allowed) {
            return Err("may hold letters a to z, digits and hyphens only");
        }
        if slug.starts_with('-') || slug.ends_with('-') {
            return Err("must begin and end with a letter or digit");
        }
        if slug.starts_with("xn--") || RESERVED.contains(&slug.as_str()) {
            return Err("is reserved; choose another");
        }
        Ok(Self(slug))
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_a_dns_label_in_lower_case() {
        for (text, slug) in [("acme", "acme"), (" Acme-2 ", "acme-2"), ("a", "a")] {
            assert_eq!(Slug::parse(text).as_ref().map(Slug::as_str), Ok(slug));
        }
        assert!(Slug::parse(&"a".repeat(63)).is_ok());
    }

    #[test]
    fn anything_else_is_refused() {
        let long = "a".repeat(64);
        for text in [
            "", " ", "-a", "a-", "a.b", "a_b", "a b", "ä", "www", "API", "xn--acme", &long,
        ] {
            assert!(Slug::parse(text).is_err(), "{text}");
        }
    }
}
