//! Syncs of catalogues, and the log of them, of live reads and of crawls that people start.

mod read;
mod shapes;
mod start;

pub(super) use read::{get_sync_log, list_sync_logs};
pub(super) use start::{by_credential, start_sync};

// utoipa's routes! needs what its attribute made beside each handler.
pub(super) use read::{__path_get_sync_log, __path_list_sync_logs};
pub(super) use start::__path_start_sync;
