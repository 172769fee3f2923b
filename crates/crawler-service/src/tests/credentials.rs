//! Credentials: written, tested, sealed, handed out for the task at hand.

use chrono::Utc;
use connectors::haier;
use contracts::crawl::v1::work_client::WorkClient;
use contracts::crawl::v1::{OpenSecretRequest, OpenTaskRequest, OpenTaskResponse};
use db::SystemTx;
use http::StatusCode;
use secrets::SecretBox;
use serde_json::{Value, json};
use tonic::Code;
use uuid::Uuid;

use super::peers::failure;
use super::work::{outcome, report};
use super::{Stage, Tracking};
use crate::storage::credentials::{Sealed, works};
use crate::upkeep::Upkeep;

const PATH: &str = "/api/v1/sources/haier/credential";

/// What haier asks for.
pub(super) fn fields(secret: &str) -> Value {
    json!({"fields": {
        "client_id": "acme-1", "client_secret": secret, "customer_code": "8800",
        "password": "hush-hush", "county_code": "",
    }})
}

async fn open(work: &mut WorkClient<rpc::Channel>, task: Uuid) -> OpenTaskResponse {
    let request = OpenTaskRequest {
        task_id: task.to_string(),
    };
    let opened = work.open_task(request).await;
    opened.expect("answered").into_inner()
}

async fn secret(
    work: &mut WorkClient<rpc::Channel>,
    task: Uuid,
) -> Result<std::collections::HashMap<String, String>, Code> {
    let request = OpenSecretRequest {
        task_id: task.to_string(),
    };
    let opened = work.open_secret(request).await;
    opened
        .map(|opened| opened.into_inner().fields)
        .map_err(|status| status.code())
}

#[tokio::test]
async fn values_go_in_and_never_come_out() {
    let stage = Stage::new().await;
    let admin = stage.client("bw_mine_admin");
    assert_eq!(admin.get(PATH).await.status, StatusCode::NOT_FOUND);
    let stored = admin.put(PATH, fields("s3cret-value")).await;
    let stored = stored.expect(StatusCode::OK);
    assert_eq!(
        (&stored["status"], &stored["message"]),
        (&json!("works"), &json!("Acme's account"))
    );
    assert_eq!(
        stored["fields"],
        json!(["client_id", "client_secret", "customer_code", "password"])
    );
    assert!(stored["checked_at"].is_string());
    let checked = stage.peers.script().checks[0].credential.clone();
    assert_eq!(checked["client_secret"], "s3cret-value");

    let seen = [
        admin.get(PATH).await.body.to_string(),
        admin.get("/api/v1/sources").await.body.to_string(),
        stage
            .one::<(String,)>(
                "select coalesce(string_agg(encode(sealed, 'escape') || fields::text || marks::text || message, ''), '')
                 from crawl.credential",
            )
            .await
            .0,
        stage
            .one::<(String,)>("select coalesce(string_agg(o::text, ''), '') from crawl.outbox o")
            .await
            .0,
    ];
    for text in seen {
        assert!(
            !text.contains("s3cret-value") && !text.contains("hush-hush"),
            "{text}"
        );
    }
    // Another tenant has none; whoever may not change settings may not write one.
    let theirs = stage.client("bw_theirs_admin");
    assert_eq!(theirs.get(PATH).await.status, StatusCode::NOT_FOUND);
    assert_eq!(theirs.delete(PATH).await.status, StatusCode::NOT_FOUND);
    for key in ["bw_mine", "bw_mine_write"] {
        let member = stage.client(key);
        let refused = member.put(PATH, fields("x")).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert_eq!(member.delete(PATH).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(admin.delete(PATH).await.status, StatusCode::NO_CONTENT);
    assert_eq!(admin.get(PATH).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_no_credential_is_refused_and_what_does_not_work_is_kept_and_said() {
    let stage = Stage::new().await;
    let admin = stage.client("bw_mine_admin");
    let wrong = json!({"fields": {"client_id": "a", "token": "b"}});
    assert_eq!(
        admin.put(PATH, wrong).await.fields(),
        [
            "fields.token",
            "fields.client_secret",
            "fields.customer_code",
            "fields.password"
        ]
    );
    let amazon = admin
        .put("/api/v1/sources/amazon/credential", fields("x"))
        .await;
    assert_eq!(amazon.fields(), ["fields"]);
    let nowhere = admin
        .put("/api/v1/sources/nowhere/credential", fields("x"))
        .await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);

    for (check, status) in [
        (failure("blocked", true, None), "failed"),
        (failure("failed", false, None), "failed"),
        (failure("network", true, None), "untested"),
        (failure("blocked", true, Some(60)), "untested"),
    ] {
        let reason = check.reason.clone();
        stage.peers.script().check = Some(check);
        let stored = admin.put(PATH, fields("x")).await.expect(StatusCode::OK);
        assert_eq!(stored["status"], json!(status));
        assert!(
            stored["message"]
                .as_str()
                .expect("a text")
                .contains(&reason)
        );
    }
    stage.peers.script().hangs = true;
    let stored = admin.put(PATH, fields("x")).await.expect(StatusCode::OK);
    assert_eq!(stored["status"], json!("untested"), "the deadline passed");
    stage.peers.script().hangs = false;
    stage.peers.script().check = None;
    let again = admin.post(&format!("{PATH}/test"), json!({})).await;
    assert_eq!(again.expect(StatusCode::OK)["status"], json!("works"));
}

#[tokio::test]
async fn a_task_reads_with_its_owners_credential_alone() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    for (tenant, listing) in [(stage.tenant, 1), (stage.other_tenant, 2)] {
        let owned = Tracking {
            source: "haier",
            owner: Some(tenant),
            ..Tracking::of(tenant, listing)
        };
        stage.tell(&owned).await;
    }
    stage
        .client("bw_theirs_admin")
        .put(PATH, fields("theirs"))
        .await
        .expect(StatusCode::OK);
    let topology = stage.state.bus.topology().clone();
    let dispatcher = stage.dispatcher_of(haier::SOURCE, topology);
    let pass = dispatcher.pass().await.expect("dispatched");
    assert_eq!(pass.published, 2, "owners never share a task");
    let of = async |tenant: Uuid| {
        let sql = format!("select id from crawl.task where owner_tenant_id = '{tenant}'");
        stage.one::<(Uuid,)>(&sql).await.0
    };
    let (mine, theirs) = (of(stage.tenant).await, of(stage.other_tenant).await);

    assert_eq!(secret(&mut work, mine).await, Err(Code::NotFound));
    let opened = open(&mut work, mine).await;
    assert!(!opened.live, "nobody goes out without a credential");
    let (outcome_, reason, round): (String, String, i64) = stage
        .one("select last_outcome, last_reason, round from crawl.target where id = 1")
        .await;
    assert_eq!((outcome_.as_str(), round), ("failed", 2));
    assert!(
        reason.starts_with("no credential for this source; add one under"),
        "{reason}"
    );
    assert_eq!(secret(&mut work, mine).await, Err(Code::FailedPrecondition));

    let opened = open(&mut work, theirs).await;
    assert!(opened.live && opened.has_secret);
    assert_eq!(opened.owner_tenant_id, Some(stage.other_tenant.to_string()));
    let fields_ = secret(&mut work, theirs).await.expect("handed out");
    assert_eq!(fields_["client_secret"], "theirs");
    stage
        .execute("update crawl.credential set status = 'untested'")
        .await;
    let item = &opened.items[0];
    assert_eq!(
        report(&mut work, theirs, vec![outcome(item, "ok")]).await,
        1
    );
    assert_eq!(
        secret(&mut work, theirs).await,
        Err(Code::FailedPrecondition)
    );
    assert_eq!(
        secret(&mut work, Uuid::now_v7()).await,
        Err(Code::FailedPrecondition)
    );
    let status: (String,) = stage.one("select status from crawl.credential").await;
    assert_eq!(status.0, "works", "a good fetch proves it");
    // Not what was written while the task was under way.
    stage
        .execute("update crawl.credential set status = 'failed', updated_at = now()")
        .await;
    let tx = SystemTx::begin(&stage.state.pools.system)
        .await
        .expect("begun");
    works(&tx, theirs, Utc::now()).await.expect("looked");
    tx.commit().await.expect("committed");
    let status: (String,) = stage.one("select status from crawl.credential").await;
    assert_eq!(status.0, "failed");

    // What waited for a credential goes on when it comes.
    stage
        .client("bw_mine_admin")
        .put(PATH, fields("mine"))
        .await
        .expect(StatusCode::OK);
    let target = stage.target(1).await;
    assert!(super::is_now(target.next_due_at) && target.priority == 2);
    let public = stage.clone_of_public_task(&mut work).await;
    assert_eq!(secret(&mut work, public).await, Err(Code::NotFound));
}

impl Stage {
    /// A live task of everybody's listings.
    async fn clone_of_public_task(&self, work: &mut WorkClient<rpc::Channel>) -> Uuid {
        self.track(9, 1).await;
        let task = self.dispatch_one().await;
        let opened = open(work, task).await;
        assert!(opened.live && !opened.has_secret && opened.owner_tenant_id.is_none());
        task
    }
}

#[tokio::test]
async fn credentials_move_to_the_newest_key_and_the_old_one_may_go() {
    let stage = Stage::new().await;
    let admin = stage.client("bw_mine_admin");
    admin.put(PATH, fields("kept")).await.expect(StatusCode::OK);
    let upkeep = |ring: SecretBox| Upkeep {
        sync_log: stage.state.settings.sync_log,
        sync_clock: stage.state.settings.sync_clock,
        pool: stage.state.pools.system.clone(),
        ring,
        catalog: stage.state.catalog.clone(),
    };
    let new = || (2, [8; 32].into());
    let without = upkeep(SecretBox::ring([new()]));
    assert_eq!(
        without.reseal().await.expect("looked"),
        1,
        "told, and left as it is"
    );
    let rotated = upkeep(SecretBox::ring([new(), (1, [7; 32].into())]));
    assert_eq!(rotated.reseal().await.expect("sealed"), 0);
    assert_eq!(rotated.reseal().await.expect("looked"), 0);
    let (sealed,): (Vec<u8>,) = stage.one("select sealed from crawl.credential").await;
    let stored = Sealed {
        tenant_id: stage.tenant,
        source: "haier".to_owned(),
        sealed,
    };
    let opened = crate::sealing::open(&SecretBox::ring([new()]), &stored).expect("opened");
    assert_eq!(opened["client_secret"], "kept");
    let moved = Sealed {
        tenant_id: stage.other_tenant,
        ..stored
    };
    assert!(crate::sealing::open(&SecretBox::ring([new()]), &moved).is_err());
    let due = Utc::now();
    assert_eq!(
        upkeep(SecretBox::ring([new()]))
            .forget(due)
            .await
            .expect("looked"),
        0
    );
}
