//! What rules cost a batch: every statement finds its rows by index, among many trackings, rules and looks.

use core_service::ingest::statements;
use sea_orm::sqlx::{self, AssertSqlSafe};
use serde_json::Value;

use crate::stage::Stage;

const LISTINGS: i64 = 50_000;
const BATCH: &str = "(select array_agg(n) from generate_series(1000, 1999) n)";
const LATELY: &str =
    "(select array_agg(now() - interval '1 hour') from generate_series(1000, 1999))";

async fn fill(stage: &Stage) {
    let tenant = stage.tenant;
    for sql in [
        format!(
            "insert into catalog.listing (source, marketplace, external_id, url)
             select 'amazon', 'US', 'B' || lpad(n::text, 9, '0'), 'https://x.example/' || n
             from generate_series(1, {LISTINGS}) n"
        ),
        format!(
            "insert into catalog.tracking (tenant_id, id, listing_id, interval_seconds, created_at, rules_since)
             select '{tenant}', gen_random_uuid(), n, 3600, at, at from (select now() - interval '1 year' as at) as t, generate_series(1, {LISTINGS}) n"
        ),
        // Every tracking has a rule of its own, and 10,000 tenants have four each.
        r#"insert into catalog.alert_rule (tenant_id, id, tracking_id, kind, metric, condition, first_sight, since)
           select tenant_id, gen_random_uuid(), id, 'target_price', 'price',
                  '{"test":"level","metric":"price","side":"below","limit":{"amount":"5.00","currency":"USD"}}'::jsonb, true,
                  created_at
           from catalog.tracking
           union all
           select md5(n::text)::uuid, gen_random_uuid(), null, 'price', 'price', '{}'::jsonb, false, now() - interval '1 year'
           from generate_series(1, 10000) n, generate_series(1, 4)"#
            .to_owned(),
        r#"insert into catalog.history (listing_id, observed_at, "full", origin, offer, currency, price, availability)
           select n, now() - h * interval '18 hours', h % 3 = 0, 1, 1, 'USD', 100 + h, 'in_stock'
           from generate_series(900, 2100) n, generate_series(0, 100) h"#
            .to_owned(),
        "analyze catalog.listing, catalog.tracking, catalog.alert_rule, catalog.history".to_owned(),
    ] {
        let mut connection = stage.owner.acquire().await.expect("a connection");
        // Only the rows matter here: keys are checked elsewhere.
        sqlx::raw_sql("set session_replication_role = replica")
            .execute(&mut *connection)
            .await
            .expect("set");
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await
            .expect("filled");
    }
}

/// Tables that the plan reads from end to end.
fn scanned(plan: &Value, found: &mut Vec<String>) {
    let rows = plan["Actual Rows"].as_f64().unwrap_or_default();
    let removed = plan["Rows Removed by Filter"].as_f64().unwrap_or_default();
    if plan["Node Type"].as_str() == Some("Seq Scan") && rows + removed > 500.0 {
        found.push(plan["Relation Name"].to_string());
    }
    for child in plan["Plans"].as_array().into_iter().flatten() {
        scanned(child, found);
    }
}

#[tokio::test]
async fn rules_find_what_they_need_by_index() {
    let stage = Stage::new().await;
    fill(&stage).await;
    let flags =
        |moved: bool| format!("(select array_agg({moved}) from generate_series(1000, 1999))");
    let metrics = "(select array_agg('rank'::text) from generate_series(1000, 1999))";
    let reach = "(select array_agg(null::bigint) from generate_series(1000, 1999))";
    let from = "(select array_agg(now() - interval '40 days') from generate_series(1000, 1999))";
    // The rules of one tenant, and of as many as a batch of what everybody tracks may have.
    let tenants = |count: i64| {
        format!("(select array_agg(md5(n::text)::uuid) from generate_series(1, {count}) n)::uuid[]")
    };
    let own = "(select array_agg(id) from catalog.tracking where listing_id between 1000 and 1999 and deleted_at is null)::uuid[]";
    let none = "'{}'::uuid[]";
    let (one, many) = (tenants(1), tenants(500));
    let (moved, unmoved) = (flags(true), flags(false));
    for (name, sql, values, rows) in [
        (
            "moved",
            statements::TRACKINGS,
            vec![BATCH, LATELY, &moved],
            Some(1000),
        ),
        (
            "unmoved",
            statements::TRACKINGS,
            vec![BATCH, LATELY, &unmoved],
            Some(0),
        ),
        (
            "a tenant's rules",
            statements::RULES,
            vec![&one, none],
            Some(4),
        ),
        (
            "tenants' rules",
            statements::RULES,
            vec![&many, own],
            Some(3_000),
        ),
        (
            "looks",
            statements::LOOKS,
            vec![BATCH, from, LATELY, reach],
            None,
        ),
        (
            "anchors",
            statements::ANCHORS,
            vec![BATCH, from, metrics],
            None,
        ),
    ] {
        let sql = (1..)
            .zip(&values)
            .fold(sql.to_owned(), |sql, (place, value)| {
                sql.replace(&format!("${place}"), value)
            });
        let plan: Value = sqlx::query_scalar(AssertSqlSafe(format!(
            "explain (analyze, format json) {sql}"
        )))
        .fetch_one(&stage.owner)
        .await
        .expect("a plan");
        let plan = &plan[0];
        println!("{name}: {} ms", plan["Execution Time"]);
        let mut found = Vec::new();
        scanned(&plan["Plan"], &mut found);
        assert_eq!(found, Vec::<String>::new(), "{name}: {plan:#}");
        if let Some(rows) = rows {
            assert_eq!(
                plan["Plan"]["Actual Rows"].as_f64(),
                Some(f64::from(rows)),
                "{name}"
            );
        }
    }
}
