//! The physical limit beside ours: the owner's COPY of the very rows that ours wrote, into the same partitioned table.

use std::time::Instant;

use anyhow::ensure;
use chrono::{DateTime, Utc};
use futures::StreamExt;
use sea_orm::sqlx::{self, PgConnection};

/// Takes the history after `start` out, of which there must be so many rows, and copies it in again; rows a second.
pub async fn again(
    owner: &mut PgConnection,
    start: DateTime<Utc>,
    expected: u64,
) -> anyhow::Result<f64> {
    let rows = format!(
        "select * from catalog.history where observed_at > '{}'",
        start.to_rfc3339()
    );
    let mut copied = owner
        .copy_out_raw(&format!("copy ({rows}) to stdout"))
        .await?;
    let mut bytes = Vec::new();
    while let Some(part) = copied.next().await {
        bytes.extend_from_slice(&part?);
    }
    drop(copied);
    let deleted = sqlx::query("delete from catalog.history where observed_at > $1")
        .bind(start)
        .execute(&mut *owner)
        .await?
        .rows_affected();
    ensure!(
        deleted == expected,
        "history holds {deleted} rows instead of {expected}"
    );
    sqlx::raw_sql("vacuum catalog.history")
        .execute(&mut *owner)
        .await?;
    let began = Instant::now();
    let mut into = owner.copy_in_raw("copy catalog.history from stdin").await?;
    into.send(bytes).await?;
    let rows = into.finish().await?;
    let reference = rows as f64 / began.elapsed().as_secs_f64();
    println!("COPY of the same rows: {reference:.0} a second");
    Ok(reference)
}
