//! What the log says to whom.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use db::outbox::log::LoggedEvent;
use serde_json::Value as Json;
use uuid::Uuid;

/// The kind of a log entry that many tenants share: its data is an array of changes.
pub const SHARED: &str = "listings.changed";
/// As which each of them hears of a change.
const CHANGE: &str = "listing.changed";

/// One message to one tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Such as `alert.raised`.
    pub kind: String,
    /// The state.
    pub data: Json,
}

/// One position of the log, as far as the listeners of this process are concerned.
#[derive(Debug)]
pub struct Entry {
    /// Where.
    pub sequence: i64,
    to: HashMap<Uuid, Vec<Message>>,
    /// For whom a shared entry was worked out; `None`: for everybody.
    served: Option<Arc<HashSet<Uuid>>>,
}

impl Entry {
    /// An entry of the log; `watched` tells which of the `listening` tenants watch which listing.
    pub fn of(
        event: LoggedEvent,
        listening: &Arc<HashSet<Uuid>>,
        watched: &HashMap<i64, Vec<Uuid>>,
    ) -> Self {
        let sequence = event.sequence;
        let mut to: HashMap<Uuid, Vec<Message>> = HashMap::new();
        let Some(tenant_id) = event.tenant_id else {
            for change in changes(&event) {
                let tenants = product(change).and_then(|id| watched.get(&id));
                for tenant in tenants.into_iter().flatten() {
                    to.entry(*tenant).or_default().push(Message {
                        kind: CHANGE.to_owned(),
                        data: change.clone(),
                    });
                }
            }
            return Self {
                sequence,
                to,
                served: Some(Arc::clone(listening)),
            };
        };
        to.insert(
            tenant_id,
            vec![Message {
                kind: event.kind,
                data: event.data,
            }],
        );
        Self {
            sequence,
            to,
            served: None,
        }
    }

    /// What it says to a tenant; `None` when that was not worked out, because the tenant began to listen meanwhile.
    pub fn to(&self, tenant_id: Uuid) -> Option<&[Message]> {
        let known = self
            .served
            .as_ref()
            .is_none_or(|served| served.contains(&tenant_id));
        known.then(|| self.to.get(&tenant_id).map_or(&[][..], Vec::as_slice))
    }
}

/// The listings that shared entries among these are about.
pub fn listings(events: &[LoggedEvent]) -> Vec<i64> {
    let shared = events.iter().filter(|event| event.tenant_id.is_none());
    let ids: BTreeSet<i64> = shared.flat_map(changes).filter_map(product).collect();
    ids.into_iter().collect()
}

fn changes(event: &LoggedEvent) -> &[Json] {
    match (&event.data, event.kind.as_str()) {
        (Json::Array(changes), SHARED) => changes,
        _ => &[],
    }
}

fn product(change: &Json) -> Option<i64> {
    change.get("product_id")?.as_i64()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_shared_entry_says_to_each_what_it_watches_and_nothing_to_who_came_later() {
        let [first, second, later] = [1, 2, 3].map(Uuid::from_u128);
        let event = LoggedEvent {
            sequence: 7,
            tenant_id: None,
            kind: SHARED.to_owned(),
            data: json!([{"product_id": 1}, {"product_id": 2}, {"product": 3}]),
        };
        assert_eq!(listings(std::slice::from_ref(&event)), [1, 2]);
        let listening = Arc::new(HashSet::from([first, second]));
        let watched = HashMap::from([(1, vec![first, second]), (2, vec![second])]);
        let entry = Entry::of(event, &listening, &watched);
        let products = |tenant| {
            let messages = entry.to(tenant)?.iter();
            Some(
                messages
                    .map(|message| message.data["product_id"].clone())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(products(first), Some(vec![json!(1)]));
        assert_eq!(products(second), Some(vec![json!(1), json!(2)]));
        assert_eq!(products(later), None);
    }

    #[test]
    fn an_entry_of_one_tenant_says_nothing_to_others() {
        let [mine, theirs] = [1, 2].map(Uuid::from_u128);
        let event = LoggedEvent {
            sequence: 7,
            tenant_id: Some(mine),
            kind: "alert.raised".to_owned(),
            data: json!({"id": 1}),
        };
        let entry = Entry::of(event, &Arc::default(), &HashMap::new());
        assert_eq!(entry.to(mine).map(<[_]>::len), Some(1));
        assert_eq!(entry.to(theirs), Some(&[][..]));
    }
}
