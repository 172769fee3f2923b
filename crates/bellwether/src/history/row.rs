//! From a row of a table to an observation.

use chrono::{DateTime, SecondsFormat, Utc};
use contracts::catalog::v1::values::Offer;
use contracts::catalog::v1::{CategoryRank, Content, Observation, Values};
use domain::money::{Currency, Money};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::columns::Cells;

/// The category of a rank whose table does not name it.
const UNNAMED_CATEGORY: &str = "unknown";

/// What every row of a file shares.
#[derive(Debug, Clone)]
pub struct Shared {
    pub source: String,
    pub marketplace: String,
    pub owner_tenant_id: Option<String>,
    /// Which category the ranks are of.
    pub rank_category: Option<String>,
}

/// Reads a row. What the figures mean is for ingest to judge; here they only have to be figures.
///
/// # Errors
/// What is wrong with it, for people.
pub fn read(cells: &Cells<'_>, shared: &Shared) -> Result<Observation, String> {
    let external_id = cells.get("external_id").ok_or("external_id is empty")?;
    let values = values(cells, shared)?;
    let title = cells.get("title").map(plain_text);
    Ok(Observation {
        source: shared.source.clone(),
        marketplace: shared.marketplace.clone(),
        external_id: external_id.to_owned(),
        parent_external_id: cells.get("parent_external_id").map(str::to_owned),
        owner_tenant_id: shared.owner_tenant_id.clone(),
        observed_at_us: observed_at(cells)?.timestamp_micros(),
        round: 0,
        values: Some(values),
        content: title.map(|title| Content {
            title: Some(title.to_owned()),
            ..Content::default()
        }),
    })
}

fn observed_at(cells: &Cells<'_>) -> Result<DateTime<Utc>, String> {
    let text = cells.get("observed_at").ok_or("observed_at is empty")?;
    let read = DateTime::parse_from_rfc3339(text).map_err(|_| {
        let example = DateTime::UNIX_EPOCH.to_rfc3339_opts(SecondsFormat::Secs, true);
        format!("observed_at `{text}` is not a time with its zone, such as {example}")
    })?;
    Ok(read.to_utc())
}

fn values(cells: &Cells<'_>, shared: &Shared) -> Result<Values, String> {
    let currency = cells
        .get("currency")
        .map(|code| {
            Currency::parse(code).map_err(|_| format!("`{code}` is not an ISO 4217 currency code"))
        })
        .transpose()?;
    let amount = |name: &str| {
        let Some(text) = cells.get(name) else {
            return Ok(None);
        };
        let currency = currency.ok_or_else(|| format!("{name} without a currency"))?;
        Money::parse_major(text, currency)
            .map(|money| Some(money.minor))
            .map_err(|_| format!("{name} `{text}` is not an amount in {currency}"))
    };
    let price_minor = amount("price")?;
    let in_stock = truth(cells)?;
    let rank = whole(cells, "rank")?;
    let mut values = Values {
        offer: offer(cells, price_minor, in_stock)?.into(),
        currency: currency.map(|currency| currency.code().to_owned()),
        price_minor,
        list_price_minor: amount("list_price")?,
        buy_box_price_minor: amount("buy_box_price")?,
        buy_box_seller: cells
            .get("buy_box_seller")
            .map(plain_text)
            .map(str::to_owned),
        availability: availability(cells, in_stock),
        in_stock,
        stock_quantity: whole(cells, "stock_quantity")?,
        ranks: ranks(cells, rank, shared)?,
        rating_hundredths: rating(cells)?,
        review_count: whole(cells, "review_count")?,
    };
    if [
        price_minor,
        values.list_price_minor,
        values.buy_box_price_minor,
    ] == [None; 3]
    {
        values.currency = None;
    }
    Ok(values)
}

/// Where the table does not say: a price is an offer, and "not in stock" without one is that there is none.
fn offer(cells: &Cells<'_>, price: Option<i64>, in_stock: Option<bool>) -> Result<Offer, String> {
    Ok(match cells.get("offer") {
        Some("offered") => Offer::Offered,
        Some("none") => Offer::None,
        Some("not_collected") => Offer::NotCollected,
        Some(word) => {
            return Err(format!(
                "offer `{word}` is not one of offered, none, not_collected"
            ));
        }
        None if price.is_some() => Offer::Offered,
        None if in_stock == Some(false) => Offer::None,
        None => Offer::NotCollected,
    })
}

fn availability(cells: &Cells<'_>, in_stock: Option<bool>) -> String {
    let told = match in_stock {
        Some(true) => "in_stock",
        Some(false) => "out_of_stock",
        None => "",
    };
    cells.get("availability").unwrap_or(told).to_owned()
}

fn truth(cells: &Cells<'_>) -> Result<Option<bool>, String> {
    match cells.get("in_stock") {
        None => Ok(None),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(text) => Err(format!("in_stock `{text}` is neither true nor false")),
    }
}

fn whole(cells: &Cells<'_>, name: &str) -> Result<Option<i32>, String> {
    let wrong = |text: &str| format!("{name} `{text}` is not a whole number");
    cells
        .get(name)
        .map(|text| text.parse().map_err(|_| wrong(text)))
        .transpose()
}

/// Hundredths of a star.
fn rating(cells: &Cells<'_>) -> Result<Option<i32>, String> {
    let Some(text) = cells.get("rating") else {
        return Ok(None);
    };
    let hundredths = text
        .parse::<Decimal>()
        .ok()
        .and_then(|stars| stars.checked_mul(Decimal::ONE_HUNDRED))
        .filter(|hundredths| hundredths.fract().is_zero())
        .and_then(|hundredths| hundredths.to_i32());
    match hundredths {
        Some(hundredths) => Ok(Some(hundredths)),
        None => Err(format!(
            "rating `{text}` is not a number with at most two decimals"
        )),
    }
}

fn ranks(
    cells: &Cells<'_>,
    rank: Option<i32>,
    shared: &Shared,
) -> Result<Vec<CategoryRank>, String> {
    let category = || {
        let named = shared.rank_category.as_deref();
        named.unwrap_or(UNNAMED_CATEGORY).to_owned()
    };
    let Some(text) = cells.get("ranks") else {
        return Ok(rank
            .map(|rank| CategoryRank {
                category: category(),
                rank,
            })
            .into_iter()
            .collect());
    };
    let ranks: Vec<domain::observation::CategoryRank> = serde_json::from_str(text)
        .map_err(|_| "ranks is not a JSON list of {category, rank}".to_owned())?;
    if rank.is_some() && rank != ranks.first().map(|first| first.rank) {
        return Err("rank is not the first of ranks".to_owned());
    }
    Ok(ranks
        .into_iter()
        .map(|entry| CategoryRank {
            category: entry.category,
            rank: entry.rank,
        })
        .collect())
}

/// Without the sign that keeps a spreadsheet from taking a text for a formula.
fn plain_text(text: &str) -> &str {
    let inner = text.trim_start_matches('\'');
    match text.strip_prefix('\'') {
        Some(plain) if inner.starts_with(['=', '+', '-', '@', '\t', '\r']) => plain,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use csv::ByteRecord;

    use super::super::columns::Columns;
    use super::*;

    fn row(header: &str, cells: &str) -> Result<Observation, String> {
        let record = |line: &str| ByteRecord::from(line.split(',').collect::<Vec<_>>());
        let columns = Columns::read(&record(&format!("external_id,observed_at,{header}")))?;
        let shared = Shared {
            source: "amazon".into(),
            marketplace: "US".into(),
            owner_tenant_id: None,
            rank_category: None,
        };
        let record = record(&format!("B0A,2024-02-29T12:00:00.5+08:00,{cells}"));
        read(&columns.cells(&record)?, &shared)
    }

    fn values_of(header: &str, cells: &str) -> Values {
        let row = row(header, cells).expect("a row");
        row.values.expect("values")
    }

    #[test]
    fn an_empty_cell_was_not_collected() {
        let read = row("currency,price,rank,rating,in_stock,title", ",,,,,").expect("a row");
        assert_eq!(read.values, Some(Values::default()));
        assert_eq!(read.content, None);
        assert_eq!(read.observed_at_us, 1_709_179_200_500_000);
    }

    #[test]
    fn prices_follow_the_currency_and_say_that_there_is_an_offer() {
        let values = values_of("currency,price,list_price", "jpy,2255,3000");
        assert_eq!(values.offer(), Offer::Offered);
        assert_eq!(
            (values.price_minor, values.list_price_minor),
            (Some(2255), Some(3000))
        );
        assert_eq!(values.currency.as_deref(), Some("JPY"));
        let values = values_of("currency,price,in_stock", "USD,,FALSE");
        assert_eq!(values.offer(), Offer::None);
        assert_eq!(values.availability, "out_of_stock");
        assert_eq!(values.currency, None, "alone it says nothing");
    }

    #[test]
    fn what_is_no_figure_is_refused_in_words() {
        for (header, cells, said) in [
            ("price", "9.99", "price without a currency"),
            ("currency,price", "USD,9.999", "not an amount in USD"),
            ("currency,price", "USD,1.9.9", "not an amount in USD"),
            ("currency,price", "USD,free", "not an amount in USD"),
            ("currency,price", "GOLD,1", "not an ISO 4217"),
            ("rank", "1.5", "rank `1.5`"),
            ("rating", "4.333", "two decimals"),
            ("in_stock", "perhaps", "neither true nor false"),
            ("offer", "maybe", "offered, none"),
            ("ranks", "7", "JSON list"),
        ] {
            let told = row(header, cells).expect_err(cells);
            assert!(told.contains(said), "{cells}: {told}");
        }
    }

    #[test]
    fn a_time_needs_its_zone() {
        let record = |line: &str| ByteRecord::from(line.split(',').collect::<Vec<_>>());
        let columns = Columns::read(&record("external_id,observed_at")).expect("a header");
        let shared = Shared {
            source: "amazon".into(),
            marketplace: "US".into(),
            owner_tenant_id: None,
            rank_category: None,
        };
        for bad in ["2024-05-01", "yesterday", "2024-05-01 12:00", "1714521600"] {
            let row = record(&format!("B0A,{bad}"));
            let told = read(&columns.cells(&row).expect("cells"), &shared).expect_err(bad);
            assert!(told.contains(bad), "{told}");
        }
    }

    #[test]
    fn the_sign_before_a_formula_is_taken_away_and_no_other() {
        assert_eq!(plain_text("'=1+1"), "=1+1");
        assert_eq!(plain_text("''=1+1"), "'=1+1");
        assert_eq!(plain_text("'tis"), "'tis");
        assert_eq!(plain_text("=1"), "=1");
    }
}
