//! The database's logins. Each database-owning service has two: `api`, bound by row-level security and the only one
//! request handlers hold, and `system` for ingest, relays, dispatch, sign-in and key look-up. Neither owns a table.

/// Owns every schema and table; cannot sign in.
pub const OWNER: &str = "bw_owner";

/// Owns history and its months alone; cannot sign in. A month is dropped without a lock that stops ingest only by
/// `DETACH ... CONCURRENTLY`, which only the owner may run and no function can: core's system login takes this part for
/// as long as that takes (`SET ROLE`), and has nothing of it otherwise.
pub const HISTORY_OWNER: &str = "bw_history";

/// A login of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Login {
    /// The role's name.
    pub role: &'static str,
    /// The schema it works in.
    pub schema: &'static str,
}

/// user-service's login for requests.
pub const IDENTITY_API: Login = Login {
    role: "bw_identity_api",
    schema: "identity",
};
/// user-service's login for sign-in and key look-up.
pub const IDENTITY_SYSTEM: Login = Login {
    role: "bw_identity_system",
    schema: "identity",
};
/// crawler-service's login for requests.
pub const CRAWL_API: Login = Login {
    role: "bw_crawl_api",
    schema: "crawl",
};
/// crawler-service's login for dispatch and reports.
pub const CRAWL_SYSTEM: Login = Login {
    role: "bw_crawl_system",
    schema: "crawl",
};
/// core-service's login for requests.
pub const CATALOG_API: Login = Login {
    role: "bw_catalog_api",
    schema: "catalog",
};
/// core-service's login for ingest and relay.
pub const CATALOG_SYSTEM: Login = Login {
    role: "bw_catalog_system",
    schema: "catalog",
};

/// Every login.
pub const LOGINS: [Login; 6] = [
    IDENTITY_API,
    IDENTITY_SYSTEM,
    CRAWL_API,
    CRAWL_SYSTEM,
    CATALOG_API,
    CATALOG_SYSTEM,
];

impl Login {
    /// The login's password, derived from the installation's secret so that it is stored nowhere.
    #[must_use]
    pub fn password(self, role_secret: &str) -> String {
        secrets::hmac_sha256_hex(role_secret.as_bytes(), self.role)
    }

    /// The address to sign in with, made from the administrator's one.
    ///
    /// # Errors
    /// When `admin_url` is no URL.
    pub fn url(self, admin_url: &str, role_secret: &str) -> Result<String, url::ParseError> {
        let mut url = url::Url::parse(admin_url)?;
        // Only addresses without a host refuse a login, and connecting refuses those.
        let _ = url.set_username(self.role);
        let _ = url.set_password(Some(&self.password(role_secret)));
        Ok(url.into())
    }
}
