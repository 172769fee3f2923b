//! Where a tenant's day begins.

use super::Refusal;

/// The zone of a tenant that names none.
pub const DEFAULT: &str = "UTC";

/// Reads an IANA name, such as `Asia/Shanghai`.
///
/// # Errors
/// When there is no such time zone.
pub fn parse(text: &str) -> Result<&'static str, Refusal> {
    domain::schedule::time_zone(text)
        .ok_or("is not a time zone; use an IANA name such as Asia/Shanghai")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_one_of_the_iana_names() {
        assert_eq!(parse(" Asia/Shanghai "), Ok("Asia/Shanghai"));
        assert_eq!(parse(DEFAULT), Ok("UTC"));
        for text in ["", "Mars/Olympus", "+08:00", "asia/shanghai\0"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
