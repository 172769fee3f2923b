//! A table, read in batches.

use std::collections::{HashMap, VecDeque};
use std::io::Read;

use contracts::catalog::v1::Observation;
use csv::{ByteRecord, ReaderBuilder};

use super::columns::Columns;
use super::row::{self, Shared};

/// Rows of a batch.
const ROWS: usize = 2_000;
/// Text of a batch, in bytes: what is sent at once has a limit.
const TEXT: usize = 4 << 20;

/// Rows that are stored together.
#[derive(Debug, Default)]
pub struct Batch {
    /// The good ones, with their lines.
    pub rows: Vec<(u64, Observation)>,
    /// The others, and why.
    pub refused: Vec<(u64, String)>,
    /// How far the table is read behind them, in bytes.
    pub read_to: u64,
}

impl Batch {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.refused.is_empty()
    }

    /// All its rows.
    pub fn len(&self) -> usize {
        self.rows.len() + self.refused.len()
    }
}

/// Passes bytes on, counts their quotation marks and notes where lines end: csv's own count of lines lags behind where
/// they end in two bytes or are empty.
struct Watched<R> {
    inner: R,
    odd_quotes: bool,
    ended: bool,
    passed: u64,
    last: u8,
    /// Bytes that end lines and are not yet behind the row being read, and whether each begins a line.
    breaks: VecDeque<(u64, bool)>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        self.ended |= read == 0;
        for (place, byte) in (self.passed..).zip(&into[..read]) {
            match byte {
                b'"' => self.odd_quotes = !self.odd_quotes,
                b'\r' => self.breaks.push_back((place, true)),
                b'\n' => self.breaks.push_back((place, self.last != b'\r')),
                _ => {}
            }
            self.last = *byte;
        }
        self.passed += read as u64;
        Ok(read)
    }
}

impl<R> Watched<R> {
    /// Lines that begin up to the first byte from `place` on that does not end one.
    fn lines_to(&mut self, mut place: u64) -> u64 {
        let mut lines = 0;
        while let Some((at, begins)) = self.breaks.front().copied().filter(|(at, _)| *at <= place) {
            place = place.max(at + u64::from(at == place));
            lines += u64::from(begins);
            self.breaks.pop_front();
        }
        lines
    }
}

/// Reads a table from its beginning.
pub struct Table<R> {
    reader: csv::Reader<Watched<R>>,
    /// That of the newest row.
    line: u64,
    columns: Columns,
    shared: Shared,
    listings: HashMap<String, u32>,
    /// The line of every listing's every instant: a file may say something of it once only.
    seen: HashMap<(u32, i64), u64>,
}

impl<R: Read> Table<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// When it cannot be read, or is not that of a history.
    pub fn open(source: R, shared: Shared) -> Result<Self, String> {
        // Rows of another length are told as such, and the file goes on.
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(Watched {
            inner: source,
            odd_quotes: false,
            ended: false,
            passed: 0,
            last: 0,
            breaks: VecDeque::new(),
        });
        let header = reader
            .byte_headers()
            .map_err(|error| format!("cannot be read: {error}"))?;
        if header.is_empty() {
            return Err("the file is empty".to_owned());
        }
        Ok(Self {
            columns: Columns::read(header)?,
            reader,
            line: 1,
            shared,
            listings: HashMap::new(),
            seen: HashMap::new(),
        })
    }

    /// The next rows; empty at the end.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn batch(&mut self) -> anyhow::Result<Batch> {
        let mut batch = Batch::default();
        let mut text = 0;
        let mut record = ByteRecord::new();
        while batch.len() < ROWS && text < TEXT {
            if !self.reader.read_byte_record(&mut record)? {
                break;
            }
            text += record.as_slice().len();
            let begins = record.position().map_or(0, csv::Position::byte);
            self.line += self.reader.get_mut().lines_to(begins);
            let line = self.line;
            match self.read(&record, line) {
                Ok(observation) => batch.rows.push((line, observation)),
                Err(reason) => batch.refused.push((line, reason)),
            }
        }
        batch.read_to = self.reader.position().byte();
        Ok(batch)
    }

    fn read(&mut self, record: &ByteRecord, line: u64) -> Result<Observation, String> {
        let watched = self.reader.get_ref();
        if watched.ended && watched.odd_quotes && record.as_slice().contains(&b'\n') {
            return Err("a quotation mark is opened here and never closed".to_owned());
        }
        let observation = row::read(&self.columns.cells(record)?, &self.shared)?;
        let next = u32::try_from(self.listings.len()).unwrap_or(u32::MAX);
        let listing = match self.listings.get(&observation.external_id) {
            Some(listing) => *listing,
            None => {
                self.listings.insert(observation.external_id.clone(), next);
                next
            }
        };
        let first = *self
            .seen
            .entry((listing, observation.observed_at_us))
            .or_insert(line);
        if first == line {
            Ok(observation)
        } else {
            Err(format!("the same product and instant as line {first}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared() -> Shared {
        Shared {
            source: "amazon".into(),
            marketplace: "US".into(),
            owner_tenant_id: None,
            rank_category: None,
        }
    }

    fn read(text: &[u8]) -> Batch {
        let mut table = Table::open(text, shared()).expect("a table");
        table.batch().expect("read")
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let text = "\u{feff}external_id,observed_at,title\r\n\
                    B0A,2024-01-01T00:00:00Z,\"Lamp, \"\"blue\"\"\nand green\"\r\n\
                    \r\n\
                    B0A,2024-01-02T00:00:00Z,玩具\r\n";
        let batch = read(text.as_bytes());
        assert_eq!(batch.refused, []);
        let titles: Vec<_> = batch
            .rows
            .iter()
            .map(|(line, row)| (*line, row.content.as_ref().and_then(|c| c.title.as_deref())))
            .collect();
        assert_eq!(
            titles,
            [(2, Some("Lamp, \"blue\"\nand green")), (5, Some("玩具"))]
        );
        assert_eq!(batch.read_to, text.len() as u64);
    }

    #[test]
    fn every_bad_row_is_told_by_its_line_and_the_others_are_read() {
        let mut text = b"external_id,observed_at,currency,price\n\
            B0A,2024-01-01T00:00:00Z,USD,1.00\n\
            B0A,2024-01-01T00:00:00Z,USD,2.00\n\
            B0A,2024-01-02T00:00:00Z,USD\n\
            B0A,not a date,USD,1.00\n"
            .to_vec();
        text.extend_from_slice(b"B0\xff,2024-01-03T00:00:00Z,USD,1.00\n");
        text.extend_from_slice(b"B0A,2024-01-04T00:00:00Z,USD,1.00\n");
        let batch = read(&text);
        let told: Vec<(u64, &str)> = batch
            .refused
            .iter()
            .map(|(line, reason)| (*line, reason.as_str()))
            .collect();
        assert_eq!(told[0], (3, "the same product and instant as line 2"));
        assert!(
            told[1].0 == 4 && told[1].1.starts_with("3 cells"),
            "{told:?}"
        );
        assert!(
            told[2].0 == 5 && told[2].1.contains("not a date"),
            "{told:?}"
        );
        assert_eq!(told[3], (6, "not UTF-8 text"));
        let lines: Vec<u64> = batch.rows.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 7]);
    }

    #[test]
    fn a_forgotten_quotation_mark_is_told_where_it_stands() {
        let batch = read(
            b"external_id,observed_at,title\nB0A,2024-01-01T00:00:00Z,\"Lamp\nB0A,2024-01-02T00:00:00Z,Lamp\n",
        );
        assert_eq!(batch.rows.len(), 0);
        assert_eq!(
            batch.refused,
            [(
                2,
                "a quotation mark is opened here and never closed".to_owned()
            )]
        );
    }

    #[test]
    fn no_bytes_make_it_stop() {
        for text in [
            &b"\0\0\0"[..],
            b"\xff\xfe",
            b",,,\n",
            b"\"\"\"",
            b"\n\n",
            b"",
        ] {
            assert!(Table::open(text, shared()).is_err(), "{text:?}");
        }
    }
}
