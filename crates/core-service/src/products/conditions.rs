//! Parts of statements with their parameters.

use sea_orm::Value;

/// The parameters of a statement in the making.
#[derive(Debug, Default)]
pub struct Binds {
    values: Vec<Value>,
}

impl Binds {
    /// Adds a parameter; says how the statement names it.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// A condition about one value, which stands where the `?` are.
    pub fn about(&mut self, text: &str, value: impl Into<Value>) -> String {
        let place = self.bind(value);
        text.replace('?', &place)
    }

    /// All of them, in the order of their names.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }
}

/// `where` and the conditions, or nothing.
pub fn filtered(conditions: &[String]) -> String {
    if conditions.is_empty() {
        String::new()
    } else {
        format!("where {}", conditions.join(" and "))
    }
}
