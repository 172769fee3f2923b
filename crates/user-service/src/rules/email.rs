//! A person's e-mail address, by which they sign in.

use super::Refusal;

/// Longest address that SMTP can carry.
const MAX: usize = 254;

/// A checked address, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address; surrounding space and case do not matter.
    ///
    /// # Errors
    /// When it is not one `local@domain` of a form that mail can reach.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        const REFUSED: Refusal = "must be an e-mail address";
        let email = text.trim().to_lowercase();
        if email.len() > MAX {
            return Err("is longer than an e-mail address can be");
        }
        garde::rules::email::parse_email(&email).map_err(|_| REFUSED)?;
        Ok(Self(email))
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_lower_cased() {
        let email = Email::parse(" Ann.Owner+x@Example.COM ");
        assert_eq!(
            email.as_ref().map(Email::as_str),
            Ok("ann.owner+x@example.com")
        );
    }

    #[test]
    fn what_mail_cannot_reach_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "a b@example.com",
            "a@b@c.com",
            &long,
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }
}
