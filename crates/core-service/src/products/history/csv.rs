//! A history as a table, in the columns that an import reads, too.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::money::{Currency, Money};
use domain::observation::{Offer, Values};

/// The first line.
pub const HEADER: &str = "external_id,observed_at,currency,price,list_price,buy_box_price,buy_box_seller,rank,rating,\
                          review_count,stock_quantity,in_stock,title\r\n";

/// The first line of an exact table: with what an import needs besides, to end in the very same rows.
pub const EXACT_HEADER: &str = "external_id,observed_at,currency,price,list_price,buy_box_price,buy_box_seller,rank,\
                                rating,review_count,stock_quantity,in_stock,title,parent_external_id,offer,\
                                availability,ranks\r\n";

/// What all lines of a listing share, ready to be written.
#[derive(Debug, Clone)]
pub struct Listing {
    external_id: String,
    title: String,
    /// Only in an exact table; empty for a listing without parent.
    parent: Option<String>,
}

impl Listing {
    /// A listing by its id at its source and its present title.
    pub fn new(external_id: &str, title: Option<&str>) -> Self {
        Self {
            // A key stays as it is: a sign in front of it would name another listing.
            external_id: quoted(external_id),
            title: cell(title.unwrap_or_default()),
            parent: None,
        }
    }

    /// The same for a table with [`EXACT_HEADER`].
    pub fn exact(external_id: &str, title: Option<&str>, parent: Option<&str>) -> Self {
        Self {
            parent: Some(quoted(parent.unwrap_or_default())),
            ..Self::new(external_id, title)
        }
    }

    /// Writes one look. An empty cell is what it did not learn; without an offer there is no price, and `in_stock` is
    /// false. An exact table says of the offer itself.
    pub fn write(&self, at: DateTime<Utc>, values: &Values, out: &mut String) {
        let currency = values.currency.as_deref().unwrap_or_default();
        let money = |minor: Option<i64>| match Currency::parse(currency) {
            Ok(currency) => minor.map(|minor| Money::from_minor(minor, currency).amount()),
            Err(_) => None,
        };
        let gone = self.parent.is_none() && values.offer == Offer::None;
        let in_stock = values.in_stock.or(gone.then_some(false));
        let cells = [
            self.external_id.clone(),
            at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            currency.to_owned(),
            text(money(values.price)),
            text(money(values.list_price)),
            text(money(values.buy_box_price)),
            cell(values.buy_box_seller.as_deref().unwrap_or_default()),
            text(values.rank()),
            text(values.rating_hundredths.map(stars)),
            text(values.review_count),
            text(values.stock_quantity),
            text(in_stock),
            self.title.clone(),
        ];
        out.push_str(&cells.join(","));
        if let Some(parent) = &self.parent {
            let ranks = match values.ranks.as_slice() {
                [] => String::new(),
                ranks => quoted(&serde_json::json!(ranks).to_string()),
            };
            let (offer, availability) = (offer_word(values.offer), values.availability.as_str());
            out.push_str(&format!(",{parent},{offer},{availability},{ranks}"));
        }
        out.push_str("\r\n");
    }
}

const fn offer_word(offer: Offer) -> &'static str {
    match offer {
        Offer::Offered => "offered",
        Offer::None => "none",
        Offer::NotCollected => "not_collected",
    }
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn stars(hundredths: i32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Text from a shop: a spreadsheet must not take it for a formula. One that looks as if this had been done to it gets
/// one sign more, so that an import can take away exactly what was put in front.
fn cell(text: &str) -> String {
    let inner = text.trim_start_matches('\'');
    if inner.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        quoted(&format!("'{text}"))
    } else {
        quoted(text)
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000, 0).expect("a date")
    }

    #[test]
    fn what_was_not_learnt_is_empty_and_no_offer_is_not_in_stock() {
        let listing = Listing::new("B0A", Some("Lamp, \"blue\""));
        let mut out = String::new();
        let offered = Values {
            offer: Offer::Offered,
            currency: Some("USD".into()),
            price: Some(1999),
            in_stock: Some(true),
            rating_hundredths: Some(405),
            ..Values::default()
        };
        let gone = Values {
            offer: Offer::None,
            ..Values::default()
        };
        for values in [&offered, &gone, &Values::default()] {
            listing.write(at(), values, &mut out);
        }
        let at = "2025-10-09T08:53:20Z";
        assert_eq!(
            out,
            format!(
                "B0A,{at},USD,19.99,,,,,4.05,,,true,\"Lamp, \"\"blue\"\"\"\r\n\
                 B0A,{at},,,,,,,,,,false,\"Lamp, \"\"blue\"\"\"\r\n\
                 B0A,{at},,,,,,,,,,,\"Lamp, \"\"blue\"\"\"\r\n"
            )
        );
        assert_eq!(
            HEADER.split(',').count(),
            out.lines().next().expect("a line").split(",").count() - 1
        );
    }

    #[test]
    fn an_exact_table_says_what_the_plain_one_leaves_out() {
        let mut out = String::new();
        let values = Values {
            ranks: vec![domain::observation::CategoryRank {
                category: "Toys".into(),
                rank: 7,
            }],
            ..Values::default()
        };
        Listing::exact("B0A", None, Some("B0P")).write(at(), &values, &mut out);
        Listing::exact("B0A", None, None).write(at(), &Values::default(), &mut out);
        let at = "2025-10-09T08:53:20Z";
        assert_eq!(
            out,
            format!(
                "B0A,{at},,,,,,7,,,,,,B0P,not_collected,unknown,\"[{{\"\"category\"\":\"\"Toys\"\",\"\"rank\"\":7}}]\"\r\n\
                 B0A,{at},,,,,,,,,,,,,not_collected,unknown,\r\n"
            )
        );
        assert!(EXACT_HEADER.starts_with(HEADER.trim_end()));
    }

    #[test]
    fn a_title_is_no_formula() {
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("+1"), "'+1");
        assert_eq!(cell("'+1"), "''+1");
        assert_eq!(cell("'tis"), "'tis");
        assert_eq!(cell("潮玩 = art"), "潮玩 = art");
    }
}
