//! Categories: keywords that are watched in several sources at once.

mod change;
mod read;
mod shapes;
pub(super) mod sync;

pub(super) use change::{create_category, delete_category, update_category};
pub(super) use read::{get_category, list_categories};

// utoipa's routes! needs what its attribute made beside each handler.
pub(super) use change::{__path_create_category, __path_delete_category, __path_update_category};
pub(super) use read::{__path_get_category, __path_list_categories};
