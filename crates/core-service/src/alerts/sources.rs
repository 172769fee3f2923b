//! Telling tenants that a source they follow is in trouble, or answers again.

use chrono::{DateTime, Utc};
use connectors::{Ability, Ownership};
use contracts::messages::v1::SourceChanged;
use db::outbox::{self, Schema};
use db::{SystemPool, SystemTx};
use domain::alert::Severity;
use domain::source::Source;
use sea_orm::DbErr;
use sea_orm::sqlx::{self, AssertSqlSafe};
use uuid::Uuid;

use super::view::{Alert, AlertRow, COLUMNS};
use super::{plain, shortened};
use crate::sql::fetch;

/// A change of a source's state, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    source: Source,
    /// The part of it; `None`: the whole.
    scope: Option<String>,
    open: bool,
    message: String,
    owner: Option<Uuid>,
    at: DateTime<Utc>,
}

/// Nothing: it concerns nobody.
pub(crate) fn read(changed: SourceChanged, at: DateTime<Utc>) -> Result<Option<Change>, String> {
    let SourceChanged {
        source,
        scope,
        open,
        reason,
        owner_tenant_id,
        probe_at_unix: _,
    } = changed;
    let source: Source = source
        .parse()
        .map_err(|error: domain::source::UnknownSource| error.to_string())?;
    let about = connectors::about(source).ok_or_else(|| format!("`{source}` is not a source"))?;
    let reason = shortened(&plain(&reason));
    // An account's name says nothing to people, and may be another tenant's.
    let account = !scope.is_empty() && about.ownership == Ownership::Tenant;
    if account && owner_tenant_id.is_none() {
        return Ok(None);
    }
    let part = if scope.is_empty() || account {
        about.name
    } else {
        &scope
    };
    let message = match (open, reason.is_empty()) {
        (true, false) => reason,
        (true, true) => format!("{part} refuses us; we leave it alone for a while"),
        (false, _) => format!("{part} answers again"),
    };
    Ok(Some(Change {
        source,
        open,
        message,
        owner: owner_tenant_id
            .map(|id| {
                id.parse()
                    .map_err(|_| "an owner that is no UUID".to_owned())
            })
            .transpose()?,
        at,
        scope: Some(scope).filter(|scope| !scope.is_empty()),
    }))
}

/// Raises one alert for each tenant that follows the source, and tells of those that are new.
pub(crate) async fn tell(pool: &SystemPool, change: Change) -> Result<(), DbErr> {
    let (kind, severity) = if change.open {
        ("source_trouble", Severity::Warning)
    } else {
        ("source_recovered", Severity::Info)
    };
    // Where any shop can be tracked, a part is a host: who tracks nothing there must not even learn of it.
    let any_shop = connectors::about(change.source)
        .is_some_and(|about| about.abilities.contains(&Ability::Candidates));
    let host = change.scope.clone().filter(|_| any_shop);
    let tx = SystemTx::begin(pool).await?;
    let mut connection = tx.sqlx().await;
    let sql = format!("{RAISE} returning {COLUMNS}");
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(change.source.as_str())
        .bind(&change.scope)
        .bind(change.owner)
        .bind(host)
        .bind(kind)
        .bind(severity.as_str())
        .bind(&change.message)
        .bind(change.at);
    let raised: Vec<AlertRow> = fetch(&mut connection, query).await?;
    metrics::counter!("alerts_raised_total").increment(raised.len() as u64);
    let told = raised
        .into_iter()
        .map(|row| {
            let tenant_id = row.tenant_id;
            Alert::of(row, None).raised(tenant_id)
        })
        .collect();
    outbox::append(&mut connection, Schema::Catalog, told).await?;
    drop(connection);
    tx.commit().await
}

const RAISE: &str = "
insert into catalog.alert (tenant_id, id, kind, severity, before, after, occurred_at, source, scope, message)
select f.tenant_id, gen_random_uuid(), $5, $6, 'null', 'null', $8, $1, $2, $7
from (
    select distinct t.tenant_id
    from catalog.tracking t
    join catalog.listing l on l.id = t.listing_id
    where l.source = $1 and t.deleted_at is null and t.status = 'active'
      and ($3::uuid is null or t.tenant_id = $3)
      and ($4::text is null or split_part(split_part(l.url, '://', 2), '/', 1) in ($4, 'www.' || $4, 'm.' || $4))
) f
on conflict (tenant_id, source, scope, kind, occurred_at) where kind in ('source_trouble', 'source_recovered')
do nothing";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changed: SourceChanged) -> Result<Option<Change>, String> {
        super::read(changed, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn what_is_no_source_is_told_so() {
        let nobody = SourceChanged {
            source: "ebay".into(),
            ..SourceChanged::default()
        };
        assert_eq!(
            read(nobody).expect_err("no source"),
            "`ebay` is not a source"
        );
    }

    #[test]
    fn trouble_says_why_and_its_end_says_who() {
        let changed = |open, scope: &str| SourceChanged {
            source: "web".into(),
            scope: scope.into(),
            open,
            reason: if open {
                "three times 403".into()
            } else {
                String::new()
            },
            ..SourceChanged::default()
        };
        let read = |changed| read(changed).expect("read").expect("concerns some");
        let trouble = read(changed(true, "shop.example"));
        assert_eq!(trouble.message, "three times 403");
        assert_eq!(trouble.scope.as_deref(), Some("shop.example"));
        let end = read(changed(false, "shop.example"));
        assert_eq!(end.message, "shop.example answers again");
        assert_eq!(read(changed(false, "")).message, "Web answers again");
        let account = SourceChanged {
            source: "alibaba1688".into(),
            owner_tenant_id: Some(Uuid::nil().to_string()),
            ..changed(false, "app-key-1")
        };
        assert_eq!(read(account).message, "1688 answers again");
    }
}
