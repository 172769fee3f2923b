//! Whether anybody may work in a tenant.

/// Why nobody may, in words for them; `None` when they may. By `status` as it is stored.
#[must_use]
pub fn refusal(status: &str) -> Option<&'static str> {
    (status != "active").then_some(SUSPENDED)
}

/// What a suspended tenant's people and programs are told.
pub const SUSPENDED: &str = "This tenant is suspended. Ask the operator of this installation.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_in_an_active_tenant_people_may_work() {
        assert_eq!(refusal("active"), None);
        assert!(refusal("suspended").is_some() && refusal("of a newer release").is_some());
    }
}
