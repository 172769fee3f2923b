//! The migrations in order. Each is one SQL file; the name is what `seaql_migrations` remembers.

use sea_orm_migration::prelude::*;

use crate::provision;

/// Name and SQL of every step, oldest first.
const STEPS: &[(&str, &str)] = &[
    (
        "0000_foundation",
        include_str!("../sql/0000_foundation.sql"),
    ),
    ("0001_identity", include_str!("../sql/0001_identity.sql")),
    ("0002_crawl", include_str!("../sql/0002_crawl.sql")),
    ("0003_catalog", include_str!("../sql/0003_catalog.sql")),
    ("0004_openings", include_str!("../sql/0004_openings.sql")),
    (
        "0005_last_known",
        include_str!("../sql/0005_last_known.sql"),
    ),
    ("0006_watches", include_str!("../sql/0006_watches.sql")),
    (
        "0007_crawl_sources",
        include_str!("../sql/0007_crawl_sources.sql"),
    ),
    (
        "0008_catalog_sources",
        include_str!("../sql/0008_catalog_sources.sql"),
    ),
    ("0009_fairness", include_str!("../sql/0009_fairness.sql")),
    ("0010_claims", include_str!("../sql/0010_claims.sql")),
    ("0011_schedules", include_str!("../sql/0011_schedules.sql")),
    ("0012_rounds", include_str!("../sql/0012_rounds.sql")),
    ("0013_crawls", include_str!("../sql/0013_crawls.sql")),
    ("0014_sync", include_str!("../sql/0014_sync.sql")),
    (
        "0015_alert_engine",
        include_str!("../sql/0015_alert_engine.sql"),
    ),
    ("0016_answers", include_str!("../sql/0016_answers.sql")),
    ("0017_retention", include_str!("../sql/0017_retention.sql")),
    (
        "0018_shared_changes",
        include_str!("../sql/0018_shared_changes.sql"),
    ),
    ("0019_people", include_str!("../sql/0019_people.sql")),
    ("0020_keys", include_str!("../sql/0020_keys.sql")),
    ("0021_limits", include_str!("../sql/0021_limits.sql")),
    ("0022_audit", include_str!("../sql/0022_audit.sql")),
    ("0023_tenants", include_str!("../sql/0023_tenants.sql")),
    (
        "0024_task_openings",
        include_str!("../sql/0024_task_openings.sql"),
    ),
    ("0025_mended", include_str!("../sql/0025_mended.sql")),
    (
        "0026_rules_since",
        include_str!("../sql/0026_rules_since.sql"),
    ),
    (
        "0027_people_mended",
        include_str!("../sql/0027_people_mended.sql"),
    ),
    (
        "0028_products_together",
        include_str!("../sql/0028_products_together.sql"),
    ),
    (
        "0029_fewer_writes",
        include_str!("../sql/0029_fewer_writes.sql"),
    ),
    (
        "0030_figures_alone",
        include_str!("../sql/0030_figures_alone.sql"),
    ),
    (
        "0031_held_targets",
        include_str!("../sql/0031_held_targets.sql"),
    ),
];

/// Changes whenever a step or what comes before the steps does: names the template database that tests are cloned from.
#[must_use]
pub fn fingerprint() -> String {
    let mut all = provision::statements("").concat();
    all.extend(STEPS.iter().flat_map(|(name, sql)| [*name, *sql]));
    secrets::hmac_sha256_hex(b"migrations", &all)
}

/// One SQL file as a migration.
struct SqlStep {
    name: &'static str,
    sql: &'static str,
}

impl MigrationName for SqlStep {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlStep {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(self.sql)
            .await?;
        Ok(())
    }
}

/// sea-orm's runner over [`STEPS`].
pub(crate) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS
            .iter()
            .map(|(name, sql)| Box::new(SqlStep { name, sql }) as Box<dyn MigrationTrait>)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::STEPS;

    /// The statements of a step that run when it does: without comments and the bodies of functions.
    fn statements(sql: &str) -> Vec<String> {
        let outside: String = sql.split("$$").step_by(2).collect();
        let code: Vec<&str> = outside
            .lines()
            .map(|line| line.split("--").next().unwrap_or(line))
            .collect();
        code.join("\n")
            .split(';')
            .map(|statement| statement.trim().to_lowercase())
            .collect()
    }

    /// `schema.table` of every table of tenants that a step makes.
    fn tenant_tables(statements: &[String]) -> Vec<String> {
        let made = statements.iter().filter_map(|statement| {
            let names = statement.strip_prefix("select bw.tenant_table('")?;
            Some(names.trim_end_matches("')").replace("', '", "."))
        });
        made.collect()
    }

    #[test]
    fn what_changes_rows_of_tenants_sees_them() {
        let mut tables = vec!["identity.tenant".to_owned()];
        let mut blind = Vec::new();
        for (name, sql) in STEPS {
            let statements = statements(sql);
            for statement in &statements {
                let moves_rows = ["update ", "delete ", "insert ", "with "]
                    .iter()
                    .any(|verb| statement.starts_with(verb));
                let named = |table: &&String| {
                    statement
                        .split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_'))
                        .any(|word| word == table.as_str())
                };
                let bound = |table: &&String| {
                    let free = format!("alter table {table} no force row level security");
                    !statements.contains(&free)
                };
                if moves_rows {
                    let missed = tables.iter().filter(named).filter(bound);
                    blind.extend(missed.map(|table| format!("{name} sees no row of {table}")));
                }
            }
            tables.extend(tenant_tables(&statements));
        }
        assert!(tables.len() > 20, "{tables:?}");
        assert!(
            blind.is_empty(),
            "free its owner from the policies for the statement: {blind:#?}"
        );
    }

    #[test]
    fn who_is_freed_from_policies_is_bound_again() {
        for (name, sql) in STEPS {
            let count = |words: &str| sql.matches(words).count();
            let freed = count(" no force row level security");
            let bound = count(" force row level security") - freed;
            assert!(bound >= freed, "{name}");
        }
    }
}
