//! Single products that are asked for at the same moment, read by one statement.
//!
//! A small read is mostly its way: to a connection, to the server and back, and the beginning of a plan. Who asks while
//! statements are under way waits for the next one, which brings everybody's; nobody waits for others to come.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use db::ApiPool;
use http_kit::{ApiError, ApiResult};
use sea_orm::{DbErr, FromQueryResult, QueryResult, sqlx};
use tokio::sync::{Semaphore, mpsc, oneshot};
use uuid::Uuid;

use super::view::{COLUMNS, DetailsRow};
use crate::error::database;

/// Statements under way at the same time: while one's answer is worked on here, the database has another.
const AT_ONCE: usize = 2;
/// Products of one statement.
const MOST: usize = 100;
/// Who may wait for a statement; others wait to hand theirs over.
const WAITING: usize = 1_000;

/// Where to ask; cheap to clone.
#[derive(Clone, Debug)]
pub struct Together {
    asked: mpsc::Sender<Asked>,
}

struct Asked {
    tenant: Uuid,
    id: i64,
    answer: oneshot::Sender<Found>,
}

/// A row with whose it is and which.
type Named = ((Uuid, i64), QueryResult);

/// A row, none, or why nobody got theirs. Whoever waits for it makes it a product.
type Found = Result<Option<QueryResult>, Arc<ApiError>>;

impl Together {
    /// Starts reading; ends by itself when the last handle is gone. Needs a runtime.
    #[must_use]
    pub fn start(pool: ApiPool) -> Self {
        let (asked, arriving) = mpsc::channel(WAITING);
        tokio::spawn(answer(pool, arriving));
        Self { asked }
    }

    /// One product with what is too long for lists.
    ///
    /// # Errors
    /// The same 404 for an unknown product and one that the tenant does not watch.
    pub async fn details(&self, tenant: Uuid, id: i64) -> ApiResult<DetailsRow> {
        let (answer, found) = oneshot::channel();
        let asked = Asked { tenant, id, answer };
        self.asked.send(asked).await.map_err(ApiError::internal)?;
        // The answer is missing only when reading panicked.
        let found = found.await.map_err(ApiError::internal)?;
        let row = found.map_err(ApiError::shared)?;
        let row = row.ok_or_else(ApiError::not_found)?;
        DetailsRow::from_query_result(&row, "").map_err(database)
    }
}

async fn answer(pool: ApiPool, mut arriving: mpsc::Receiver<Asked>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let mut asked = Vec::new();
        if arriving.recv_many(&mut asked, MOST).await == 0 {
            return;
        }
        let pool = pool.clone();
        // A task of its own: a panic costs these only.
        tokio::spawn(async move {
            tell(read(&pool, &asked).await, asked);
            drop(place);
        });
    }
}

async fn read(pool: &ApiPool, asked: &[Asked]) -> Result<Vec<Named>, DbErr> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!("select tenant_id, {COLUMNS}, description, videos from catalog.products_of($1, $2)")
    });
    let query = sqlx::query(sqlx::AssertSqlSafe(SQL.as_str()))
        .bind(asked.iter().map(|one| one.tenant).collect::<Vec<_>>())
        .bind(asked.iter().map(|one| one.id).collect::<Vec<_>>());
    let rows = pool.read(query).await?.into_iter();
    rows.map(|row| {
        let name = (row.try_get("", "tenant_id")?, row.try_get("", "id")?);
        Ok((name, row))
    })
    .collect()
}

/// Gives everybody a row of their own.
fn tell(rows: Result<Vec<Named>, DbErr>, asked: Vec<Asked>) {
    match rows {
        Ok(rows) => {
            let mut found: HashMap<(Uuid, i64), Vec<QueryResult>> = HashMap::new();
            for (name, row) in rows {
                found.entry(name).or_default().push(row);
            }
            for Asked { tenant, id, answer } in asked {
                let row = found.get_mut(&(tenant, id)).and_then(Vec::pop);
                // One who stopped waiting does not hear it.
                let _ = answer.send(Ok(row));
            }
        }
        Err(error) => {
            let error = Arc::new(database(error));
            for one in asked {
                let _ = one.answer.send(Err(Arc::clone(&error)));
            }
        }
    }
}
