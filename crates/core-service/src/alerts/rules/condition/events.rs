//! Reading tests of what happens: another seller, another word for availability.

use domain::alert::{AvailabilityEvent, BuyBoxEvent};
use domain::availability::Availability;

use super::fields::Fields;

/// Longest name of a seller, in bytes, as ingest keeps them.
const SELLER: usize = 200;

#[derive(Clone, Copy, PartialEq)]
enum Event {
    Changed,
    Won,
    Lost,
    Restock,
    OutOfStock,
}

/// Another seller in the buy box.
pub fn buy_box(fields: &mut Fields<'_>) -> Option<BuyBoxEvent> {
    const EVENTS: [(Event, &str); 3] = [
        (Event::Changed, "changed"),
        (Event::Won, "won"),
        (Event::Lost, "lost"),
    ];
    fields.only(&["test", "event", "seller"], "a buy box test");
    let event = fields.needed_word("event", &EVENTS)?;
    let seller = fields.get("seller").map(|seller| {
        let text = seller.as_str().map(str::trim).unwrap_or_default();
        text.to_owned()
    });
    match (event, seller) {
        (Event::Changed, None) => Some(BuyBoxEvent::Changed),
        (Event::Changed, Some(_)) => {
            fields.refuse("seller", "goes with `won` and `lost`; leave it out");
            None
        }
        (_, Some(seller)) if (1..=SELLER).contains(&seller.len()) && !seller.contains('\0') => {
            Some(match event {
                Event::Won => BuyBoxEvent::Won { seller },
                _ => BuyBoxEvent::Lost { seller },
            })
        }
        _ => {
            fields.refuse(
                "seller",
                "must be the seller's name as the listing shows it",
            );
            None
        }
    }
}

/// Another way in which the product can be had.
pub fn availability(fields: &mut Fields<'_>) -> Option<AvailabilityEvent> {
    const EVENTS: [(Event, &str); 3] = [
        (Event::Restock, "restock"),
        (Event::OutOfStock, "out_of_stock"),
        (Event::Changed, "changed"),
    ];
    fields.only(&["test", "event", "from", "to"], "an availability test");
    let event = fields.needed_word("event", &EVENTS)?;
    let words: Vec<(Availability, &str)> = Availability::ALL
        .into_iter()
        .filter(|(word, _)| *word != Availability::Unknown)
        .collect();
    let (from, to) = (fields.words("from", &words), fields.words("to", &words));
    match event {
        Event::Changed => Some(AvailabilityEvent::Changed { from, to }),
        _ if !from.is_empty() || !to.is_empty() => {
            fields.refuse("from", "`from` and `to` go with `changed`; leave them out");
            None
        }
        Event::Restock => Some(AvailabilityEvent::Restock),
        _ => Some(AvailabilityEvent::OutOfStock),
    }
}
