//! The rows that are claimed.

use std::time::Instant;

use anyhow::ensure;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::{BATCH, Spent, WINDOW};

/// Due targets, and the owner's connection to them.
pub struct Targets {
    owner: PgConnection,
}

impl Targets {
    /// As the owner: tenants of three plans, a tenth of them with most of the targets, and a source that has been busy.
    pub async fn make(mut owner: PgConnection, targets: u32, tenants: u32) -> anyhow::Result<Self> {
        let many = (tenants / 10).max(1);
        let sql = format!(
            "insert into crawl.weight (tenant_id, plan, version)
             select lpad(to_hex(n), 32, '0')::uuid,
                    case when n % 20 = 0 then 'enterprise' when n % 5 = 0 then 'pro' else 'free' end, 1
             from generate_series(1, {tenants}) n;
             insert into crawl.payer (tenant_id, source, priority)
             select lpad(to_hex(n), 32, '0')::uuid, 'amazon', p
             from generate_series(1, {tenants}) n, generate_series(1, 3) p;
             insert into crawl.target
                 (id, source, marketplace, external_id, url, interval_seconds, next_due_at, priority, payer_id)
             select n, 'amazon', 'US', 'B' || n, 'https://www.amazon.com/dp/B' || n, 86400,
                    now() - interval '1 day' * (n::bigint * 7919 % {targets}) / {targets}, 3,
                    lpad(to_hex(1 + case when n % 2 = 0 then n / 2 % {many} else n / 2 % {tenants} end), 32, '0')::uuid
             from generate_series(1, {targets}) n;
             insert into crawl.task (id, source, priority, items, lease_until, finished_at)
             values (gen_random_uuid(), 'amazon', 3, {WINDOW}, now(), now())"
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut owner)
            .await?;
        let mut made = Self { owner };
        made.tidy().await?;
        Ok(made)
    }

    /// Everything claimed is fetched and due again tomorrow.
    pub async fn fetched(&mut self) -> anyhow::Result<()> {
        self.execute(
            "update crawl.target set task_id = null, next_due_at = next_due_at + interval '1 day'
             where task_id is not null",
        )
        .await?;
        self.tidy().await
    }

    /// Everything claimed is due as before, for the other side to claim; remembered in the order it was claimed in.
    /// The tasks are done: the source was busy.
    pub async fn given_back(&mut self) -> anyhow::Result<()> {
        self.execute(
            "drop table if exists claimed;
             create temp table claimed as
                 select id, row_number() over (order by task_id, id) as place
                 from crawl.target where task_id is not null;
             analyze claimed;
             update crawl.target set task_id = null where task_id is not null",
        )
        .await?;
        self.execute(
            "delete from crawl.task where finished_at is null;
             update crawl.task set finished_at = now()",
        )
        .await?;
        self.tidy().await
    }

    /// Claims what was given back with nothing but the claim.
    pub async fn bare(&mut self, targets: u64) -> anyhow::Result<Spent> {
        let began = Instant::now();
        let mut claimed = 0;
        while claimed < targets {
            let sql = format!(
                "update crawl.target set task_id = '00000000-0000-7000-8000-000000000001', fence = fence + 1
                 where id in (select t.id from claimed c join crawl.target t using (id)
                              where c.place > {claimed} and c.place <= {claimed} + {BATCH}
                                and t.source = 'amazon' and t.priority = 3 and t.task_id is null
                                and t.next_due_at <= now()
                              for update of t skip locked)"
            );
            let batch = self.execute(&sql).await?;
            ensure!(batch > 0, "some of the same rows cannot be claimed");
            claimed += batch;
        }
        let time = began.elapsed();
        Ok(Spent {
            targets: claimed,
            time,
        })
    }

    /// The tables are as tidy as autovacuum would have them.
    async fn tidy(&mut self) -> anyhow::Result<()> {
        for table in ["target", "task", "payer", "weight", "day_use"] {
            self.execute(&format!("vacuum analyze crawl.{table}"))
                .await?;
        }
        Ok(())
    }

    async fn execute(&mut self, sql: &str) -> anyhow::Result<u64> {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.owner)
            .await?;
        Ok(done.rows_affected())
    }
}
