//! What a crawl learnt of a listing besides figures.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::listing::Flags;

/// Content as far as it was learnt: what is empty or absent here leaves what is known alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct NewContent {
    /// The page a person would open.
    pub url: Option<String>,
    /// The name as listed.
    pub title: Option<String>,
    /// The maker or brand.
    pub brand: Option<String>,
    /// The series or collection.
    pub series: Option<String>,
    /// Category path.
    pub category: Option<String>,
    /// Picture addresses, the main one first.
    pub images: Vec<String>,
    /// Addresses of films about it.
    pub videos: Vec<String>,
    /// What the seller says of it, as plain text.
    pub description: Option<String>,
    /// Bullet points.
    pub features: Vec<String>,
    /// Other named facts.
    pub attributes: BTreeMap<String, String>,
    /// Kinds; `None` when not learnt.
    pub flags: Option<Flags>,
}

/// Longest text kept, in characters: brand and series stand in indexes, the rest must not grow without end.
const SHORT: usize = 200;
const LONG: usize = 2_000;
const DESCRIPTION: usize = 20_000;
/// Most entries of a list kept.
const ENTRIES: usize = 100;

impl NewContent {
    /// What was said at these instants together: of each part what was said last; with the newest instant. `None`:
    /// nothing was said.
    #[must_use]
    pub fn together(
        mut told: Vec<(DateTime<Utc>, &Self)>,
    ) -> Option<(DateTime<Utc>, Cow<'_, Self>)> {
        told.sort_by_key(|(at, _)| *at);
        let (newest, _) = *told.last()?;
        let mut told = told.into_iter().map(|(_, content)| content);
        let mut content = Cow::Borrowed(told.next()?);
        for later in told {
            content.to_mut().learn(later.clone());
        }
        Some((newest, content))
    }

    /// Without empty texts, and with over-long ones cut.
    #[must_use]
    pub fn trimmed(self) -> Self {
        Self {
            url: known(self.url, LONG),
            title: known(self.title, LONG),
            brand: known(self.brand, SHORT),
            series: known(self.series, SHORT),
            category: known(self.category, LONG),
            images: texts(self.images),
            videos: texts(self.videos),
            description: known(self.description, DESCRIPTION),
            features: texts(self.features),
            attributes: self
                .attributes
                .into_iter()
                .filter_map(|(name, value)| {
                    Some((known(Some(name), SHORT)?, known(Some(value), LONG)?))
                })
                .take(ENTRIES)
                .collect(),
            flags: self.flags,
        }
    }

    /// Takes over what `later` knows.
    pub fn learn(&mut self, later: Self) {
        fn replace<T>(known: &mut Option<T>, later: Option<T>) {
            if later.is_some() {
                *known = later;
            }
        }
        let Self {
            url,
            title,
            brand,
            series,
            category,
            images,
            videos,
            description,
            features,
            attributes,
            flags,
        } = later;
        replace(&mut self.url, url);
        replace(&mut self.title, title);
        replace(&mut self.brand, brand);
        replace(&mut self.series, series);
        replace(&mut self.category, category);
        replace(&mut self.description, description);
        replace(&mut self.flags, flags);
        if !videos.is_empty() {
            self.videos = videos;
        }
        if !images.is_empty() {
            self.images = images;
        }
        if !features.is_empty() {
            self.features = features;
        }
        if !attributes.is_empty() {
            self.attributes = attributes;
        }
    }
}

/// A word that people filter by, as a listing told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// [`NewContent::brand`].
    Brand,
    /// [`NewContent::series`].
    Series,
    /// [`NewContent::category`].
    Category,
}

impl Word {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Brand, Self::Series, Self::Category];

    /// The name in the table of spellings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Brand => "brand",
            Self::Series => "series",
            Self::Category => "category",
        }
    }

    /// What a content tells.
    pub fn told(self, content: &NewContent) -> Option<&str> {
        let told = match self {
            Self::Brand => &content.brand,
            Self::Series => &content.series,
            Self::Category => &content.category,
        };
        told.as_deref()
    }

    /// Its place in a content.
    pub fn of(self, content: &mut NewContent) -> &mut Option<String> {
        match self {
            Self::Brand => &mut content.brand,
            Self::Series => &mut content.series,
            Self::Category => &mut content.category,
        }
    }
}

/// Postgres texts hold no NUL; an empty text is nothing learnt.
fn known(text: Option<String>, longest: usize) -> Option<String> {
    let text = text?;
    let trimmed = text.trim();
    // Most are as they should be: there are no more characters than bytes.
    if trimmed.len() == text.len() && text.len() <= longest && !text.contains('\0') {
        return (!text.is_empty()).then_some(text);
    }
    let text: String = trimmed
        .chars()
        .filter(|c| *c != '\0')
        .take(longest)
        .collect();
    (!text.is_empty()).then_some(text)
}

fn texts(texts: Vec<String>) -> Vec<String> {
    texts
        .into_iter()
        .filter_map(|text| known(Some(text), LONG))
        .take(ENTRIES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_learnt_never_overwrites() {
        let mut content = NewContent {
            title: Some("Labubu".into()),
            images: vec!["https://a.example/1.jpg".into()],
            ..NewContent::default()
        };
        let known = content.clone();
        content.learn(
            NewContent {
                title: Some("  ".into()),
                ..NewContent::default()
            }
            .trimmed(),
        );
        assert_eq!(content, known);
        content.learn(
            NewContent {
                brand: Some("POP MART\0".into()),
                ..NewContent::default()
            }
            .trimmed(),
        );
        assert_eq!(content.brand.as_deref(), Some("POP MART"));
        assert_eq!(content.title, known.title);
    }
}
