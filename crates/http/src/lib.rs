//! What every HTTP surface shares: errors, extractors, who is calling, paging, health, serving.
//!
//! A handler shows its permission in its signature and returns [`ApiResult`]:
//!
//! ```text
//! async fn create_tracking(
//!     State(state): State<AppState>,
//!     auth::Write(caller): auth::Write,
//!     Json(body): Json<NewTracking>,
//! ) -> ApiResult<impl IntoResponse> { .. }
//! ```
//!
//! Routers work bare; [`server::harden`] adds traces, metrics, limits and the last details of
//! problem answers around the composed whole.

pub mod audit;
pub mod auth;
pub mod client_address;
pub mod error;
pub mod etag;
pub mod extract;
pub mod health;
pub mod idempotency;
pub mod limits;
pub mod openapi;
pub mod page;
pub mod plans;
pub mod problem;
pub mod server;
pub mod surround;

pub use client_address::ClientAddress;
pub use error::{ApiError, ApiResult, ErrorCode};
pub use extract::{Json, Path, Query};
pub use page::{Cursor, Page, PageRequest, Paged};

/// The largest request body, in bytes. Routes that take files set their own limit.
pub const BODY_LIMIT: usize = 1024 * 1024;
