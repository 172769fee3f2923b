//! Categories: keywords that are watched in several sources.

use chrono::{DateTime, Utc};
use db::TenantTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;

/// A category's row.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Category {
    /// Its id; later ones are greater.
    pub id: Uuid,
    /// For people; the tenant has no two of one name.
    pub name: String,
    /// What is searched for.
    pub keywords: Vec<String>,
    /// Whether that is done by the clock.
    pub auto_crawl: bool,
    /// Where; `None`: wherever it costs nothing.
    pub sources: Option<Vec<String>>,
    /// `None`: each source's first.
    pub marketplace: Option<String>,
    /// Between two runs.
    pub interval_seconds: i32,
    /// Whether new hits are told of.
    pub alert: bool,
    /// How many hits each of its monitors may track by itself.
    pub track_up_to: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When a person changed it.
    pub updated_at: DateTime<Utc>,
}

const COLUMNS: &str = "id, name, keywords, auto_crawl, sources, marketplace, interval_seconds, alert, track_up_to, \
                       created_at, updated_at";

/// Stores a category, new or changed.
///
/// # Errors
/// When the statement fails; `category_name` when another of the tenant's has the name.
pub async fn put(tx: &TenantTx, category: &Category) -> Result<(), DbErr> {
    let sql = format!(
        "insert into crawl.category (tenant_id, {COLUMNS})
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (tenant_id, id) do update
             set name = excluded.name, keywords = excluded.keywords, auto_crawl = excluded.auto_crawl,
                 sources = excluded.sources, marketplace = excluded.marketplace,
                 interval_seconds = excluded.interval_seconds, alert = excluded.alert,
                 track_up_to = excluded.track_up_to, updated_at = excluded.updated_at"
    );
    let values = [
        tx.tenant_id().into(),
        category.id.into(),
        category.name.as_str().into(),
        category.keywords.clone().into(),
        category.auto_crawl.into(),
        category.sources.clone().into(),
        category.marketplace.as_deref().into(),
        category.interval_seconds.into(),
        category.alert.into(),
        category.track_up_to.into(),
        category.created_at.into(),
        category.updated_at.into(),
    ];
    tx.execute_raw(statement(&sql, values)).await?;
    Ok(())
}

/// One category; `None`: the tenant has none with this id.
///
/// # Errors
/// When the statement fails.
pub async fn get(tx: &TenantTx, id: Uuid) -> Result<Option<Category>, DbErr> {
    let sql = format!("select {COLUMNS} from crawl.category where tenant_id = $1 and id = $2");
    Category::find_by_statement(statement(&sql, [tx.tenant_id().into(), id.into()]))
        .one(tx)
        .await
}

/// The same, locked.
///
/// # Errors
/// When the statement fails.
pub async fn lock(tx: &TenantTx, id: Uuid) -> Result<Option<Category>, DbErr> {
    let sql =
        format!("select {COLUMNS} from crawl.category where tenant_id = $1 and id = $2 for update");
    Category::find_by_statement(statement(&sql, [tx.tenant_id().into(), id.into()]))
        .one(tx)
        .await
}

/// Categories, the latest first, from before `before` on.
///
/// # Errors
/// When the statement fails.
pub async fn list(tx: &TenantTx, before: Option<Uuid>, limit: u32) -> Result<Vec<Category>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from crawl.category where tenant_id = $1 and ($2::uuid is null or id < $2)
         order by id desc limit $3"
    );
    let values = [
        tx.tenant_id().into(),
        before.into(),
        i64::from(limit).into(),
    ];
    Category::find_by_statement(statement(&sql, values))
        .all(tx)
        .await
}

/// Those whose sources are not named, locked: a credential that comes or goes changes where they search.
///
/// # Errors
/// When the statement fails.
pub async fn everywhere(tx: &TenantTx) -> Result<Vec<Category>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from crawl.category where tenant_id = $1 and sources is null order by id for update"
    );
    Category::find_by_statement(statement(&sql, [tx.tenant_id().into()]))
        .all(tx)
        .await
}

/// How many the tenant has.
///
/// # Errors
/// When the statement fails.
pub async fn count(tx: &TenantTx) -> Result<i64, DbErr> {
    let sql = "select count(*) as count from crawl.category where tenant_id = $1";
    let row = tx
        .query_one_raw(statement(sql, [tx.tenant_id().into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "count"))
}

/// Deletes one, whose monitors have ended.
///
/// # Errors
/// When the statement fails.
pub async fn delete(tx: &TenantTx, id: Uuid) -> Result<(), DbErr> {
    let sql = "delete from crawl.category where tenant_id = $1 and id = $2";
    tx.execute_raw(statement(sql, [tx.tenant_id().into(), id.into()]))
        .await?;
    Ok(())
}
