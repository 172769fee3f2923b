//! A typed thing with named properties.

/// A typed thing with named properties, in the order of the page. Names are without `schema.org/`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::web) struct Item {
    pub(super) types: Vec<String>,
    pub(super) id: Option<String>,
    pub(super) properties: Vec<(String, Value)>,
}

/// What a property holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Item(Item),
}

impl Item {
    pub(super) fn is(&self, kinds: &[&str]) -> bool {
        self.types.iter().any(|kind| kinds.contains(&kind.as_str()))
    }

    pub(super) fn all<'a, 'b>(
        &'a self,
        name: &'b str,
    ) -> impl Iterator<Item = &'a Value> + use<'a, 'b> {
        self.properties
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value)
    }

    pub(super) fn items<'a, 'b>(
        &'a self,
        name: &'b str,
    ) -> impl Iterator<Item = &'a Item> + use<'a, 'b> {
        self.all(name).filter_map(|value| match value {
            Value::Item(item) => Some(item),
            Value::Text(_) => None,
        })
    }

    /// The first text of a property; of an item its name, its value or its address.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).find_map(Value::text)
    }

    /// The first text of several properties.
    pub(super) fn either(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.text(name))
    }
}

impl Value {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Self::Item(item) => ["name", "value", "url", "contentUrl"]
                .iter()
                .find_map(|name| {
                    item.all(name).find_map(|value| match value {
                        Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
                        Self::Item(_) => None,
                    })
                }),
        }
    }
}

/// A type's or property's name without its vocabulary.
pub(super) fn bare(name: &str) -> &str {
    let name = name.trim().trim_end_matches('/');
    let name = name.rsplit(['/', '#']).next().unwrap_or(name);
    ["schema:", "s:", "sdo:", "product:", "gr:"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name)
}
