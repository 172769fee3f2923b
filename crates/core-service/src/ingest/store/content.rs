//! What listings say of themselves.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};
use domain::alert::{ContentChange, ContentField};
use domain::listing::Flags;
use sea_orm::sqlx::{self, PgConnection};
use sea_orm::{DbErr, FromQueryResult};

use super::looks::Relearnt;
use super::spelling;
use crate::ingest::content::NewContent;
use crate::sql::{PgQuery, execute, fetch};

/// Listings, when they were looked at, and what they said.
pub type Learnt<'a> = Vec<(i64, DateTime<Utc>, Cow<'a, NewContent>)>;

/// Merges what the newest looks said into what is known; rows that would not change are not written. Says whose title,
/// pictures or bullet points are others than before; what was not known before is no change.
pub async fn learn(
    connection: &mut PgConnection,
    learnt: Learnt<'_>,
) -> Result<Vec<Relearnt>, DbErr> {
    let (mut learnt, mut digests) = said_anew(connection, learnt).await?;
    if learnt.is_empty() {
        return Ok(Vec::new());
    }
    for place in spelling::match_known(connection, &mut learnt).await? {
        digests[place] = None;
    }
    let rows: Vec<RelearntRow> =
        fetch(connection, bound(sqlx::query(LEARN), &learnt).bind(digests)).await?;
    Ok(rows.into_iter().filter_map(relearnt).collect())
}

/// Adds what older looks said, where nothing is known. They do not tell what a listing says now.
pub async fn fill(connection: &mut PgConnection, mut learnt: Learnt<'_>) -> Result<(), DbErr> {
    if learnt.is_empty() {
        return Ok(());
    }
    spelling::match_known(connection, &mut learnt).await?;
    execute(connection, bound(sqlx::query(FILL), &learnt)).await?;
    Ok(())
}

/// Leaves out what was learnt of the same listing the last time; with the digests of the rest.
async fn said_anew<'a>(
    connection: &mut PgConnection,
    learnt: Learnt<'a>,
) -> Result<(Learnt<'a>, Vec<Option<i64>>), DbErr> {
    if learnt.is_empty() {
        return Ok((learnt, Vec::new()));
    }
    let ids: Vec<i64> = learnt.iter().map(|(id, _, _)| *id).collect();
    let query = sqlx::query(
        "select listing_id, digest from catalog.content_said where listing_id = any($1) and digest is not null",
    );
    let said: Vec<SaidRow> = fetch(connection, query.bind(ids)).await?;
    let said: HashMap<i64, i64> = said
        .into_iter()
        .map(|row| (row.listing_id, row.digest))
        .collect();
    Ok(learnt
        .into_iter()
        .filter_map(|one| {
            let digest = digest(&one.2);
            (said.get(&one.0) != Some(&digest)).then_some((one, Some(digest)))
        })
        .unzip())
}

/// What tells contents apart. Another release may reckon it otherwise: then they are learnt once more.
fn digest(content: &NewContent) -> i64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish().cast_signed()
}

#[derive(FromQueryResult)]
struct SaidRow {
    listing_id: i64,
    digest: i64,
}

/// With the parameters that [`LEARN`] and [`FILL`] have in common.
fn bound<'q>(query: PgQuery<'q>, learnt: &Learnt<'_>) -> PgQuery<'q> {
    let list = |pick: fn(&NewContent) -> &Vec<String>| -> Vec<Option<serde_json::Value>> {
        let texts = learnt.iter().map(|(_, _, content)| pick(content));
        texts
            .map(|texts| (!texts.is_empty()).then(|| serde_json::json!(texts)))
            .collect()
    };
    let text = |pick: fn(&NewContent) -> &Option<String>| -> Vec<Option<String>> {
        learnt
            .iter()
            .map(|(_, _, content)| pick(content).clone())
            .collect()
    };
    let flag = |pick: fn(&Flags) -> bool| -> Vec<Option<bool>> {
        learnt
            .iter()
            .map(|(_, _, content)| content.flags.as_ref().map(pick))
            .collect()
    };
    let attributes: Vec<Option<serde_json::Value>> = learnt
        .iter()
        .map(|(_, _, content)| &content.attributes)
        .map(|attributes| (!attributes.is_empty()).then(|| serde_json::json!(attributes)))
        .collect();
    query
        .bind(learnt.iter().map(|(id, _, _)| *id).collect::<Vec<_>>())
        .bind(learnt.iter().map(|(_, at, _)| *at).collect::<Vec<_>>())
        .bind(text(|content| &content.url))
        .bind(text(|content| &content.title))
        .bind(text(|content| &content.brand))
        .bind(text(|content| &content.series))
        .bind(text(|content| &content.category))
        .bind(list(|content| &content.images))
        .bind(list(|content| &content.features))
        .bind(attributes)
        .bind(flag(|flags| flags.new))
        .bind(flag(|flags| flags.limited))
        .bind(flag(|flags| flags.pre_order))
        .bind(flag(|flags| flags.blind_box))
        .bind(text(|content| &content.description))
        .bind(list(|content| &content.videos))
}

#[derive(FromQueryResult)]
struct RelearntRow {
    id: i64,
    at: DateTime<Utc>,
    old_title: Option<String>,
    old_images: serde_json::Value,
    old_features: serde_json::Value,
    title: Option<String>,
    images: serde_json::Value,
    features: serde_json::Value,
}

fn relearnt(row: RelearntRow) -> Option<Relearnt> {
    let title = |title: Option<String>| title.into_iter().collect();
    // Written from the same type.
    let list = |list: serde_json::Value| serde_json::from_value(list).unwrap_or_default();
    let parts: [(ContentField, Vec<String>, Vec<String>); 3] = [
        (ContentField::Title, title(row.old_title), title(row.title)),
        (ContentField::Images, list(row.old_images), list(row.images)),
        (
            ContentField::Features,
            list(row.old_features),
            list(row.features),
        ),
    ];
    let changes: Vec<ContentChange> = parts
        .into_iter()
        .filter(|(_, before, after)| !before.is_empty() && before != after)
        .map(|(field, before, after)| ContentChange {
            field,
            before,
            after,
        })
        .collect();
    (!changes.is_empty()).then_some(Relearnt {
        listing_id: row.id,
        at: row.at,
        changes,
    })
}

const LEARN: &str = "
with learnt as (
    select l.id, n.at, l.title as old_title, l.images as old_images, l.features as old_features,
           coalesce(n.url, l.url) as url, coalesce(n.title, l.title) as title, coalesce(n.brand, l.brand) as brand,
           coalesce(n.series, l.series) as series, coalesce(n.category, l.category) as category,
           coalesce(n.images, l.images) as images, coalesce(n.features, l.features) as features,
           coalesce(n.attributes, l.attributes) as attributes, coalesce(n.is_new, l.is_new) as is_new,
           coalesce(n.is_limited, l.is_limited) as is_limited,
           coalesce(n.is_pre_order, l.is_pre_order) as is_pre_order,
           coalesce(n.is_blind_box, l.is_blind_box) as is_blind_box,
           coalesce(n.description, l.description) as description, coalesce(n.videos, l.videos) as videos, n.digest
    from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::jsonb[], $9::jsonb[], $10::jsonb[], $11::boolean[], $12::boolean[], $13::boolean[], $14::boolean[],
                $15::text[], $16::jsonb[], $17::bigint[])
         as n (id, at, url, title, brand, series, category, images, features, attributes, is_new, is_limited,
               is_pre_order, is_blind_box, description, videos, digest)
    join catalog.listing l on l.id = n.id and (l.content_at is null or l.content_at <= n.at)
), said as (
    insert into catalog.content_said as s (listing_id, digest)
    select id, digest from learnt
    on conflict (listing_id) do update set digest = excluded.digest where s.digest is distinct from excluded.digest
), written as (
update catalog.listing l
set (url, title, brand, series, category, images, features, attributes, is_new, is_limited, is_pre_order,
     is_blind_box, description, videos, content_at)
  = (n.url, n.title, n.brand, n.series, n.category, n.images, n.features, n.attributes, n.is_new, n.is_limited,
     n.is_pre_order, n.is_blind_box, n.description, n.videos, n.at)
from learnt n
where l.id = n.id
  and (l.url, l.title, l.brand, l.series, l.category, l.images, l.features, l.attributes, l.is_new, l.is_limited,
       l.is_pre_order, l.is_blind_box, l.description, l.videos)
      is distinct from
      (n.url, n.title, n.brand, n.series, n.category, n.images, n.features, n.attributes, n.is_new, n.is_limited,
       n.is_pre_order, n.is_blind_box, n.description, n.videos)
returning l.id, n.at, n.old_title, n.old_images, n.old_features, n.title, n.images, n.features
)
select * from written where (old_title, old_images, old_features) is distinct from (title, images, features)";

/// Parameters as of [`LEARN`], but for the last.
const FILL: &str = "
with learnt as (
    select l.id, n.at, coalesce(nullif(l.url, ''), n.url, l.url) as url, coalesce(l.title, n.title) as title,
           coalesce(l.brand, n.brand) as brand, coalesce(l.series, n.series) as series,
           coalesce(l.category, n.category) as category,
           coalesce(nullif(l.images, '[]'), n.images, l.images) as images,
           coalesce(nullif(l.features, '[]'), n.features, l.features) as features,
           coalesce(nullif(l.attributes, '{}'), n.attributes, l.attributes) as attributes,
           coalesce(l.content_at, n.at) as content_at,
           case when l.content_at is null then coalesce(n.is_new, l.is_new) else l.is_new end as is_new,
           case when l.content_at is null then coalesce(n.is_limited, l.is_limited) else l.is_limited end as is_limited,
           case when l.content_at is null then coalesce(n.is_pre_order, l.is_pre_order) else l.is_pre_order end as is_pre_order,
           case when l.content_at is null then coalesce(n.is_blind_box, l.is_blind_box) else l.is_blind_box end as is_blind_box,
           coalesce(l.description, n.description) as description,
           coalesce(nullif(l.videos, '[]'), n.videos, l.videos) as videos
    from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::jsonb[], $9::jsonb[], $10::jsonb[], $11::boolean[], $12::boolean[], $13::boolean[], $14::boolean[],
                $15::text[], $16::jsonb[])
         as n (id, at, url, title, brand, series, category, images, features, attributes, is_new, is_limited,
               is_pre_order, is_blind_box, description, videos)
    join catalog.listing l on l.id = n.id
)
update catalog.listing l
set (url, title, brand, series, category, images, features, attributes, is_new, is_limited, is_pre_order,
     is_blind_box, description, videos, content_at)
  = (n.url, n.title, n.brand, n.series, n.category, n.images, n.features, n.attributes, n.is_new, n.is_limited,
     n.is_pre_order, n.is_blind_box, n.description, n.videos, n.content_at)
from learnt n
where l.id = n.id
  and (l.url, l.title, l.brand, l.series, l.category, l.images, l.features, l.attributes, l.is_new, l.is_limited,
       l.is_pre_order, l.is_blind_box, l.description, l.videos)
      is distinct from
      (n.url, n.title, n.brand, n.series, n.category, n.images, n.features, n.attributes, n.is_new, n.is_limited,
       n.is_pre_order, n.is_blind_box, n.description, n.videos)";

/// What events say of a product besides figures.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Head {
    /// The listing.
    pub id: i64,
    /// Its name as listed.
    pub title: Option<String>,
    /// Its main picture.
    pub image_url: Option<String>,
}

/// The heads of listings.
pub async fn heads(
    connection: &mut PgConnection,
    listing_ids: Vec<i64>,
) -> Result<Vec<Head>, DbErr> {
    let query = sqlx::query(
        "select id, title, images ->> 0 as image_url from catalog.listing where id = any($1)",
    );
    fetch(connection, query.bind(listing_ids)).await
}
