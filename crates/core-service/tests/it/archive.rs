//! Histories that an operator brings in and out.

use axum::http::StatusCode;
use contracts::catalog::v1::archive_client::ArchiveClient;
use contracts::catalog::v1::prepare_import_response::Checked;
use contracts::catalog::v1::{ExportHistoryRequest, Observation, PrepareImportRequest};
use serde_json::json;
use tonic::{Code, Status};

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage};

const ASIN: &str = "B0ARCHIVE1";

async fn prepare(
    stage: &Stage,
    token: &str,
    observations: Vec<Observation>,
    dry_run: bool,
) -> Result<Vec<Checked>, Status> {
    let (channel, stop) = stage.channel(token);
    let request = PrepareImportRequest {
        observations,
        dry_run,
    };
    let answer = rpc::sized!(ArchiveClient::new(channel))
        .prepare_import(request)
        .await;
    stop.cancel();
    Ok(answer?.into_inner().checked)
}

fn operator() -> String {
    "o".repeat(16)
}

#[tokio::test]
async fn only_the_operator_reaches_histories_of_all() {
    let stage = Stage::new().await;
    for service in ["u", "c", "r", "w"] {
        let token = service.repeat(16);
        let refused = prepare(&stage, &token, Vec::new(), true).await;
        let status = refused.expect_err("refused");
        assert_eq!(status.code(), Code::PermissionDenied, "{service}");
        let (channel, stop) = stage.channel(&token);
        let export = rpc::sized!(ArchiveClient::new(channel))
            .export_history(ExportHistoryRequest::default())
            .await;
        stop.cancel();
        let status = export.expect_err("refused");
        assert_eq!(status.code(), Code::PermissionDenied, "{service}");
    }
}

#[tokio::test]
async fn what_nobody_tracked_has_its_past_when_somebody_does_and_no_tenant_sees_it_before() {
    let stage = Stage::new().await;
    let past = vec![
        seen(ASIN, ago(90_000), 0).price(2_000),
        seen(ASIN, ago(80_000), 0).price(90_000),
    ];
    assert_eq!(
        stage.imported(past.clone()).await[0].1,
        "unknown listing",
        "ingest itself makes no listing"
    );
    let dry = prepare(&stage, &operator(), past.clone(), true)
        .await
        .expect("checked");
    assert!(
        dry.iter()
            .all(|row| row.new_listing && row.reason.is_empty())
    );
    let listings = "select count(*) from catalog.listing";
    assert_eq!(stage.one::<i64>(listings).await, 0);

    let made = prepare(&stage, &operator(), past.clone(), false)
        .await
        .expect("made");
    assert_eq!(made, dry);
    stage.imported(past.clone()).await;
    let known = prepare(&stage, &operator(), past, true)
        .await
        .expect("checked");
    assert!(known.iter().all(|row| row.known && !row.new_listing));

    let id: i64 = stage.one("select id from catalog.listing").await;
    let unseen = stage.get(MINE, &format!("/products/{id}")).await;
    assert_eq!(unseen.status, StatusCode::NOT_FOUND);
    assert_eq!(stage.track(MINE, ASIN).await, id);
    let history = stage
        .get(MINE, &format!("/products/{id}/history?metric=price"))
        .await
        .body;
    assert_eq!(history["metrics"]["price"]["v"], json!(["20.00", "900.00"]));
    let quarantined = "select count(*) from catalog.quarantine";
    assert_eq!(
        stage.one::<i64>(quarantined).await,
        0,
        "an import is believed"
    );
}

#[tokio::test]
async fn a_request_that_cannot_be_is_refused_in_words() {
    let stage = Stage::new().await;
    let (channel, stop) = stage.channel(&operator());
    let mut archive = rpc::sized!(ArchiveClient::new(channel));
    let good = ExportHistoryRequest {
        source: "amazon".into(),
        marketplace: "US".into(),
        ..ExportHistoryRequest::default()
    };
    for (request, said) in [
        (
            ExportHistoryRequest {
                source: "ebay".into(),
                ..good.clone()
            },
            "ebay",
        ),
        (
            ExportHistoryRequest {
                source: "haier".into(),
                ..good.clone()
            },
            "belong to tenants",
        ),
        (
            ExportHistoryRequest {
                from_us: Some(i64::MAX),
                ..good.clone()
            },
            "from is not an instant",
        ),
        (
            ExportHistoryRequest {
                from_us: Some(2),
                to_us: Some(1),
                ..good.clone()
            },
            "ends before it begins",
        ),
        (
            ExportHistoryRequest {
                external_ids: vec![ASIN.into()],
                ..good.clone()
            },
            "0 of the 1 listings",
        ),
    ] {
        let refused = archive.export_history(request).await.expect_err(said);
        assert_eq!(refused.code(), Code::InvalidArgument, "{said}");
        assert!(refused.message().contains(said), "{}", refused.message());
    }
    let mut pages = archive
        .export_history(good)
        .await
        .expect("nothing is no error")
        .into_inner();
    let page = pages.message().await.expect("a page").expect("a page");
    assert_eq!((page.looks, page.listings), (0, 0));
    stop.cancel();
}
