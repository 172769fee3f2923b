//! Which listing a name means, and variants never seen before.

use std::collections::BTreeMap;

use sea_orm::sqlx::{self, PgConnection};
use sea_orm::{DbErr, FromQueryResult};

use crate::ingest::incoming::ListingName;
use crate::sql::{PgQuery, execute, fetch};

/// A listing found by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: i64,
    /// Its parent's, for a variant.
    pub parent_id: Option<i64>,
}

#[derive(FromQueryResult)]
struct FoundRow {
    position: i64,
    id: i64,
    parent_id: Option<i64>,
}

/// Finds listings; names of no listing are left out.
pub async fn resolve(
    connection: &mut PgConnection,
    names: &[ListingName],
) -> Result<BTreeMap<ListingName, Found>, DbErr> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = sqlx::query(
        "select n.position, l.id, l.parent_id
         from unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) with ordinality
              as n (source, marketplace, external_id, owner_tenant_id, position)
         join catalog.listing l on l.source = n.source and l.marketplace = n.marketplace
              and l.external_id = n.external_id and l.owner_tenant_id is not distinct from n.owner_tenant_id",
    );
    let rows: Vec<FoundRow> = fetch(connection, bind_names(query, names)).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let index = usize::try_from(row.position - 1).ok()?;
            let found = Found {
                id: row.id,
                parent_id: row.parent_id,
            };
            Some((names.get(index)?.clone(), found))
        })
        .collect())
}

/// A variant to make, or to put under its parent.
#[derive(Debug, Clone)]
pub struct NewVariant {
    /// Its own name.
    pub name: ListingName,
    /// Its parent's id.
    pub parent_id: i64,
}

/// Makes the variants that do not exist, hangs those that existed without a parent under theirs, and lets everybody
/// who watches a parent watch them too.
///
/// Runs in a transaction of its own: it holds the parents' rows, and a tracking that is being made at the same time
/// holds them too (by its watch's foreign key), so one of the two sees the other's work.
pub async fn make_variants(
    connection: &mut PgConnection,
    mut variants: Vec<NewVariant>,
) -> Result<(), DbErr> {
    variants.sort_by(|a, b| a.name.cmp(&b.name));
    variants.dedup_by(|a, b| a.name == b.name);
    let parents: Vec<i64> = variants.iter().map(|variant| variant.parent_id).collect();
    let lock =
        sqlx::query("select 1 from catalog.listing where id = any($1) order by id for update");
    execute(connection, lock.bind(&parents)).await?;
    let names: Vec<ListingName> = variants.into_iter().map(|variant| variant.name).collect();
    execute(
        connection,
        bind_names(sqlx::query(MAKE), &names).bind(&parents),
    )
    .await?;
    execute(
        connection,
        bind_names(sqlx::query(ADOPT), &names).bind(&parents),
    )
    .await?;
    execute(connection, sqlx::query(WATCH_VARIANTS).bind(&parents)).await?;
    Ok(())
}

const MAKE: &str = "
with wanted as (
    select n.*, p.url
    from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::bigint[])
         as n (source, marketplace, external_id, owner_tenant_id, parent_id)
    join catalog.listing p on p.id = n.parent_id
), made as (
    insert into catalog.listing (source, marketplace, external_id, owner_tenant_id, parent_id, url)
    select source, marketplace, external_id, owner_tenant_id, parent_id, url from wanted
    on conflict on constraint listing_name do nothing
    returning id
)
insert into catalog.listing_state (listing_id) select id from made";

/// A family has two levels: neither a parent nor a variant of another becomes a variant.
const ADOPT: &str = "
update catalog.listing l set parent_id = n.parent_id
from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::bigint[])
     as n (source, marketplace, external_id, owner_tenant_id, parent_id)
join catalog.listing p on p.id = n.parent_id and p.parent_id is null
where l.source = n.source and l.marketplace = n.marketplace and l.external_id = n.external_id
  and l.owner_tenant_id is not distinct from n.owner_tenant_id
  and l.parent_id is null and l.id <> n.parent_id
  and not exists (select from catalog.listing child where child.parent_id = l.id)";

const WATCH_VARIANTS: &str = "
insert into catalog.watch (tenant_id, listing_id)
select w.tenant_id, v.id
from catalog.listing v
join catalog.watch w on w.listing_id = v.parent_id
where v.parent_id = any($1)
  and not exists (select from catalog.watch known where known.tenant_id = w.tenant_id and known.listing_id = v.id)
order by w.tenant_id, v.id
on conflict do nothing";

/// Binds `$1` to `$4`.
fn bind_names<'q>(query: PgQuery<'q>, names: &[ListingName]) -> PgQuery<'q> {
    let column = |text: fn(&ListingName) -> String| names.iter().map(text).collect::<Vec<_>>();
    query
        .bind(column(|name| name.source.as_str().to_owned()))
        .bind(column(|name| name.marketplace.clone()))
        .bind(column(|name| name.external_id.clone()))
        .bind(names.iter().map(|name| name.owner).collect::<Vec<_>>())
}
