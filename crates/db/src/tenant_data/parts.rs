//! A tenant's data on its way out: lines, collected into parts of files.

use contracts::catalog::v1::ExportTenantResponse;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use sea_orm::DbErr;
use tokio::sync::mpsc;
use tracing::Instrument;

/// Bytes from which on a part is sent: far below a message's limit, far above a line.
const SIZE: usize = 128 * 1024;
/// Parts that wait for a slow reader.
const WAITING: usize = 4;

/// Where lines go. Files come one after the other; whoever reads slowly slows the writer down.
#[derive(Debug)]
pub struct Parts {
    sender: mpsc::Sender<ExportTenantResponse>,
    part: ExportTenantResponse,
}

/// What `write` writes in `total` steps, as it writes it. It ends early when nobody reads any more.
pub fn told<F, W>(total: u64, write: F) -> BoxStream<'static, Result<ExportTenantResponse, DbErr>>
where
    F: FnOnce(Parts) -> W,
    W: Future<Output = Result<(), DbErr>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(WAITING);
    let part = ExportTenantResponse {
        total,
        ..ExportTenantResponse::default()
    };
    let writing = tokio::spawn(write(Parts { sender, part }).in_current_span());
    let read = stream::unfold(Some((receiver, writing)), async |state| {
        let (mut receiver, writing) = state?;
        if let Some(part) = receiver.recv().await {
            return Some((Ok(part), Some((receiver, writing))));
        }
        // Nothing comes any more: all is told, or it broke off.
        match writing.await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some((Err(error), None)),
            Err(error) => Some((Err(DbErr::Custom(error.to_string())), None)),
        }
    });
    read.boxed()
}

impl Parts {
    /// Begins a file, which may stay without lines.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub async fn file(&mut self, name: &str) -> Result<(), DbErr> {
        if self.part.file != name {
            self.send().await?;
            name.clone_into(&mut self.part.file);
        }
        Ok(())
    }

    /// What stands above the records of the file, such as names of columns.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub async fn head(&mut self, lines: &str) -> Result<(), DbErr> {
        self.add(lines, 0).await
    }

    /// Adds whole lines that tell of so many things to the file.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub async fn add(&mut self, lines: &str, records: u64) -> Result<(), DbErr> {
        self.part.content.extend_from_slice(lines.as_bytes());
        self.part.records += records;
        if self.part.content.len() >= SIZE {
            self.send().await?;
        }
        Ok(())
    }

    /// One more of the steps is done.
    pub fn step(&mut self) {
        self.part.done += 1;
    }

    /// Sends what is left.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub async fn finish(mut self) -> Result<(), DbErr> {
        self.send().await
    }

    async fn send(&mut self) -> Result<(), DbErr> {
        if self.part.file.is_empty() {
            return Ok(());
        }
        let rest = ExportTenantResponse {
            file: self.part.file.clone(),
            done: self.part.done,
            total: self.part.total,
            ..ExportTenantResponse::default()
        };
        let full = std::mem::replace(&mut self.part, rest);
        let sent = self.sender.send(full).await;
        sent.map_err(|_| DbErr::Custom("nobody reads the export any more".to_owned()))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_come_one_after_the_other_and_empty_ones_too() {
        let told = told(2, async |mut parts: Parts| {
            parts.file("a").await?;
            let long = format!("{}\n", "x".repeat(SIZE));
            parts.add(&long, 1).await?;
            parts.add("last\n", 1).await?;
            parts.step();
            parts.file("empty").await?;
            parts.step();
            parts.file("b").await?;
            parts.head("name\n").await?;
            parts.finish().await
        });
        let seen: Vec<_> = told
            .map(|part| part.unwrap())
            .map(|part| (part.file, part.content.len(), part.records, part.done))
            .collect()
            .await;
        let expected = [
            ("a".to_owned(), SIZE + 1, 1, 0),
            ("a".to_owned(), 5, 1, 1),
            ("empty".to_owned(), 0, 0, 2),
            ("b".to_owned(), 5, 0, 2),
        ];
        assert_eq!(seen, expected);
    }

    #[tokio::test]
    async fn what_breaks_off_is_told_after_what_came() {
        let told = told(1, async |mut parts: Parts| {
            parts.file("a").await?;
            parts.add(&"x".repeat(SIZE), 1).await?;
            Err(DbErr::Custom("away".to_owned()))
        });
        let seen: Vec<_> = told.map(|part| part.is_ok()).collect().await;
        assert_eq!(seen, [true, false]);
    }
}
