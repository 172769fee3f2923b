use db::idempotency::Store;
use db::outbox::Schema;
use http_kit::idempotency::{Claim, IdempotencyStore, Known};
use uuid::Uuid;

use crate::database;

#[tokio::test]
async fn a_key_is_claimed_once_and_its_answer_given_again() {
    let database = database().await;
    let store = Store::new(database.pools.api.clone(), Schema::Catalog);
    let claim = Claim {
        tenant_id: Uuid::now_v7(),
        operation: "POST /things".into(),
        key: "key".into(),
        request_sha256: [1; 32],
    };
    let other_request = Claim {
        request_sha256: [2; 32],
        ..claim.clone()
    };
    let other_tenant = Claim {
        tenant_id: Uuid::now_v7(),
        ..claim.clone()
    };

    let claims = futures::future::join_all((0..8).map(|_| store.begin(&claim))).await;
    let fresh = claims
        .iter()
        .filter(|known| matches!(known, Ok(Known::Fresh)))
        .count();
    assert_eq!(fresh, 1, "{claims:?}");
    store
        .finish(&claim, 201, b"sealed".to_vec())
        .await
        .expect("finishes");
    let done = Known::Done {
        status: 201,
        sealed: b"sealed".to_vec(),
    };
    assert_eq!(store.begin(&claim).await.expect("begins"), done);
    assert_eq!(
        store.begin(&other_request).await.expect("begins"),
        Known::OtherRequest
    );
    assert_eq!(
        store.begin(&other_tenant).await.expect("begins"),
        Known::Fresh
    );
    store.abandon(&other_tenant).await.expect("abandons");
    assert_eq!(
        store.begin(&other_tenant).await.expect("begins"),
        Known::Fresh,
        "an abandoned key is free"
    );
}
