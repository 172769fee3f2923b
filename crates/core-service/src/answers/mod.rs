//! Answers that are kept, and reads that a replica can give.
//!
//! The database tells every process in the moment of a commit which listings changed, were watched or unwatched
//! (`catalog.tell_changed`); [`feed`] hears it and makes what is kept about them worthless. A process that does not
//! hear answers nothing from what it kept. By the same way processes hear that listings were deleted, whose names ingest
//! remembers.

pub mod feed;
mod recent;
pub mod warm;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::Response;
use cache::{Answer, Cache, Class};
use db::{ApiPool, Replica, TenantTx};
use http_kit::etag::Tagged;
use http_kit::{ApiError, ApiResult, ErrorCode};
use sea_orm::sqlx::{self, PgConnection};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use uuid::Uuid;

use crate::error::database;
use crate::ingest::KnownNames;
use crate::sql::{execute, fetch};
use feed::Roll;
use recent::Recent;

/// How long each class is kept at most.
#[derive(Debug, Clone, Copy)]
pub struct Lives {
    /// Single products.
    pub answers: Duration,
    /// Histories.
    pub history: Duration,
    /// Statistics.
    pub aggregates: Duration,
}

impl From<&config::Cache> for Lives {
    fn from(config: &config::Cache) -> Self {
        Self {
            answers: Duration::from_secs(config.answer_seconds),
            history: Duration::from_secs(config.history_seconds),
            aggregates: Duration::from_secs(config.aggregate_seconds),
        }
    }
}

/// What answers are about, which is how long they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// One product.
    Product,
    /// Its history.
    History,
    /// Its statistics.
    Statistics,
}

/// What is asked for: an answer about one product for one tenant.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What about it.
    pub about: About,
    /// Whose answer.
    pub tenant: Uuid,
    /// The product.
    pub listing: i64,
    /// What else it depends on, read and written in one form; nothing for what hardly anybody asks again, which is not
    /// kept.
    pub variant: Option<&'a str>,
}

/// How the statements of a read are planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planned {
    /// As Postgres sees fit.
    Freely,
    /// Once a connection; see [`TenantTx::begin_planning_once`].
    Once,
}

/// What answers are made with; cheap to clone.
#[derive(Clone, Debug)]
pub struct Answers {
    cache: Cache,
    lives: Lives,
    replica: Option<Replica>,
    recent: Arc<Recent>,
    roll: Arc<Roll>,
    names: Arc<KnownNames>,
}

impl Answers {
    pub(crate) fn new(
        cache: Cache,
        lives: Lives,
        replica: Option<Replica>,
        names: Arc<KnownNames>,
    ) -> Self {
        Self {
            cache,
            lives,
            replica,
            names,
            recent: Arc::default(),
            roll: Arc::default(),
        }
    }

    /// What is kept.
    #[must_use]
    pub const fn cache(&self) -> &Cache {
        &self.cache
    }

    /// The replica, if there is one.
    #[must_use]
    pub const fn replica(&self) -> Option<&Replica> {
        self.replica.as_ref()
    }

    /// The class of single products.
    #[must_use]
    pub fn products(&self) -> Class {
        self.class(About::Product)
    }

    fn class(&self, about: About) -> Class {
        let (name, life) = match about {
            About::Product => ("product", self.lives.answers),
            About::History => ("history", self.lives.history),
            About::Statistics => ("statistics", self.lives.aggregates),
        };
        Class { name, life }
    }

    /// The answer to a request with these headers, kept or read now; 304 when the caller has just that.
    ///
    /// # Errors
    /// What `read` says.
    pub async fn respond<T, F, Fut>(
        &self,
        headers: &HeaderMap,
        wanted: Wanted<'_>,
        read: F,
    ) -> ApiResult<Response>
    where
        T: Serialize,
        F: Fn() -> Fut,
        Fut: Future<Output = ApiResult<T>>,
    {
        let Some(variant) = wanted.variant else {
            return Ok(Tagged::of(&Box::pin(read()).await?)?.respond(headers));
        };
        let kept = self.kept(wanted, variant, read).await?;
        Ok(Tagged::respond_with(&kept.body, &kept.tag, headers))
    }

    async fn kept<T, F, Fut>(
        &self,
        wanted: Wanted<'_>,
        variant: &str,
        read: F,
    ) -> ApiResult<Arc<Answer>>
    where
        T: Serialize,
        F: Fn() -> Fut,
        Fut: Future<Output = ApiResult<T>>,
    {
        let Wanted {
            about,
            tenant,
            listing,
            ..
        } = wanted;
        let read = || {
            let read = read();
            async {
                let Tagged { body, tag } = Tagged::of(&read.await?)?;
                Ok(Answer { body, tag })
            }
        };
        let class = self.class(about);
        let answer = self.cache.answer(class, tenant, listing, variant, read);
        answer.await.map_err(ApiError::shared)
    }

    /// Reads as a tenant: from the replica, unless that is not ready or the tenant has just changed what it watches,
    /// which people expect to see at once. `read` gives the transaction back.
    ///
    /// # Errors
    /// What `read` says.
    pub async fn read<T, F, Fut>(
        &self,
        first: &ApiPool,
        tenant: Uuid,
        planned: Planned,
        read: F,
    ) -> ApiResult<T>
    where
        F: Fn(TenantTx) -> Fut,
        Fut: Future<Output = ApiResult<(TenantTx, T)>>,
    {
        if let Some((replica, pool)) = self.replica_for(tenant) {
            match within(pool, tenant, planned, &read).await {
                Err(error) if error.code() == ErrorCode::Unavailable => replica.failed(),
                answered => return answered,
            }
        }
        within(first, tenant, planned, &read).await
    }

    fn replica_for(&self, tenant: Uuid) -> Option<(&Replica, &ApiPool)> {
        let replica = self.replica.as_ref()?;
        let pool = replica.ready()?;
        (!self.recent.wrote(tenant)).then_some((replica, pool))
    }
}

impl Answers {
    /// As [`Answers::read`], for what is kept: from the replica only where it has the product's newest look, and nothing
    /// else of the product changed just now, such as by a look that came late; so nothing old is kept.
    ///
    /// # Errors
    /// What `read` says.
    pub async fn read_following<T, F, Fut>(
        &self,
        first: &ApiPool,
        wanted: Wanted<'_>,
        planned: Planned,
        read: F,
    ) -> ApiResult<T>
    where
        F: Fn(TenantTx) -> Fut,
        Fut: Future<Output = ApiResult<(TenantTx, T)>>,
    {
        let Wanted {
            tenant, listing, ..
        } = wanted;
        let changed = self.recent.changed(listing);
        if let Some((replica, pool)) = self.replica_for(tenant).filter(|_| !changed) {
            let newest = version(first, tenant, listing).await?;
            let read = &read;
            let follows = |tx: TenantTx| async move {
                if newest.is_none() || there(&tx, listing).await? != newest {
                    return Ok((tx, None));
                }
                let (tx, answer) = read(tx).await?;
                Ok((tx, Some(answer)))
            };
            match within(pool, tenant, planned, &follows).await {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {}
                Err(error) if error.code() == ErrorCode::Unavailable => replica.failed(),
                Err(error) => return Err(error),
            }
        }
        within(first, tenant, planned, &read).await
    }
}

/// Tells all processes, when the transaction commits, of which listings answers are out of date. For what no trigger
/// tells: history is written without any, because most of what it tells is told by the state.
///
/// # Errors
/// When the database fails.
pub async fn tell_changed(
    connection: &mut PgConnection,
    listings: impl IntoIterator<Item = i64>,
) -> Result<(), DbErr> {
    let listings: Vec<i64> = listings.into_iter().collect();
    if listings.is_empty() {
        return Ok(());
    }
    let tell = sqlx::query("select catalog.tell_changed($1)");
    execute(connection, tell.bind(listings)).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Version {
    state_version: i64,
}

/// Of a product's newest look, in the first database.
async fn version(first: &ApiPool, tenant: Uuid, listing: i64) -> ApiResult<Option<i64>> {
    let query = sqlx::query("select state_version from catalog.product_of($1, $2)")
        .bind(tenant)
        .bind(listing);
    let found = first.read(query).await.map_err(database)?;
    let version = found.first().map(|row| row.try_get("", "state_version"));
    version.transpose().map_err(database)
}

/// The same as this transaction sees it.
async fn there(tx: &TenantTx, listing: i64) -> ApiResult<Option<i64>> {
    let query = sqlx::query("select state_version from catalog.product where id = $1");
    let found: Vec<Version> = fetch(&mut *tx.sqlx().await, query.bind(listing))
        .await
        .map_err(database)?;
    Ok(found.first().map(|found| found.state_version))
}

async fn within<T, F, Fut>(pool: &ApiPool, tenant: Uuid, planned: Planned, read: &F) -> ApiResult<T>
where
    F: Fn(TenantTx) -> Fut,
    Fut: Future<Output = ApiResult<(TenantTx, T)>>,
{
    let begun = match planned {
        Planned::Freely => TenantTx::begin(pool, tenant).await,
        Planned::Once => TenantTx::begin_planning_once(pool, tenant).await,
    };
    let (tx, answer) = read(begun.map_err(database)?).await?;
    // There is nothing to make last, and nobody has to wait for the end of it.
    drop(tx);
    Ok(answer)
}
