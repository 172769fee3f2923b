//! What a new API key may do.

use http_kit::auth::{Permission, Scope};

use super::Refusal;

/// The scopes of a new key: each once, in the order of [`Scope::ALL`].
///
/// # Errors
/// When there is none.
pub fn parse(scopes: &[Scope]) -> Result<Vec<Scope>, Refusal> {
    if scopes.is_empty() {
        return Err("must name at least one of read, write, crawl, admin");
    }
    Ok(Scope::ALL
        .into_iter()
        .filter(|known| scopes.contains(known))
        .collect())
}

/// Whether the holder of `held` may hand out `wanted`: nobody makes a key that can do more than they can.
#[must_use]
pub fn may_grant(held: &[Scope], wanted: &[Scope]) -> bool {
    let needs = |permission: &Permission| permission.granted_by(wanted);
    Permission::ALL
        .iter()
        .filter(|permission| needs(permission))
        .all(|permission| permission.granted_by(held))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_come_once_and_in_order() {
        let parsed = parse(&[Scope::Write, Scope::Read, Scope::Write]);
        assert_eq!(parsed, Ok(vec![Scope::Read, Scope::Write]));
        assert!(parse(&[]).is_err());
    }

    #[test]
    fn nobody_grants_more_than_they_hold() {
        assert!(may_grant(&[Scope::Admin], &[Scope::Crawl, Scope::Admin]));
        assert!(
            may_grant(&[Scope::Write], &[Scope::Read]),
            "write includes read"
        );
        assert!(!may_grant(
            &[Scope::Read, Scope::Write, Scope::Crawl],
            &[Scope::Admin]
        ));
        assert!(!may_grant(&[Scope::Read], &[Scope::Write]));
    }
}
