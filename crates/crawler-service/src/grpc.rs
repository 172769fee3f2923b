//! The gRPC side: `Crawl` for core and operators, `Work` for workers.

pub(crate) mod crawl;
pub(crate) mod work;

use sea_orm::DbErr;
use tonic::Status;
use uuid::Uuid;

/// The database failed: the caller may try again.
fn unavailable(error: DbErr) -> Status {
    tracing::error!(%error, "a database statement failed");
    Status::unavailable("the database did not answer; try again")
}

fn uuid(field: &str, text: &str) -> Result<Uuid, Status> {
    text.parse()
        .map_err(|_| Status::invalid_argument(format!("{field} is not a UUID")))
}
