//! The gRPC side: `Crawl` for core and operators, `Work` for workers, `TenantData` and `Usage` for user-service.

pub(crate) mod crawl;
pub(crate) mod tenant_data;
pub(crate) mod usage;
pub(crate) mod work;

use db::Failure;
use sea_orm::DbErr;
use tonic::Status;
use uuid::Uuid;

/// The database failed: while it is away the caller may try again, and in vain otherwise.
fn database(error: DbErr) -> Status {
    tracing::error!(%error, "a database statement failed");
    match Failure::of(&error) {
        Failure::Away => Status::unavailable("the database did not answer; try again"),
        Failure::BadValue => Status::invalid_argument("the database cannot hold a value of this"),
        Failure::Defect => Status::internal("the database refused a statement"),
    }
}

fn uuid(field: &str, text: &str) -> Result<Uuid, Status> {
    text.parse()
        .map_err(|_| Status::invalid_argument(format!("{field} is not a UUID")))
}
