//! Histories as one table, read and sent page by page.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use contracts::catalog::v1 as wire;
use db::SystemTx;
use domain::observation::Values;
use domain::source::Source;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use http_kit::{ApiError, ApiResult, ErrorCode};
use sea_orm::sqlx::PgConnection;
use tonic::Status;
use uuid::Uuid;

use super::{names, store};
use crate::State;
use crate::error::database;
use crate::products::history::csv::{EXACT_HEADER, HEADER, Listing};

/// Looks that are read, and about as many sent, at a time.
const PAGE: i64 = 2_000;
/// Listings that are looked up at a time.
const HEADS: i64 = 500;

/// What to export.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub source: Source,
    pub marketplace: String,
    pub owner: Option<Uuid>,
    /// `None`: all.
    pub external_ids: Option<Vec<String>>,
    from: Option<DateTime<Utc>>,
    to: DateTime<Utc>,
    exact: bool,
}

/// Reads a request; the error says what is wrong with it.
///
/// # Errors
/// When there can be no such history.
pub fn read(request: wire::ExportHistoryRequest) -> Result<Wanted, String> {
    let source: Source = request
        .source
        .parse()
        .map_err(|error: domain::source::UnknownSource| error.to_string())?;
    let about = connectors::about(source).ok_or_else(|| format!("`{source}` is not a source"))?;
    let owner = request
        .owner_tenant_id
        .map(|id| Uuid::parse_str(&id).map_err(|_| "owner_tenant_id is not a UUID".to_owned()))
        .transpose()?;
    names::check_owner(about, owner.is_some())?;
    let at = |name: &str, micros: Option<i64>| {
        let read = |micros| {
            let at = Utc.timestamp_micros(micros).single();
            at.filter(|at| (DateTime::UNIX_EPOCH..=end_of_time()).contains(at))
                .ok_or_else(|| format!("{name} is not an instant"))
        };
        micros.map(read).transpose()
    };
    let (from, to) = (at("from", request.from_us)?, at("to", request.to_us)?);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err("the range ends before it begins".to_owned());
    }
    Ok(Wanted {
        source,
        marketplace: request.marketplace,
        owner,
        external_ids: Some(request.external_ids).filter(|ids| !ids.is_empty()),
        from,
        to: to.unwrap_or_else(end_of_time),
        exact: request.exact,
    })
}

/// Later than any look, and early enough for Postgres to compare with.
fn end_of_time() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(1_000_000)
}

/// Begins an export: what fails here fails before the first line.
///
/// # Errors
/// When a listing that was named has no history, or the database fails.
pub async fn begin(
    state: &State,
    wanted: Wanted,
) -> ApiResult<BoxStream<'static, Result<wire::ExportHistoryResponse, Status>>> {
    let tx = begin_tx(state).await?;
    let listings = store::count(&mut *tx.sqlx().await, &wanted)
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    if let Some(ids) = &wanted.external_ids
        && u64::try_from(ids.len()).unwrap_or(u64::MAX) != listings
    {
        let found = format!(
            "{listings} of the {} listings named have a history",
            ids.len()
        );
        return Err(ApiError::new(ErrorCode::Invalid, found));
    }
    let export = Export {
        state: state.clone(),
        header: true,
        after: String::new(),
        heads: VecDeque::new(),
        reading: None,
        over: false,
        listings,
        finished: 0,
        wanted,
    };
    let pages = stream::unfold(Some(export), async |export| {
        let mut export = export?;
        if export.over {
            return None;
        }
        match export.page().await {
            Ok(page) => Some((Ok(page), Some(export))),
            Err(error) => Some((Err(error.into()), None)),
        }
    });
    Ok(pages.boxed())
}

async fn begin_tx(state: &State) -> ApiResult<SystemTx> {
    SystemTx::begin(&state.pools().system)
        .await
        .map_err(database)
}

/// Where an export stands. No connection is held between two pages, however slowly the reader reads.
struct Export {
    state: State,
    wanted: Wanted,
    header: bool,
    /// The last listing that was looked up.
    after: String,
    heads: VecDeque<store::Head>,
    reading: Option<Reading>,
    over: bool,
    listings: u64,
    finished: u64,
}

/// A listing in the midst of its looks.
struct Reading {
    id: i64,
    listing: Listing,
    after: DateTime<Utc>,
    held: Values,
}

impl Export {
    async fn page(&mut self) -> ApiResult<wire::ExportHistoryResponse> {
        let tx = begin_tx(&self.state).await?;
        let mut connection = tx.sqlx().await;
        let mut text = String::new();
        if std::mem::take(&mut self.header) {
            text.push_str(if self.wanted.exact {
                EXACT_HEADER
            } else {
                HEADER
            });
        }
        let mut looks = 0;
        while looks < PAGE {
            let Some(mut reading) = self.next(&mut connection).await? else {
                self.over = true;
                break;
            };
            let rows = store::looks(
                &mut connection,
                reading.id,
                reading.after,
                self.wanted.to,
                PAGE,
            )
            .await
            .map_err(database)?;
            let read = i64::try_from(rows.len()).unwrap_or(i64::MAX);
            for row in rows {
                reading.after = row.observed_at;
                if row.full {
                    reading.held = row.values.into();
                }
                reading
                    .listing
                    .write(row.observed_at, &reading.held, &mut text);
            }
            looks += read;
            if read < PAGE {
                self.finished += 1;
            } else {
                self.reading = Some(reading);
            }
        }
        drop(connection);
        tx.commit().await.map_err(database)?;
        Ok(wire::ExportHistoryResponse {
            csv: text.into_bytes(),
            looks: u32::try_from(looks).unwrap_or(u32::MAX),
            listings: self.listings,
            finished: self.finished,
        })
    }

    /// The listing that is being read, or the next one.
    async fn next(&mut self, connection: &mut PgConnection) -> ApiResult<Option<Reading>> {
        if let Some(reading) = self.reading.take() {
            return Ok(Some(reading));
        }
        if self.heads.is_empty() {
            let heads = store::heads(connection, &self.wanted, &self.after, HEADS)
                .await
                .map_err(database)?;
            self.heads = heads.into();
        }
        let Some(head) = self.heads.pop_front() else {
            return Ok(None);
        };
        self.after.clone_from(&head.external_id);
        // History begins in this century; the first page begins with the range's first instant.
        let after = self.wanted.from.unwrap_or_default() - TimeDelta::microseconds(1);
        let held = match self.wanted.from {
            Some(_) => store::held_at(connection, head.id, after)
                .await
                .map_err(database)?,
            None => None,
        };
        let (id, title) = (&head.external_id, head.title.as_deref());
        let listing = match self.wanted.exact {
            true => Listing::exact(id, title, head.parent_external_id.as_deref()),
            false => Listing::new(id, title),
        };
        Ok(Some(Reading {
            id: head.id,
            listing,
            after,
            held: held.map(|row| row.values.into()).unwrap_or_default(),
        }))
    }
}
