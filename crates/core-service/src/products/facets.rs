//! `GET /products/facets`: what there is to filter by, and how much of each.

use std::collections::BTreeMap;

use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Response;
use db::TenantTx;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiResult, Query, auth, etag};
use sea_orm::{FromQueryResult, Value, sqlx};
use serde::Serialize;
use utoipa::ToSchema;

use super::conditions::{Binds, filtered};
use super::filter::{ProductFilter, ProductType};
use super::search::{How, compare};
use crate::State;
use crate::answers::Planned;
use crate::error::database;
use crate::sql::{execute, fetch_planned};

/// Values of a facet that are told.
const MOST_VALUES: usize = 50;

/// Something to filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "named as the filters, documented there")]
pub enum Facet {
    Source,
    Marketplace,
    Brand,
    Series,
    Category,
    InStock,
    Type,
    Tag,
}

impl Facet {
    /// Those that are a column.
    const COLUMNS: [(Self, &'static str); 6] = [
        (Self::Source, "source"),
        (Self::Marketplace, "marketplace"),
        (Self::Brand, "brand"),
        (Self::Series, "series"),
        (Self::Category, "category"),
        (Self::InStock, "in_stock"),
    ];
}

/// A value to filter by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacetValue {
    /// What the filter of that name takes.
    #[schema(example = "amazon")]
    value: String,
    /// Products that have it; of a category, those under it as well.
    count: i64,
}

/// The values of one facet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacetValues {
    /// The most frequent first, at most 50; the one that is filtered by is always among them.
    values: Vec<FacetValue>,
    /// How many further values there are.
    others: i64,
}

/// What there is to filter by, each counted without its own filter and with all others.
#[derive(Debug, Serialize, ToSchema)]
pub struct Facets {
    /// Products that all filters let through.
    total: i64,
    /// Whether nothing has the searched words as written, so that what is spelt most alike was counted.
    approximate_search: bool,
    /// By the filter's name.
    facets: FacetLists,
}

/// The facets by the names of their filters.
#[derive(Debug, Default, Serialize, ToSchema)]
#[expect(missing_docs, reason = "named as the filters, documented there")]
pub struct FacetLists {
    pub source: FacetValues,
    pub marketplace: FacetValues,
    pub brand: FacetValues,
    pub series: FacetValues,
    pub category: FacetValues,
    pub in_stock: FacetValues,
    #[serde(rename = "type")]
    pub kind: FacetValues,
    pub tag: FacetValues,
}

/// Values of filters with the number of the products that the other filters let through.
#[utoipa::path(get, path = "/api/v1/products/facets", tag = "products", operation_id = "product_facets",
    params(ProductFilter),
    responses((status = 200, body = Facets), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn get_facets(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Query(filter): Query<ProductFilter>,
) -> ApiResult<Response> {
    let filter = &filter;
    let counting = |tx: TenantTx| async move {
        let facets = read(&tx, filter).await?;
        Ok((tx, facets))
    };
    let facets = state
        .answers()
        .read(
            &state.pools().api,
            caller.tenant_id,
            Planned::Freely,
            counting,
        )
        .await?;
    etag::respond(&headers, &facets)
}

/// Counts. A search that finds nothing as it is written is read by likeness, as the list does.
///
/// # Errors
/// 422 for an unknown source; when the database fails.
pub async fn read(tx: &TenantTx, filter: &ProductFilter) -> ApiResult<Facets> {
    let written = counted(tx, filter, How::Written).await?;
    let misspelt = filter
        .search()
        .is_some_and(|search| search.may_be_misspelt());
    if written.total > 0 || !misspelt {
        return Ok(written);
    }
    let alike = counted(tx, filter, How::Alike).await?;
    Ok(if alike.total > 0 { alike } else { written })
}

#[derive(Debug, FromQueryResult)]
struct CountRow {
    facet: String,
    value: Option<String>,
    count: i64,
    /// How many values the facet has.
    of: i64,
}

async fn counted(tx: &TenantTx, filter: &ProductFilter, how: How) -> ApiResult<Facets> {
    compare(tx, how).await?;
    let (sql, values) = statement(filter, how)?;
    let mut connection = tx.sqlx().await;
    // The groups of a tenant with hundreds of thousands of watches fit in this, and would be sorted on disk in less.
    execute(
        &mut connection,
        sqlx::query("select set_config('work_mem', '64MB', true)"),
    )
    .await
    .map_err(database)?;
    let rows: Vec<CountRow> = fetch_planned(&mut connection, sql, values)
        .await
        .map_err(database)?;
    let mut by_name: BTreeMap<String, FacetValues> = BTreeMap::new();
    let mut total = 0;
    for row in rows {
        let Some(value) = row.value else {
            total = row.count;
            continue;
        };
        let facet = by_name.entry(row.facet).or_default();
        facet.others = row.of;
        facet.values.push(FacetValue {
            value,
            count: row.count,
        });
    }
    let mut take = |name: &str, asked: Option<&str>| {
        let mut facet = by_name.remove(name).unwrap_or_default();
        if let Some(asked) = asked
            && facet.values.iter().all(|known| known.value != asked)
        {
            facet.values.push(FacetValue {
                value: asked.to_owned(),
                count: 0,
            });
            facet.others += 1;
        }
        let told = i64::try_from(facet.values.len()).unwrap_or(i64::MAX);
        facet.others = (facet.others - told).max(0);
        facet
    };
    let in_stock = filter.in_stock.map(|in_stock| in_stock.to_string());
    Ok(Facets {
        total,
        approximate_search: how == How::Alike,
        facets: FacetLists {
            source: take(
                "source",
                filter.source.as_ref().map(|source| source.as_str()),
            ),
            marketplace: take("marketplace", filter.marketplace.as_deref()),
            brand: take("brand", filter.brand.as_deref()),
            series: take("series", filter.series.as_deref()),
            category: take("category", filter.category.as_deref()),
            in_stock: take("in_stock", in_stock.as_deref()),
            kind: take("type", filter.kind.map(ProductType::as_str)),
            tag: take("tag", filter.tag.as_deref()),
        },
    })
}

/// The statement that counts all facets in one pass over the tenant's rows: like rows are put together first, which
/// leaves few, and those are counted by each facet.
///
/// # Errors
/// 422 for an unknown source.
pub fn statement(filter: &ProductFilter, how: How) -> ApiResult<(String, Vec<Value>)> {
    let mut binds = Binds::default();
    let chosen = filter.by_facet(&mut binds)?;
    let common = filtered(&filter.others(how, &mut binds));
    // For each filter in use whether a row passes it, for the counts that leave one out.
    let passes = |but: Option<Facet>| {
        let others = chosen
            .iter()
            .enumerate()
            .filter(|(_, (facet, _))| Some(*facet) != but);
        let others: Vec<String> = others.map(|(n, _)| format!("p{n}")).collect();
        if others.is_empty() {
            "true".to_owned()
        } else {
            others.join(" and ")
        }
    };
    let tests: String = (chosen.iter().enumerate())
        .map(|(n, (_, condition))| format!(", coalesce({condition}, false) as p{n}"))
        .collect();
    let names: String = (0..chosen.len()).map(|n| format!(", p{n}")).collect();
    let columns = Facet::COLUMNS.map(|(_, column)| column).join(", ");
    let flags = ProductType::ALL.map(ProductType::column).join(", ");
    let mut counts = vec![format!(
        "select 'total' as facet, null as value, coalesce(sum(n) filter (where {}), 0)::bigint as count from alike",
        passes(None)
    )];
    counts.push(categories(
        filter,
        &passes(Some(Facet::Category)),
        &mut binds,
    ));
    for (facet, column) in Facet::COLUMNS {
        if facet == Facet::Category {
            continue;
        }
        counts.push(format!(
            "select '{column}', {column}::text, sum(n)::bigint from alike where {column} is not null and {} group by {column}",
            passes(Some(facet))
        ));
    }
    for kind in ProductType::ALL {
        counts.push(format!(
            "select 'type', '{}', sum(n)::bigint from alike where {} and {} having sum(n) > 0",
            kind.as_str(),
            kind.column(),
            passes(Some(Facet::Type))
        ));
    }
    // Few trackings carry tags: those are counted one by one.
    let mut tagged: Vec<String> = (chosen.iter())
        .filter(|(facet, _)| *facet != Facet::Tag)
        .map(|(_, condition)| condition.clone())
        .collect();
    tagged.extend(filter.others(how, &mut binds));
    counts.push(format!(
        "select 'tag', tag, count(*) from catalog.shelved
         join (select listing_id, unnest(tags) as tag from catalog.tracking where deleted_at is null and tags <> '{{}}') t
              on t.listing_id = id
         {} group by tag",
        filtered(&tagged)
    ));
    let mine = mine(filter, &mut binds);
    let sql = format!(
        "with alike as materialized (
             select {columns}, {flags}{names}, count(*) as n
             from (select {columns}, {flags}{tests} from catalog.shelved {common}) as row
             group by {columns}, {flags}{names}
         ), counted as ({}), ordered as (
             select facet, value, count, count(*) over (partition by facet) as \"of\",
                    row_number() over (partition by facet order by count desc, value collate \"C\") as place
             from counted)
         select facet, value, count, \"of\" from ordered where place <= {MOST_VALUES} or {mine}
         order by facet, place",
        counts.join(" union all ")
    );
    Ok((sql, binds.into_values()))
}

/// Counts categories as their filter finds them: each path with all that lie under it. Told are the paths that products
/// have, and the beginning that is filtered by.
fn categories(filter: &ProductFilter, passes: &str, binds: &mut Binds) -> String {
    let chosen = match &filter.category {
        Some(category) => binds.about(" or c.path = ?", category.as_str()),
        None => String::new(),
    };
    format!(
        "select 'category', c.path, sum(c.n)::bigint from (
             select array_to_string(parts[:depth], ' > ') as path, depth = cardinality(parts) as whole, k.n
             from (select string_to_array(category, ' > ') as parts, sum(n) as n from alike
                   where category is not null and {passes} group by category) k
             cross join lateral generate_series(1, cardinality(parts)) as depth) c
         group by c.path having bool_or(c.whole){chosen}"
    )
}

/// Whether a value is one that is filtered by.
fn mine(filter: &ProductFilter, binds: &mut Binds) -> String {
    let chosen = [
        ("brand", &filter.brand),
        ("series", &filter.series),
        ("category", &filter.category),
        ("tag", &filter.tag),
    ];
    let mut tests = vec!["false".to_owned()];
    for (name, value) in chosen {
        if let Some(value) = value {
            tests.push(binds.about(&format!("(facet = '{name}' and value = ?)"), value.as_str()));
        }
    }
    format!("({})", tests.join(" or "))
}
