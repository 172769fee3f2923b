//! The columns of a history table.

use csv::ByteRecord;

/// Every column, and whether a table has to have it.
const KNOWN: [(&str, bool); 17] = [
    ("external_id", true),
    ("observed_at", true),
    ("currency", false),
    ("price", false),
    ("list_price", false),
    ("buy_box_price", false),
    ("buy_box_seller", false),
    ("rank", false),
    ("rating", false),
    ("review_count", false),
    ("stock_quantity", false),
    ("in_stock", false),
    ("title", false),
    // Those of an exact table.
    ("parent_external_id", false),
    ("offer", false),
    ("availability", false),
    ("ranks", false),
];

/// Where each column stands in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    places: [Option<usize>; KNOWN.len()],
    count: usize,
}

impl Columns {
    /// Reads a table's first line.
    ///
    /// # Errors
    /// When it is none; the text says what is wrong with it.
    pub fn read(header: &ByteRecord) -> Result<Self, String> {
        let known = || KNOWN.map(|(name, _)| name).join(", ");
        let mut places = [None; KNOWN.len()];
        for (place, cell) in header.iter().enumerate() {
            let name = std::str::from_utf8(cell)
                .map_err(|_| "the first line is not UTF-8 text".to_owned())?
                .trim();
            if place == 0 && header.len() == 1 && name.contains([';', '\t']) {
                return Err("the columns must be separated by commas".to_owned());
            }
            let Some(column) = KNOWN.iter().position(|(known, _)| *known == name) else {
                return Err(format!("unknown column `{name}`; there are {}", known()));
            };
            if places[column].replace(place).is_some() {
                return Err(format!("the column `{name}` stands there twice"));
            }
        }
        if let Some(((name, _), _)) = KNOWN
            .iter()
            .zip(&places)
            .find(|((_, needed), place)| *needed && place.is_none())
        {
            return Err(format!("the column `{name}` is missing"));
        }
        Ok(Self {
            places,
            count: header.len(),
        })
    }

    /// A row's cells.
    ///
    /// # Errors
    /// When it is not one of this table; the text says why.
    pub fn cells<'r>(&'r self, record: &'r ByteRecord) -> Result<Cells<'r>, String> {
        if record.len() != self.count {
            return Err(format!(
                "{} cells where the first line has {}; a quotation mark may be missing or too many",
                record.len(),
                self.count
            ));
        }
        if record.iter().any(|cell| std::str::from_utf8(cell).is_err()) {
            return Err("not UTF-8 text".to_owned());
        }
        Ok(Cells {
            columns: self,
            record,
        })
    }
}

/// One row of text.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'r> {
    columns: &'r Columns,
    record: &'r ByteRecord,
}

impl<'r> Cells<'r> {
    /// The text of a column, without space around it; `None` when it is empty or the table has no such column.
    pub fn get(&self, name: &str) -> Option<&'r str> {
        let column = KNOWN.iter().position(|(known, _)| *known == name)?;
        let cell = self.record.get(self.columns.places[column]?)?;
        let text = std::str::from_utf8(cell).ok()?.trim();
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Result<Columns, String> {
        Columns::read(&ByteRecord::from(header.split(',').collect::<Vec<_>>()))
    }

    #[test]
    fn columns_may_stand_in_any_order_and_be_left_out() {
        let columns = read("observed_at, price ,external_id").expect("a header");
        let record = ByteRecord::from(vec!["2025-01-01T00:00:00Z", "", " B0A "]);
        let cells = columns.cells(&record).expect("a row");
        assert_eq!(cells.get("external_id"), Some("B0A"));
        assert_eq!(cells.get("price"), None);
        assert_eq!(cells.get("rank"), None);
    }

    #[test]
    fn a_first_line_that_is_none_is_refused_in_words() {
        for (header, said) in [
            ("external_id,observed_at,colour", "unknown column `colour`"),
            ("external_id,price", "`observed_at` is missing"),
            ("external_id,observed_at,price,price", "twice"),
            ("external_id;observed_at;price", "separated by commas"),
        ] {
            let told = read(header).expect_err(header);
            assert!(told.contains(said), "{header}: {told}");
        }
    }

    #[test]
    fn the_tables_that_we_write_are_read() {
        for header in [
            core_service::products::history::csv::HEADER,
            core_service::products::history::csv::EXACT_HEADER,
        ] {
            assert!(read(header.trim_end()).is_ok(), "{header}");
        }
    }
}
