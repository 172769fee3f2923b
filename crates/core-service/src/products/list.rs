//! A page of products.

use db::TenantTx;
use http_kit::{ApiError, ApiResult, Page, PageRequest};
use sea_orm::{FromQueryResult, Value};

use super::conditions::{Binds, filtered};
use super::filter::ProductFilter;
use super::search::{How, compare};
use super::sort::{Place, Sort};
use super::view::{COLUMNS, Product, ProductRow};
use crate::error::database;
use crate::sql::fetch_planned;

/// One of the two parts of an order: what has a key, then what has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// By the key.
    Known,
    /// By the id.
    Unknown,
}

/// A row with its place.
#[derive(Debug, FromQueryResult)]
struct PlacedRow {
    place_key: Option<String>,
    #[sea_orm(nested)]
    product: ProductRow,
}

/// What a page is read by.
#[derive(Debug)]
pub struct Asked<'a> {
    filter: &'a ProductFilter,
    sort: Sort,
    after: Option<Place>,
    limit: u64,
}

impl<'a> Asked<'a> {
    /// Reads a request.
    ///
    /// # Errors
    /// 422 when the cursor is not one of this list in this order, and for relevance without words.
    pub fn read(filter: &'a ProductFilter, page: &PageRequest) -> ApiResult<Self> {
        let searched = filter.search().is_some();
        let usual = if searched {
            Sort::Relevance
        } else {
            Sort::Created
        };
        let sort = filter.sort.unwrap_or(usual);
        if sort == Sort::Relevance && !searched {
            let message = "`relevance` orders by a search; give `q`, or another order";
            return Err(ApiError::invalid("sort", message));
        }
        let after = page.after::<Place>()?;
        let fits = |Place(of, _, key, _): &Place| {
            *of == sort
                && key
                    .as_deref()
                    .is_none_or(|key| sort.parameter(key).is_some())
        };
        if after.as_ref().is_some_and(|place| !fits(place)) {
            let message = "belongs to another order; begin again without a cursor";
            return Err(ApiError::invalid("cursor", message));
        }
        Ok(Self {
            filter,
            sort,
            after,
            limit: page.fetch(),
        })
    }

    /// The statement that reads a part of the order: first the places, from narrow rows in their order, then what is
    /// shown of those few.
    ///
    /// # Errors
    /// 422 for an unknown source.
    pub fn statement(&self, how: How, part: Part, limit: u64) -> ApiResult<(String, Vec<Value>)> {
        let mut binds = Binds::default();
        let facets = self.filter.by_facet(&mut binds)?.into_iter();
        let mut conditions: Vec<String> = facets.map(|(_, condition)| condition).collect();
        conditions.extend(self.filter.others(how, &mut binds));
        let search = self.filter.search();
        let key = self.sort.key(search.as_ref(), how, &mut binds);
        let beyond = if key.descending { "<" } else { ">" };
        let sql = &key.sql;
        let place = self.after.as_ref();
        let place = place.map(|Place(_, _, text, id)| (text.as_deref(), *id));
        match (part, place) {
            (Part::Known, Some((Some(text), id))) => {
                let value = self.sort.parameter(text).unwrap_or_else(|| text.into());
                let (value, id) = (binds.bind(value), binds.bind(id));
                conditions.push(format!("({sql}, id) {beyond} ({value}, {id})"));
            }
            (Part::Unknown, Some((None, id))) => {
                conditions.push(binds.about(&format!("id {beyond} ?"), id));
            }
            _ => {}
        }
        if let Some(column) = key.column {
            let not = if part == Part::Known { "not " } else { "" };
            conditions.push(format!("{column} is {not}null"));
        }
        let direction = if key.descending { "desc" } else { "asc" };
        let order = |key: &str, id: &str| match part {
            Part::Known => format!("{key} {direction}, {id} {direction}"),
            Part::Unknown => format!("{id} {direction}"),
        };
        let statement = format!(
            "select place_key, {COLUMNS} from (
                 select id as place_id, {text} as place_key, {sql} as place_order from catalog.shelved {filters}
                 order by {inner} limit {limit}
             ) as place join catalog.product on id = place_id order by {outer}",
            text = key.text,
            filters = filtered(&conditions),
            inner = order(sql, "id"),
            outer = order("place_order", "place_id"),
            limit = binds.bind(i64::try_from(limit).unwrap_or(i64::MAX)),
        );
        Ok((statement, binds.into_values()))
    }

    /// Whether the order has this part, behind the cursor.
    fn has(&self, part: Part) -> bool {
        match part {
            Part::Known => !matches!(self.after, Some(Place(_, _, None, _))),
            Part::Unknown => self.sort.column().is_some(),
        }
    }

    async fn rows(&self, tx: &TenantTx, how: How) -> ApiResult<Vec<PlacedRow>> {
        compare(tx, how).await?;
        let mut rows: Vec<PlacedRow> = Vec::new();
        for part in [Part::Known, Part::Unknown] {
            let missing = self.limit.saturating_sub(rows.len() as u64);
            if missing == 0 || !self.has(part) {
                continue;
            }
            let (sql, values) = self.statement(how, part, missing)?;
            let more = fetch_planned(&mut *tx.sqlx().await, sql, values).await;
            rows.extend(more.map_err(database)?);
        }
        Ok(rows)
    }
}

/// Reads a page. A search that finds nothing as it is written is read by likeness.
///
/// # Errors
/// 422 for an unknown source and a wrong cursor; when the database fails.
pub async fn read(
    tx: &TenantTx,
    filter: &ProductFilter,
    page: &PageRequest,
) -> ApiResult<Page<Product>> {
    let asked = Asked::read(filter, page)?;
    let begun = asked.after.as_ref().map(|Place(_, how, ..)| *how);
    let mut how = begun.unwrap_or_default();
    let mut rows = asked.rows(tx, how).await?;
    let search = filter.search();
    if rows.is_empty() && begun.is_none() && search.is_some_and(|search| search.may_be_misspelt()) {
        how = How::Alike;
        rows = asked.rows(tx, how).await?;
    }
    let sort = asked.sort;
    let place = |row: &PlacedRow| Place(sort, how, row.place_key.clone(), row.product.id).into();
    Ok(Page::of(rows, page.limit, place).map(|row| Product::from(row.product)))
}
