//! The months of history as partitions.

use chrono::{DateTime, Datelike, Months as MonthCount, NaiveDate, Utc};
use db::SystemPool;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};
use sea_orm::{DbErr, FromQueryResult};

use super::days::midnight;
use crate::sql::fetch;

/// Owns history; only it may detach a month. As `migrations::roles` names it.
const OWNER: &str = "bw_history";
/// One process drops months at a time. An arbitrary constant.
const LOCK: i64 = 0x6d6f_6e74;
/// How long a month may wait for transactions that began before: it goes on in the next turn.
const PATIENCE: &str = "10min";

/// How a month stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Part of history.
    Attached,
    /// Being taken off; that was broken off.
    Detaching,
    /// Taken off, and still there.
    Detached,
}

/// A month of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: NaiveDate,
    /// How it stands.
    pub standing: Standing,
}

impl Month {
    /// The first day after it.
    pub fn end(self) -> NaiveDate {
        self.first + MonthCount::new(1)
    }

    /// When it ends.
    pub fn ends_at(self) -> DateTime<Utc> {
        midnight(self.end())
    }

    fn table(self) -> String {
        format!("catalog.history_{}", self.first.format("%Y%m"))
    }
}

/// The first day of a day's month.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// A connection that may take months off, while nobody else does. Not one of the pool: what it may do ends with it.
#[derive(Debug)]
pub struct Keeper(PgConnection);

impl Keeper {
    /// Takes the part; nothing when another process has it.
    pub async fn begin(pool: &SystemPool) -> Result<Option<Self>, DbErr> {
        let mut connection = pool
            .sqlx()
            .acquire()
            .await
            .map_err(db::query_error)?
            .detach();
        let lock = sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LOCK);
        let alone: bool = lock
            .fetch_one(&mut connection)
            .await
            .map_err(db::query_error)?;
        let mut keeper = Self(connection);
        if !alone {
            keeper.end().await?;
            return Ok(None);
        }
        keeper.run(&format!("set role {OWNER}")).await?;
        // It waits for whoever uses the month, and nobody waits for it meanwhile.
        keeper.run("set lock_timeout = 0").await?;
        keeper
            .run(&format!("set statement_timeout = '{PATIENCE}'"))
            .await?;
        Ok(Some(keeper))
    }

    /// Gives it back.
    pub async fn end(self) -> Result<(), DbErr> {
        self.0.close().await.map_err(db::query_error)
    }

    /// Every month there is, the oldest first.
    pub async fn months(&mut self) -> Result<Vec<Month>, DbErr> {
        #[derive(FromQueryResult)]
        struct Row {
            first: NaiveDate,
            attached: bool,
            detaching: bool,
        }
        let query = sqlx::query(
            "select to_date(right(c.relname, 6), 'YYYYMM') as first, i.inhrelid is not null as attached,
                    coalesce(i.inhdetachpending, false) as detaching
             from pg_class c
             left join pg_inherits i on i.inhrelid = c.oid and i.inhparent = 'catalog.history'::regclass
             where c.relnamespace = 'catalog'::regnamespace and c.relkind = 'r' and c.relname ~ '^history_[0-9]{6}$'
             order by 1",
        );
        let rows: Vec<Row> = fetch(&mut self.0, query).await?;
        Ok(rows
            .into_iter()
            .map(|row| Month {
                first: row.first,
                standing: match (row.attached, row.detaching) {
                    (true, false) => Standing::Attached,
                    (true, true) => Standing::Detaching,
                    (false, _) => Standing::Detached,
                },
            })
            .collect())
    }

    /// Takes a month off without a lock that reads or writes of history would wait for. Afterwards nobody can add to it.
    pub async fn detach(&mut self, month: Month) -> Result<(), DbErr> {
        let how = match month.standing {
            Standing::Attached => "concurrently",
            Standing::Detaching => "finalize",
            Standing::Detached => return Ok(()),
        };
        let table = month.table();
        self.run(&format!(
            "alter table catalog.history detach partition {table} {how}"
        ))
        .await
    }

    /// Makes a detached month part of history again.
    pub async fn attach(&mut self, month: Month) -> Result<(), DbErr> {
        let (table, from, to) = (month.table(), midnight(month.first), month.ends_at());
        self.run(&format!(
            "alter table catalog.history attach partition {table} for values from ('{}') to ('{}')",
            from.to_rfc3339(),
            to.to_rfc3339()
        ))
        .await
    }

    /// Drops a detached month for good.
    pub async fn drop(&mut self, month: Month) -> Result<(), DbErr> {
        let table = month.table();
        self.run(&format!("drop table {table}")).await
    }

    /// Alone and outside of any transaction, as DETACH CONCURRENTLY wants it.
    async fn run(&mut self, sql: &str) -> Result<(), DbErr> {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.0);
        done.await.map(drop).map_err(db::query_error)
    }
}
