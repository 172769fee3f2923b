//! How a source spells its brands, series and categories.

use domain::spelling;
use sea_orm::sqlx::{self, PgConnection};
use sea_orm::{DbErr, FromQueryResult};

use super::content::Learnt;
use crate::ingest::content::Word;
use crate::sql::fetch;

#[derive(FromQueryResult)]
struct Spelled {
    place: i64,
    spelled: String,
    is_new: bool,
}

/// Gives brands, series and categories the spelling that the source's other listings have, and keeps those never seen.
///
/// Two batches that see a new word at the same instant may each keep their own spelling; the next look at one of the
/// listings sets it right. So it says whose words were new, by their places in `learnt`.
pub async fn match_known(
    connection: &mut PgConnection,
    learnt: &mut Learnt<'_>,
) -> Result<Vec<usize>, DbErr> {
    let (mut places, mut ids, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
    let (mut folded, mut told) = (Vec::new(), Vec::new());
    for (index, (id, _, content)) in learnt.iter().enumerate() {
        for word in Word::ALL {
            let Some(text) = word.told(content) else {
                continue;
            };
            let Some(fold) = spelling::fold(text) else {
                continue;
            };
            places.push((index, word));
            ids.push(*id);
            kinds.push(word.as_str());
            folded.push(fold);
            told.push(text.to_owned());
        }
    }
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query(MATCH)
        .bind(ids)
        .bind(kinds)
        .bind(folded)
        .bind(told);
    let rows: Vec<Spelled> = fetch(connection, query).await?;
    let mut new = Vec::new();
    for row in rows {
        let place = usize::try_from(row.place - 1)
            .ok()
            .and_then(|place| places.get(place));
        if let Some((index, word)) = place {
            *word.of(learnt[*index].2.to_mut()) = Some(row.spelled);
            new.extend(row.is_new.then_some(*index));
        }
    }
    Ok(new)
}

/// Says only which words are spelled otherwise than told, or new.
const MATCH: &str = "
with told as (
    select t.place, l.source, l.owner_tenant_id, t.kind, t.folded, t.spelled
    from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) with ordinality
         as t (id, kind, folded, spelled, place)
    join catalog.listing l on l.id = t.id
), known as (
    select t.*, s.spelled as known
    from told t
    left join catalog.spelling s on s.source = t.source and s.kind = t.kind and s.folded = t.folded
         and s.owner_tenant_id is not distinct from t.owner_tenant_id
), first as (
    select distinct on (source, kind, folded, owner_tenant_id) source, kind, folded, owner_tenant_id, spelled
    from known
    where known is null
    order by source, kind, folded, owner_tenant_id, place
), made as (
    insert into catalog.spelling (source, kind, folded, owner_tenant_id, spelled)
    select * from first
    on conflict on constraint spelling_name do nothing
)
select k.place, coalesce(k.known, f.spelled) as spelled, k.known is null as is_new
from known k
left join first f on f.source = k.source and f.kind = k.kind and f.folded = k.folded
     and f.owner_tenant_id is not distinct from k.owner_tenant_id
where k.known is null or k.known <> k.spelled";
