//! Looking for words.
//!
//! Three letters and more are found anywhere, by their trigrams. One or two, and Chinese, Japanese and Korean, by tokens
//! (`catalog.search_tokens`). What is misspelt is found by likeness, when nothing is spelt as asked for.

use db::TenantTx;
use http_kit::ApiResult;
use sea_orm::sqlx;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::conditions::Binds;
use crate::error::database;
use crate::sql::{contains_pattern, escaped, execute};

/// How words are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum How {
    /// Letter by letter.
    #[default]
    Written,
    /// By likeness.
    Alike,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    text: String,
    reach: Reach,
}

/// By what a word can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// It has three letters in a row.
    Trigrams,
    /// It has fewer, or other letters.
    Tokens,
    /// It has none: signs only.
    Nothing,
}

/// So many words count for the order; all of them for what is found.
const WEIGHED: usize = 8;
/// Letters from which on a word may be misspelt: shorter ones are like too many others.
const LONG: usize = 4;

/// Makes the transaction compare in this way: the share of its trigrams that a misspelt word must have in common with
/// the right one. Two letters exchanged in a word of six leave four of seven.
///
/// # Errors
/// When the database fails.
pub async fn compare(tx: &TenantTx, how: How) -> ApiResult<()> {
    if how == How::Alike {
        let likeness =
            sqlx::query("select set_config('pg_trgm.word_similarity_threshold', '0.5', true)");
        execute(&mut *tx.sqlx().await, likeness)
            .await
            .map_err(database)?;
    }
    Ok(())
}

impl Search {
    /// The words of a text; nothing when it has none.
    pub fn of(text: &str) -> Option<Self> {
        // As the database levels what is searched.
        let level: String = text.nfkc().flat_map(char::to_lowercase).collect();
        let words: Vec<Word> = level.split_whitespace().map(Word::of).collect();
        (!words.is_empty()).then_some(Self { words })
    }

    /// Whether looking by likeness may find more.
    #[must_use]
    pub fn may_be_misspelt(&self) -> bool {
        self.words.iter().any(Word::may_be_misspelt)
    }

    /// The conditions on `catalog.shelved`.
    pub fn conditions(&self, how: How, binds: &mut Binds) -> Vec<String> {
        let mut conditions = Vec::new();
        for word in &self.words {
            if how == How::Alike && word.may_be_misspelt() {
                let alike = "? operator(bw.<%) searched";
                conditions.push(binds.about(alike, word.text.as_str()));
                continue;
            }
            if word.reach == Reach::Tokens {
                let by_tokens = "words @@ catalog.search_query(?)";
                conditions.push(binds.about(by_tokens, word.text.as_str()));
            }
            // Also where tokens find it: they say that it may be there, not that its letters stand together.
            conditions.push(binds.about("searched like ?", contains_pattern(&word.text)));
        }
        conditions
    }

    /// How well a row fits, as a whole number: the very id, then the title's beginning, then words in the title, then
    /// words elsewhere; between equals the more popular.
    pub fn relevance(&self, how: How, binds: &mut Binds) -> String {
        let texts: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        let whole = texts.join(" ");
        let mut parts = vec![
            binds.about(
                "case when lower(external_id) = ? then 8000 else 0 end",
                whole.as_str(),
            ),
            binds.about(
                "case when lower(brand) = ? then 1000 else 0 end",
                whole.as_str(),
            ),
        ];
        let same = binds.bind(whole.as_str());
        let begins = binds.bind(format!("{}%", escaped(&whole)));
        parts.push(format!(
            "case when title = {same} then 4000 when title like {begins} then 2000 else 0 end"
        ));
        for word in self.words.iter().take(WEIGHED) {
            if how == How::Alike {
                let alike = "(bw.word_similarity(?, searched) * 1000)::integer";
                parts.push(binds.about(alike, word.text.as_str()));
            }
            let begins = binds.bind(format!("% {}%", escaped(&word.text)));
            let within = binds.bind(contains_pattern(&word.text));
            parts.push(format!(
                "case when ' ' || title like {begins} then 300 when title like {within} then 200 else 0 end"
            ));
        }
        parts.push("coalesce(popularity, 0)".to_owned());
        // Unknown parts weigh nothing.
        let parts: Vec<String> = parts
            .iter()
            .map(|part| format!("coalesce({part}, 0)"))
            .collect();
        format!("({})::bigint", parts.join(" + "))
    }
}

impl Word {
    fn of(text: &str) -> Self {
        let mut longest = 0;
        let mut row = 0;
        for c in text.chars() {
            row = if c.is_alphanumeric() && !without_spaces(c) {
                row + 1
            } else {
                0
            };
            longest = longest.max(row);
        }
        let reach = if longest >= 3 {
            Reach::Trigrams
        } else if text.chars().any(char::is_alphanumeric) {
            Reach::Tokens
        } else {
            Reach::Nothing
        };
        Self {
            text: text.to_owned(),
            reach,
        }
    }

    fn may_be_misspelt(&self) -> bool {
        let letters = self
            .text
            .chars()
            .filter(|c| c.is_alphabetic() && !without_spaces(*c));
        letters.count() >= LONG
    }
}

/// Whether the letter belongs to a script that is written without spaces, as `catalog.search_tokens` knows them.
const fn without_spaces(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{312f}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaches(text: &str) -> Vec<Reach> {
        let words = Search::of(text)
            .map(|search| search.words)
            .unwrap_or_default();
        words.iter().map(|word| word.reach).collect()
    }

    #[test]
    fn each_word_goes_by_an_index_that_can_find_it() {
        use Reach::{Nothing, Tokens, Trigrams};
        assert_eq!(
            reaches("Lamp lg 3m B0ABC"),
            [Trigrams, Tokens, Tokens, Trigrams]
        );
        assert_eq!(reaches("盲盒 盒 拉布布系列"), [Tokens, Tokens, Tokens]);
        assert_eq!(reaches("LABUBU盲盒 a盒"), [Trigrams, Tokens]);
        assert_eq!(reaches("ＬＡＢＵＢＵ"), [Trigrams], "width does not matter");
        assert_eq!(reaches("% c'est"), [Nothing, Trigrams]);
        assert_eq!(Search::of("  \u{3000} "), None);
    }

    #[test]
    fn only_longer_words_of_letters_may_be_misspelt() {
        let may = |text| Search::of(text).expect("words").may_be_misspelt();
        assert!(may("labubo"));
        assert!(!may("100% lg 盲盒系列"));
    }
}
