//! What a password must be: long enough to resist guessing, short enough to be hashed in bounded time.

use super::Refusal;

/// Shortest password, in characters.
pub const MIN: usize = 10;
/// Longest password, in characters.
pub const MAX: usize = 200;

/// Checks a new password of the person with `email`.
///
/// # Errors
/// When it is too short, too long, or the e-mail address itself.
pub fn check(password: &str, email: &str) -> Result<(), Refusal> {
    let length = password.chars().count();
    if length < MIN {
        return Err("must have at least 10 characters");
    }
    if length > MAX {
        return Err("must have at most 200 characters");
    }
    if password.trim().eq_ignore_ascii_case(email.trim()) {
        return Err("must not be the e-mail address");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_characters_not_bytes() {
        let email = "ann@example.com";
        assert!(check("ninechars", email).is_err());
        assert!(check("ten-chars!", email).is_ok());
        assert!(check(&"ü".repeat(MAX), email).is_ok());
        assert!(check(&"ü".repeat(MAX + 1), email).is_err());
        assert!(check("Ann@Example.com", email).is_err());
    }
}
