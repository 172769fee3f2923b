//! Tenants that are suspended, resumed, carried away and erased.

use chrono::Utc;
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{Event, TenantStanding};
use futures::TryStreamExt;
use prost::Message;
use uuid::Uuid;

use super::{Stage, Tracking, is_now};
use crate::standings::Standings;
use crate::tenant_data::TenantData;

impl Stage {
    /// Tells the crawler how a tenant stands, and lets its trackings follow.
    async fn stand(&self, tenant: Uuid, stopped: bool, version: i64) {
        let event = Event {
            kind: "tenant.standing".to_owned(),
            subject: tenant.to_string(),
            version,
            tenant_id: Some(tenant.to_string()),
            payload: Some(Payload::TenantStanding(TenantStanding { stopped })),
            ..Event::default()
        };
        self.trackings()
            .apply(&event.encode_to_vec(), None, Utc::now())
            .await
            .expect("applied");
        let standings = Standings {
            pool: self.state.pools.system.clone(),
            wake: self.state.wake.clone(),
        };
        standings.look(Utc::now()).await.expect("followed");
    }

    fn tenant_data(&self) -> TenantData {
        TenantData {
            pools: self.state.pools.clone(),
        }
    }
}

#[tokio::test]
async fn a_suspended_tenants_share_goes_to_others_and_its_own_targets_stop() {
    let stage = Stage::new().await;
    let shared = Tracking {
        interval_seconds: 600,
        ..Tracking::of(stage.tenant, 1)
    };
    stage.tell(&shared).await;
    stage.tell(&Tracking::of(stage.other_tenant, 1)).await;
    stage.track(2, 2).await;
    let (_, mut core) = stage.clients();
    let crawl = super::crawls::start(&mut core, stage.tenant, &[2]).await;

    stage.stand(stage.tenant, true, 2).await;
    assert_eq!(stage.target(1).await.interval_seconds, Some(3600));
    let payer: (Uuid,) = stage
        .one("select payer_id from crawl.target where id = 1")
        .await;
    assert_eq!(payer.0, stage.other_tenant);
    for alone in [2, 3] {
        let stopped = stage.target(alone).await;
        assert_eq!(
            (stopped.interval_seconds, stopped.next_due_at),
            (None, None)
        );
    }
    let ended: (String,) = stage
        .one(&format!(
            "select status from crawl.crawl where id = '{crawl}'"
        ))
        .await;
    assert_ne!(ended.0, "running");

    // What it asks for meanwhile is remembered, and older news changes nothing.
    stage.tell(&Tracking::of(stage.tenant, 4)).await;
    stage
        .tell(&Tracking {
            version: 2,
            live: false,
            ..Tracking::of(stage.tenant, 5)
        })
        .await;
    stage.stand(stage.tenant, false, 1).await;
    assert_eq!(stage.target(4).await.next_due_at, None);

    stage.stand(stage.tenant, false, 3).await;
    assert_eq!(stage.target(1).await.interval_seconds, Some(600));
    for alone in [2, 3, 4] {
        assert!(is_now(stage.target(alone).await.next_due_at), "{alone}");
    }
    assert_eq!(stage.target(5).await.next_due_at, None);
}

#[tokio::test]
async fn nothing_is_searched_or_begun_for_a_suspended_tenant() {
    let stage = Stage::new().await;
    for tenant in [stage.tenant, stage.other_tenant] {
        stage
            .execute(&format!(
                "insert into crawl.monitor (tenant_id, id, source, kind, term, marketplace, name, interval_seconds,
                     hits_limit, alert, track_up_to, tags, next_due_at)
                 values ('{tenant}', gen_random_uuid(), 'popmart', 'keyword', 'x', 'US', 'x', 3600, 10, false, 0, '{{}}',
                         now());
                 insert into crawl.scheduler (tenant_id, enabled, next_round_at) values ('{tenant}', true, now());
                 insert into crawl.sync (tenant_id, id, kind, source, marketplace, mode, trigger, phase, started_at)
                 values ('{tenant}', gen_random_uuid(), 'products', 'popmart', 'US', 'full', 'on_demand', 'choosing',
                         now())"
            ))
            .await;
    }
    stage.stand(stage.tenant, true, 2).await;
    let tx = db::SystemTx::begin(&stage.state.pools.system)
        .await
        .expect("begun");
    let now = Utc::now() + chrono::TimeDelta::seconds(1);
    let source = connectors::popmart::SOURCE;
    let (searching, _) =
        crate::storage::payers::searching(&tx, source, bus::topology::Priority::Medium, now, |_| 1)
            .await
            .expect("read");
    let searching: Vec<Uuid> = searching.iter().map(|payer| payer.id).collect();
    assert_eq!(searching, [stage.other_tenant]);
    let due = crate::storage::schedulers::due(&tx, now, 10).await;
    assert_eq!(due.expect("read"), [stage.other_tenant]);
    let claimed = crate::storage::sync_work::claim(&tx, now, now)
        .await
        .expect("read")
        .expect("one");
    assert_eq!(claimed.tenant_id, stage.other_tenant);
}

#[tokio::test]
async fn an_erased_tenant_leaves_no_trace_and_others_go_on() {
    let stage = Stage::new().await;
    stage.track(1, 3).await;
    stage.tell(&Tracking::of(stage.other_tenant, 1)).await;
    stage
        .tell(&Tracking {
            owner: Some(stage.tenant),
            source: "haier",
            ..Tracking::of(stage.tenant, 9)
        })
        .await;
    let (_, mut core) = stage.clients();
    super::crawls::start(&mut core, stage.tenant, &[1, 2]).await;
    let tenant = stage.tenant;
    stage
        .execute(&format!(
            "insert into crawl.credential (tenant_id, source, sealed, fields) values ('{tenant}', 'haier', '\\x01', '{{}}');
             insert into crawl.task (id, source, priority, items, lease_until, owner_tenant_id)
             values (gen_random_uuid(), 'haier', 1, 1, now(), '{tenant}');
             insert into crawl.run_cost (source, run, task_id, owner_tenant_id, micro_usd, day)
             values ('amazon', 'r', gen_random_uuid(), '{tenant}', 5, current_date);
             insert into crawl.spend (tenant_id, source, day, micro_usd) values ('{tenant}', 'amazon', current_date, 5)"
        ))
        .await;
    let data = stage.tenant_data();
    // One part, as of a process that is killed then; the next call does the rest.
    assert!(data.erase_part(tenant, Utc::now()).await.expect("erased") > 0);
    let erased = stage
        .tenant_data()
        .erase(tenant, Utc::now())
        .await
        .expect("erased");
    assert!(erased.done && erased.rows > 0);
    let again = data.erase(tenant, Utc::now()).await.expect("erased");
    assert_eq!((again.rows, again.done), (0, true));

    let env = stage._env.as_ref().expect("a database");
    let traces = devstack::testing::traces(&env.database_url, &tenant.to_string()).await;
    assert_eq!(traces.expect("looked"), Vec::<String>::new());
    let other = stage.target(1).await;
    assert_eq!(other.interval_seconds, Some(3600));
    assert!(other.next_due_at.is_some());
    assert_eq!(stage.target(2).await.next_due_at, None);
    let own: (i64,) = stage
        .one("select count(*) from crawl.target where id = 9")
        .await;
    assert_eq!(own.0, 0);
}

#[tokio::test]
async fn an_export_has_the_tenants_rows_alone_and_no_secret() {
    let stage = Stage::new().await;
    let (mine, theirs) = (stage.tenant, stage.other_tenant);
    stage.track(1, 2).await;
    stage.tell(&Tracking::of(theirs, 1)).await;
    for tenant in [mine, theirs] {
        stage
            .execute(&format!(
                "insert into crawl.credential (tenant_id, source, sealed, fields, marks)
                 values ('{tenant}', 'haier', '\\xabcdef', '{{app_key}}', '{{digest}}')"
            ))
            .await;
    }
    let parts = stage.tenant_data().export(mine).await.expect("begun");
    let parts: Vec<_> = parts.try_collect().await.expect("whole");
    let whole: Vec<u8> = parts.iter().flat_map(|part| part.content.clone()).collect();
    let text = String::from_utf8(whole).expect("text");
    assert!(!text.contains(&theirs.to_string()));
    for secret in ["sealed", "abcdef", "digest", "marks"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let records = |file: &str| -> u64 {
        let of = parts.iter().filter(|part| part.file == file);
        of.map(|part| part.records).sum()
    };
    assert_eq!(records("crawl/credential.jsonl"), 1);
    assert_eq!(records("crawl/schedule.jsonl"), 2);
    assert!(text.contains("app_key"));
    let last = parts.last().expect("parts");
    assert_eq!(last.done, last.total);
    assert!(!parts.iter().any(|part| part.file.contains("outbox")));
}
