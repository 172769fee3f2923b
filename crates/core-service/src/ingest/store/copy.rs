//! Rows as `COPY … (FORMAT binary)` takes them: what a statement does with arrays it does several times as fast.
//!
//! The format: <https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4>.

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use sea_orm::sqlx::PgConnection;

/// Signature, no flags, no header extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// In place of a row's number of columns: the end.
const TRAILER: i16 = -1;
/// In place of a value's length: there is none.
const NULL: i32 = -1;
/// Microseconds between 1970-01-01 and 2000-01-01, from which the server counts.
const EPOCH_US: i64 = 946_684_800_000_000;

/// Rows of one width.
#[derive(Debug)]
pub struct Rows {
    columns: i16,
    bytes: Vec<u8>,
}

/// The next row: its columns are written in order, each exactly once.
#[derive(Debug)]
pub struct Row<'a> {
    left: i16,
    bytes: &'a mut Vec<u8>,
}

impl Rows {
    /// None yet, each of so many columns; room for `expected` of them.
    pub fn new(columns: i16, expected: usize) -> Self {
        let mut bytes = Vec::with_capacity(HEADER.len() + expected * 200);
        bytes.extend_from_slice(HEADER);
        Self { columns, bytes }
    }

    /// Begins the next one.
    pub fn row(&mut self) -> Row<'_> {
        self.bytes.extend_from_slice(&self.columns.to_be_bytes());
        Row {
            left: self.columns,
            bytes: &mut self.bytes,
        }
    }

    /// Sends them; `statement` is `copy … from stdin (format binary)`.
    pub async fn send(
        mut self,
        connection: &mut PgConnection,
        statement: &str,
    ) -> Result<u64, DbErr> {
        self.bytes.extend_from_slice(&TRAILER.to_be_bytes());
        let sent = async {
            let mut copy = connection.copy_in_raw(statement).await?;
            copy.send(self.bytes).await?;
            copy.finish().await
        };
        sent.await.map_err(db::query_error)
    }
}

impl Row<'_> {
    fn column(&mut self, value: Option<&[u8]>) {
        debug_assert!(self.left > 0, "a row has more columns than were promised");
        self.left -= 1;
        let Some(value) = value else {
            self.bytes.extend_from_slice(&NULL.to_be_bytes());
            return;
        };
        // A value of two gigabytes has no place in a row; the server says so.
        let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(value);
    }

    /// `smallint`.
    pub fn small(&mut self, value: Option<i16>) -> &mut Self {
        self.column(
            value
                .map(i16::to_be_bytes)
                .as_ref()
                .map(<[u8; 2]>::as_slice),
        );
        self
    }

    /// `integer`.
    pub fn integer(&mut self, value: Option<i32>) -> &mut Self {
        self.column(
            value
                .map(i32::to_be_bytes)
                .as_ref()
                .map(<[u8; 4]>::as_slice),
        );
        self
    }

    /// `bigint`.
    pub fn big(&mut self, value: Option<i64>) -> &mut Self {
        self.column(
            value
                .map(i64::to_be_bytes)
                .as_ref()
                .map(<[u8; 8]>::as_slice),
        );
        self
    }

    /// `boolean`.
    pub fn boolean(&mut self, value: Option<bool>) -> &mut Self {
        self.column(
            value
                .map(|value| [u8::from(value)])
                .as_ref()
                .map(<[u8; 1]>::as_slice),
        );
        self
    }

    /// `timestamptz`.
    pub fn instant(&mut self, value: DateTime<Utc>) -> &mut Self {
        self.big(Some(value.timestamp_micros().saturating_sub(EPOCH_US)))
    }

    /// `text`.
    pub fn text(&mut self, value: Option<&str>) -> &mut Self {
        self.column(value.map(str::as_bytes));
        self
    }

    /// `jsonb`, given as its text.
    pub fn json(&mut self, value: Option<&str>) -> &mut Self {
        // Its first byte is the version of the form.
        let value = value.map(|text| [&[1], text.as_bytes()].concat());
        self.column(value.as_deref());
        self
    }
}
