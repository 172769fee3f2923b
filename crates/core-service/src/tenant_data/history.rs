//! Histories as tables: a file a source and marketplace, in the columns that an import reads.

use chrono::{DateTime, TimeDelta, Utc};
use db::TenantTx;
use db::tenant_data::Parts;
use sea_orm::{DbErr, FromQueryResult};

use crate::products::history::csv::{HEADER, Listing};
use crate::products::history::looks;
use crate::sql::statement;

/// Listings looked up at a time.
const PAGE: usize = 500;

#[derive(Clone, FromQueryResult)]
struct Head {
    id: i64,
    source: String,
    marketplace: String,
    external_id: String,
    title: Option<String>,
    own: bool,
}

impl Head {
    /// Before all others.
    fn none() -> Self {
        Self {
            id: 0,
            source: String::new(),
            marketplace: String::new(),
            external_id: String::new(),
            title: None,
            own: false,
        }
    }

    /// Own listings have a file of their own: an id may be there twice, once for all and once for the tenant.
    fn file(&self) -> String {
        let own = if self.own { "-own" } else { "" };
        format!("history/{}-{}{own}.csv", self.source, self.marketplace)
    }
}

/// Writes every look that the tenant's plan shows, listing after listing.
pub async fn tell(
    tx: &TenantTx,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    parts: &mut Parts,
) -> Result<(), DbErr> {
    let mut last = Head::none();
    let mut file = String::new();
    loop {
        let heads = next(tx, &last).await?;
        let Some(newest) = heads.last() else {
            return Ok(());
        };
        last = newest.clone();
        for head in heads {
            if head.file() != file {
                file = head.file();
                parts.file(&file).await?;
                parts.head(HEADER).await?;
            }
            tell_one(tx, &head, from, to, parts).await?;
            parts.step();
        }
    }
}

async fn next(tx: &TenantTx, after: &Head) -> Result<Vec<Head>, DbErr> {
    let sql = format!(
        "select id, source, marketplace, external_id, title, owner_tenant_id is not null as own
         from catalog.product
         where (source, marketplace, owner_tenant_id is not null, id) > ($1, $2, $3, $4)
         order by source, marketplace, owner_tenant_id is not null, id limit {PAGE}"
    );
    let values = [
        after.source.as_str().into(),
        after.marketplace.as_str().into(),
        after.own.into(),
        after.id.into(),
    ];
    Head::find_by_statement(statement(sql, values))
        .all(tx)
        .await
}

async fn tell_one(
    tx: &TenantTx,
    head: &Head,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    parts: &mut Parts,
) -> Result<(), DbErr> {
    let listing = Listing::new(&head.external_id, head.title.as_deref());
    let mut held = looks::held_before(tx, head.id, from).await?;
    let mut after = from - TimeDelta::microseconds(1);
    loop {
        let rows = looks::page(tx, head.id, after, to).await?;
        let more = rows.len() >= looks::PAGE;
        let (mut text, mut records) = (String::new(), 0);
        for row in rows {
            after = row.observed_at;
            if row.full {
                held = row.values.into();
            }
            listing.write(row.observed_at, &held, &mut text);
            records += 1;
        }
        parts.add(&text, records).await?;
        if !more {
            return Ok(());
        }
    }
}
