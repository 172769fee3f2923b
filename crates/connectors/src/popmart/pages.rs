//! When a list of pages ends, and when it never would.

use std::collections::HashSet;

use super::answer::List;
use crate::Outcome;
use crate::json::Object;

/// Most pages of one list. The whole shop has about 700 products.
const MOST_PAGES: u64 = 200;

/// How far a list has been read.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    page: u64,
    rows: u64,
    seen: HashSet<String>,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    More,
    End,
}

impl Pages {
    /// The page to ask for next, from 1.
    pub(crate) fn next(&self) -> u64 {
        self.page + 1
    }

    /// Takes a page: the places of the rows that no page has held before, and whether there is more.
    /// `size` is how many rows were asked for; `ends_short` whether a page that is not full is the
    /// last where nothing tells how many there are.
    ///
    /// # Errors
    /// The list contradicts itself: empty although there is more, or repeating itself without end.
    pub(crate) fn take(
        &mut self,
        list: &List,
        size: u64,
        ends_short: bool,
    ) -> Result<(Vec<usize>, Step), Outcome> {
        self.page += 1;
        let size = list.page_size.unwrap_or(size);
        let rows = u64::try_from(list.rows.len()).unwrap_or(u64::MAX);
        if rows == 0 {
            let missing = match list.total {
                // A few rows may be hidden from us; a page of them is not.
                Some(total) if self.page > 1 => self.rows.saturating_add(size) <= total,
                Some(total) => total > 0,
                None => false,
            };
            return match (missing, list.total) {
                (true, Some(total)) => Err(Outcome::malformed(format!(
                    "page {} of the list is empty, though the shop says it has {total} products",
                    self.page
                ))),
                _ => Ok((Vec::new(), Step::End)),
            };
        }
        self.rows = self.rows.saturating_add(rows);
        let fresh: Vec<usize> = list
            .rows
            .iter()
            .enumerate()
            .filter(
                |(_, row)| match Object::of(row).and_then(|row| row.text("id")) {
                    Some(id) => self.seen.insert(id.to_ascii_lowercase()),
                    // Left for the reader to complain of.
                    None => true,
                },
            )
            .map(|(place, _)| place)
            .collect();
        let ended = match (list.pages, list.total) {
            (Some(pages), _) => self.page >= pages,
            (None, Some(total)) => self.rows >= total,
            (None, None) => ends_short && rows < size,
        };
        if ended {
            return Ok((fresh, Step::End));
        }
        if fresh.is_empty() || self.page >= MOST_PAGES {
            return Err(Outcome::malformed(format!(
                "the list never ends: page {} holds nothing new",
                self.page
            )));
        }
        Ok((fresh, Step::More))
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::Dialect;
    use super::*;
    use serde_json::json;

    fn list(ids: impl IntoIterator<Item = u64>, total: Option<u64>) -> List {
        List {
            dialect: Dialect::Rest,
            rows: ids.into_iter().map(|id| json!({ "id": id })).collect(),
            total,
            pages: None,
            page_size: None,
        }
    }

    fn word(result: Result<(Vec<usize>, Step), Outcome>) -> &'static str {
        match result {
            Ok((_, Step::More)) => "more",
            Ok((_, Step::End)) => "end",
            Err(outcome) => outcome.as_str(),
        }
    }

    #[test]
    fn a_list_ends_with_its_total_its_pages_or_an_empty_page() {
        let mut pages = Pages::default();
        assert_eq!(word(pages.take(&list(0..20, Some(22)), 20, false)), "more");
        assert_eq!(word(pages.take(&list(20..22, Some(22)), 20, false)), "end");

        let mut pages = Pages::default();
        assert_eq!(word(pages.take(&list(0..20, None), 20, true)), "more");
        assert_eq!(word(pages.take(&list(20..23, None), 20, true)), "end");

        let mut counted = list(0..50, Some(90));
        counted.pages = Some(1);
        assert_eq!(word(Pages::default().take(&counted, 50, false)), "end");
        assert_eq!(
            word(Pages::default().take(&list([], Some(0)), 20, false)),
            "end"
        );
        assert_eq!(
            word(Pages::default().take(&list([], None), 20, false)),
            "end"
        );
    }

    #[test]
    fn each_product_counts_once() {
        let mut pages = Pages::default();
        let (fresh, _) = pages
            .take(&list([1, 2, 1, 3, 2], Some(9)), 5, false)
            .expect("a page");
        assert_eq!(fresh, [0, 1, 3]);
        let (fresh, _) = pages
            .take(&list([3, 4], Some(9)), 5, false)
            .expect("a page");
        assert_eq!(fresh, [1]);
    }

    #[test]
    fn a_list_that_contradicts_itself_is_malformed() {
        assert_eq!(
            word(Pages::default().take(&list([], Some(4)), 20, false)),
            "malformed"
        );
        let mut pages = Pages::default();
        assert_eq!(word(pages.take(&list(0..20, Some(60)), 20, false)), "more");
        assert_eq!(
            word(pages.take(&list([], Some(60)), 20, false)),
            "malformed"
        );

        let mut pages = Pages::default();
        assert_eq!(word(pages.take(&list(0..20, Some(25)), 20, false)), "more");
        assert_eq!(
            word(pages.take(&list([], Some(25)), 20, false)),
            "end",
            "a few are hidden"
        );
    }

    #[test]
    fn a_list_that_never_ends_is_told() {
        let mut pages = Pages::default();
        assert_eq!(word(pages.take(&list(0..20, None), 20, true)), "more");
        assert_eq!(
            word(pages.take(&list(0..20, None), 20, true)),
            "malformed",
            "the same page again"
        );

        let mut pages = Pages::default();
        let endless = (0..10_000_u64)
            .map(|page| word(pages.take(&list(page * 20..page * 20 + 20, None), 20, true)))
            .take_while(|step| *step == "more")
            .count();
        assert_eq!(
            u64::try_from(endless),
            Ok(MOST_PAGES - 1),
            "new rows without end"
        );
    }
}
