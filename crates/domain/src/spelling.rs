//! When two spellings are the same word.

use unicode_normalization::UnicodeNormalization;

/// Longest folded word, in bytes: it stands in an index. Longer ones are no names that people filter by.
const LONGEST: usize = 300;

/// A word without case, width and spaces: words that fold alike are one. `None` for nothing, and for what is too long to
/// be compared.
#[must_use]
pub fn fold(text: &str) -> Option<String> {
    let folded: String = text
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace() && *c != '\0')
        .collect();
    (!folded.is_empty() && folded.len() <= LONGEST).then_some(folded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_width_and_spaces_make_no_other_word() {
        for same in [
            "POP MART",
            "Pop Mart",
            "popmart",
            "ＰＯＰ\u{3000}ＭＡＲＴ",
            " pop\tmart ",
        ] {
            assert_eq!(fold(same).as_deref(), Some("popmart"), "{same}");
        }
        assert_ne!(fold("Haier"), fold("海尔"));
        assert_eq!(fold("  "), None);
        assert_eq!(fold(&"x".repeat(301)), None);
    }

    proptest! {
        #[test]
        fn any_text_folds_and_case_makes_no_difference(text in ".{0,60}", plain in "[a-zA-Z ]{1,60}") {
            let _ = fold(&text);
            prop_assert_eq!(fold(&plain.to_uppercase()), fold(&plain.to_lowercase()));
        }
    }
}
