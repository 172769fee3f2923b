//! Which actor of Apify reads what, and in whose way.

use std::fmt;

/// Whose input an actor takes. Its results are recognised by their shape, whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Family {
    /// junglee's crawler: product, search and category pages.
    Junglee,
    /// axesso's product details.
    Axesso,
    /// axesso's search by keyword.
    AxessoSearch,
    /// Bestseller lists, in junglee's form; others take the same.
    Bestsellers,
}

impl Family {
    const ALL: [(&'static str, Self); 4] = [
        ("junglee", Self::Junglee),
        ("axesso", Self::Axesso),
        ("axesso-search", Self::AxessoSearch),
        ("bestsellers", Self::Bestsellers),
    ];

    /// The family that an actor's name tells.
    fn guess(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let has = |part: &str| name.contains(part);
        if has("bestseller") || has("best-seller") {
            Some(Self::Bestsellers)
        } else if has("axesso") && has("search") {
            Some(Self::AxessoSearch)
        } else if has("axesso") {
            Some(Self::Axesso)
        } else if has("junglee") {
            Some(Self::Junglee)
        } else {
            None
        }
    }
}

/// An actor, as a setting names it: `user/name`, `user~name`, or `family:id` where the name does
/// not tell whose input it takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Actor {
    pub(crate) family: Family,
    path: String,
}

impl Actor {
    /// Reads a setting.
    ///
    /// # Errors
    /// What is wrong with it, for the operator.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (family, name) = match text.split_once(':') {
            Some((word, name)) => (
                Family::ALL
                    .into_iter()
                    .find(|(known, _)| *known == word)
                    .map(|(_, family)| family),
                name,
            ),
            None => (Family::guess(text), text),
        };
        let family = family.ok_or_else(|| {
            let known: Vec<_> = Family::ALL.iter().map(|(word, _)| *word).collect();
            format!(
                "is \"{text}\", which does not tell whose input it takes; write one of {} before \
                 it, such as junglee:{name}",
                known.join(", ")
            )
        })?;
        // A slash between user and actor must become a tilde in a path.
        let path = name.replace('/', "~");
        let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '~' | '-' | '_' | '.');
        if path.is_empty() || path.contains("..") || !path.chars().all(sound) {
            return Err(format!("is \"{text}\", which is no actor's name or id"));
        }
        Ok(Self { family, path })
    }

    /// Its segment in a path.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_family_and_ids_need_it_said() {
        for (text, family, path) in [
            (
                "junglee/Amazon-crawler",
                Family::Junglee,
                "junglee~Amazon-crawler",
            ),
            (
                "axesso_data~amazon-product-details-scraper",
                Family::Axesso,
                "axesso_data~amazon-product-details-scraper",
            ),
            (
                "axesso_data/amazon-search-scraper",
                Family::AxessoSearch,
                "axesso_data~amazon-search-scraper",
            ),
            (
                "junglee/amazon-bestsellers",
                Family::Bestsellers,
                "junglee~amazon-bestsellers",
            ),
            (
                "axesso:kL8sVtW2cQz5XrNdM",
                Family::Axesso,
                "kL8sVtW2cQz5XrNdM",
            ),
        ] {
            let actor = Actor::parse(text).expect(text);
            assert_eq!((actor.family, actor.path()), (family, path), "{text}");
        }
        for text in [
            "",
            "kL8sVtW2cQz5XrNdM",
            "nobody:x",
            "junglee:",
            "junglee:../a",
        ] {
            assert!(Actor::parse(text).is_err(), "{text}");
        }
    }
}
