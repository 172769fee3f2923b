//! `[database]`

use serde::Deserialize;
use url::Url;

use crate::{
    Problem, Secret,
    rule::{POSTGRES_URL, Rule, Rules},
};

/// Postgres and its logins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// The owner's login: migrations and provisioning; source of host and database name.
    pub url: Secret,
    /// A replica that lists, searches and histories are read from. Empty: there is none.
    pub read_url: Secret,
    /// Connections per process and schema for requests.
    pub api_pool: u32,
    /// Connections per process and schema for background work.
    pub system_pool: u32,
    /// The services' passwords are derived from it.
    pub role_secret: Secret,
    /// Overrides the derived URL of that login; so do the five below.
    pub identity_api_url: Secret,
    /// See `identity_api_url`.
    pub identity_system_url: Secret,
    /// See `identity_api_url`.
    pub catalog_api_url: Secret,
    /// See `identity_api_url`.
    pub catalog_system_url: Secret,
    /// See `identity_api_url`.
    pub crawl_api_url: Secret,
    /// See `identity_api_url`.
    pub crawl_system_url: Secret,
}

pub(crate) const RULES: Rules = &[
    ("url", POSTGRES_URL),
    ("read_url", POSTGRES_URL),
    ("api_pool", Rule::Within(1, 500)),
    ("system_pool", Rule::Within(1, 500)),
    ("role_secret", Rule::Secret(16)),
    ("identity_api_url", POSTGRES_URL),
    ("identity_system_url", POSTGRES_URL),
    ("catalog_api_url", POSTGRES_URL),
    ("catalog_system_url", POSTGRES_URL),
    ("crawl_api_url", POSTGRES_URL),
    ("crawl_system_url", POSTGRES_URL),
];

/// The services' database logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "schema and login, as the names say")]
pub enum DatabaseRole {
    IdentityApi,
    IdentitySystem,
    CatalogApi,
    CatalogSystem,
    CrawlApi,
    CrawlSystem,
}

impl DatabaseRole {
    /// All six.
    pub const ALL: [Self; 6] = [
        Self::IdentityApi,
        Self::IdentitySystem,
        Self::CatalogApi,
        Self::CatalogSystem,
        Self::CrawlApi,
        Self::CrawlSystem,
    ];

    /// The login's name in Postgres.
    pub fn name(self) -> &'static str {
        match self {
            Self::IdentityApi => "bw_identity_api",
            Self::IdentitySystem => "bw_identity_system",
            Self::CatalogApi => "bw_catalog_api",
            Self::CatalogSystem => "bw_catalog_system",
            Self::CrawlApi => "bw_crawl_api",
            Self::CrawlSystem => "bw_crawl_system",
        }
    }
}

impl Database {
    /// The derived password of the login `role`: hex(HMAC-SHA256(role_secret, role)).
    pub fn role_password(&self, role: &str) -> Secret {
        secrets::hmac_sha256_hex(self.role_secret.expose(), role).into()
    }

    /// The URL that `role` connects with: its override, or the owner's URL with the role's name
    /// and derived password in it.
    ///
    /// # Errors
    /// A line naming `database.url` when that is not set or not a URL.
    pub fn role_url(&self, role: DatabaseRole) -> Result<Secret, Problem> {
        let explicit = match role {
            DatabaseRole::IdentityApi => &self.identity_api_url,
            DatabaseRole::IdentitySystem => &self.identity_system_url,
            DatabaseRole::CatalogApi => &self.catalog_api_url,
            DatabaseRole::CatalogSystem => &self.catalog_system_url,
            DatabaseRole::CrawlApi => &self.crawl_api_url,
            DatabaseRole::CrawlSystem => &self.crawl_system_url,
        };
        if explicit.is_set() {
            return Ok(explicit.clone());
        }
        self.login_at("database.url", &self.url, role)
    }

    /// The URL that `role` reads a replica with, if there is one.
    ///
    /// # Errors
    /// A line naming `database.read_url` when that is not a URL.
    pub fn replica_url(&self, role: DatabaseRole) -> Result<Option<Secret>, Problem> {
        if !self.read_url.is_set() {
            return Ok(None);
        }
        self.login_at("database.read_url", &self.read_url, role)
            .map(Some)
    }

    /// `role`'s login at the server and database of `url`.
    fn login_at(
        &self,
        key: &'static str,
        url: &Secret,
        role: DatabaseRole,
    ) -> Result<Secret, Problem> {
        let bad = || Problem::new(key, "must be postgres://user:password@host/database");
        let mut url = Url::parse(url.expose()).map_err(|_| bad())?;
        let password = self.role_password(role.name());
        url.set_username(role.name()).map_err(|()| bad())?;
        url.set_password(Some(password.expose()))
            .map_err(|()| bad())?;
        Ok(String::from(url).into())
    }
}
