//! The rules that every tenant begins with, for tenants that a benchmark makes.

/// As the owner: `tenants` is a query of their ids, as `id`.
pub fn of_each(tenants: &str) -> String {
    format!(
        "insert into catalog.alert_rule (tenant_id, id, kind, metric, condition, seeded)
         select t.id, gen_random_uuid(), r.metric, r.metric,
                jsonb_build_object('test', 'move', 'metric', r.metric, 'baseline', jsonb_build_object('kind', 'previous'),
                                   'direction', 'both', 'more_than', jsonb_build_object('percent', r.size)), true
         from ({tenants}) as t (id), (values ('price', 1000), ('rank', 3000)) as r (metric, size);"
    )
}
