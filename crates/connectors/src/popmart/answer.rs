//! Which answer a body is, recognised by its shape: what has another shape than those we know is
//! malformed, never guessed at.

use std::collections::BTreeMap;

use domain::money::Currency;
use serde_json::{Map, Value};

use super::fields::Wrong;
use super::goods::Goods;
use super::{refused, rest, rpc};
use crate::Outcome;
use crate::json::Object;

/// An answer of one of the generations.
#[derive(Debug)]
pub(crate) enum Answer {
    /// One product in full.
    Details(Dialect, Map<String, Value>),
    /// Many products in short.
    List(List),
    /// Units by SKU.
    Stock(BTreeMap<String, Value>),
    /// Boxes of a draw that are still there.
    Boxes(usize),
    /// There is nothing of that name.
    Nothing,
}

/// How a generation tells of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// As the signed calls and the unsigned files do.
    Rest,
    /// As the RPC does.
    Rpc,
}

/// A page of products.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) dialect: Dialect,
    pub(crate) rows: Vec<Value>,
    /// In all.
    pub(crate) total: Option<u64>,
    /// Pages in all.
    pub(crate) pages: Option<u64>,
    /// Rows of a full page.
    pub(crate) page_size: Option<u64>,
}

/// What a body is.
///
/// # Errors
/// The shop's refusal, or that nobody knows this shape.
pub(crate) fn recognise(body: &[u8]) -> Result<Answer, Outcome> {
    let value: Value = serde_json::from_slice(body).map_err(|error| not_json(body, &error))?;
    match value {
        Value::Object(mut object) => {
            if let Some(inner) = object.remove("json") {
                return of_rpc(inner);
            }
            if object.contains_key("productData") {
                return Ok(Answer::List(list(object, "productData", Dialect::Rest)?));
            }
            if object.contains_key("data") || object.contains_key("ret") {
                return of_envelope(object);
            }
            match refused::rpc_error(Object(&object)) {
                Some(refusal) => Err(refusal),
                None => Err(unknown("an object")),
            }
        }
        // The file of new products is sometimes the bare list.
        Value::Array(rows) => Ok(Answer::List(bare(rows))),
        _ => Err(unknown("no object")),
    }
}

fn not_json(body: &[u8], error: &serde_json::Error) -> Outcome {
    let start: String = String::from_utf8_lossy(&body[..body.len().min(64)])
        .trim_start()
        .to_lowercase();
    if body.is_empty() {
        Outcome::malformed("the answer is empty")
    } else if start.starts_with('<') {
        Outcome::malformed("the answer is a web page instead of JSON")
    } else {
        Outcome::malformed(format!("the answer is no whole JSON: {error}"))
    }
}

fn unknown(what: &str) -> Outcome {
    Outcome::malformed(format!(
        "the answer is {what} of a shape that we do not know"
    ))
}

/// `{code, message, now, ret, data}` of the signed calls.
fn of_envelope(mut object: Map<String, Value>) -> Result<Answer, Outcome> {
    if let Some(refusal) = refused::envelope(Object(&object)) {
        return Err(refusal);
    }
    Ok(match object.remove("data") {
        None | Some(Value::Null) => Answer::Nothing,
        Some(Value::Object(data)) => {
            let rows = ["list", "productData", "results"]
                .into_iter()
                .find(|name| data.contains_key(*name));
            match rows {
                Some(rows) => Answer::List(list(data, rows, Dialect::Rest)?),
                None if data.contains_key("id") => Answer::Details(Dialect::Rest, data),
                None => return Err(unknown("an envelope")),
            }
        }
        Some(Value::Array(rows)) => Answer::List(bare(rows)),
        Some(_) => return Err(unknown("an envelope")),
    })
}

/// A list about which nothing else is said.
fn bare(rows: Vec<Value>) -> List {
    List {
        dialect: Dialect::Rest,
        total: None,
        pages: None,
        page_size: None,
        rows,
    }
}

/// `{json: …}` of the RPC.
fn of_rpc(inner: Value) -> Result<Answer, Outcome> {
    let mut object = match inner {
        Value::Null => {
            return Ok(Answer::Nothing);
        }
        Value::Object(object) => object,
        _ => return Err(unknown("a reply")),
    };
    if let Some(refusal) = refused::rpc_error(Object(&object)) {
        return Err(refusal);
    }
    Ok(if object.contains_key("items") {
        let list = list(object, "items", Dialect::Rpc)?;
        Answer::List(List {
            rows: ungrouped(list.rows)?,
            ..list
        })
    } else if object.contains_key("id") {
        Answer::Details(Dialect::Rpc, object)
    } else if let Some(Value::Object(stock)) = object.remove("stock") {
        Answer::Stock(stock.into_iter().collect())
    } else if let Some(Value::Array(boxes)) = object.remove("boxes") {
        let free = boxes.iter().filter_map(Object::of);
        Answer::Boxes(
            free.filter(|b| b.text("status").as_deref() == Some("available"))
                .count(),
        )
    } else {
        return Err(unknown("a reply"));
    })
}

fn list(mut object: Map<String, Value>, rows: &str, dialect: Dialect) -> Result<List, Outcome> {
    let rows = match object.remove(rows) {
        Some(Value::Array(rows)) => rows,
        // An empty list of the shop's Go servers.
        Some(Value::Null) => Vec::new(),
        _ => return Err(unknown("a list")),
    };
    let node = Object(&object);
    let count = |name| node.whole(name).and_then(|count| u64::try_from(count).ok());
    Ok(List {
        dialect,
        total: count("total"),
        pages: count("totalPages"),
        page_size: count("pageSize").filter(|size| *size > 0),
        rows,
    })
}

/// Collections hold groups of products, searches hold products.
fn ungrouped(rows: Vec<Value>) -> Result<Vec<Value>, Outcome> {
    let mut flat = Vec::with_capacity(rows.len());
    for mut row in rows {
        let group = row
            .as_object_mut()
            .filter(|row| !row.contains_key("id"))
            .and_then(|row| row.remove("items"));
        match group {
            Some(Value::Array(products)) => flat.extend(products),
            Some(Value::Null) => {}
            Some(_) => return Err(unknown("a list of groups")),
            None => flat.push(row),
        }
    }
    Ok(flat)
}

impl Dialect {
    pub(crate) fn details(self, node: Object<'_>, local: Option<Currency>) -> Result<Goods, Wrong> {
        match self {
            Self::Rest => rest::details(node, local),
            Self::Rpc => rpc::details(node, local),
        }
    }

    pub(crate) fn row(self, row: &Value, local: Option<Currency>) -> Result<Goods, Wrong> {
        let node = Object::of(row).ok_or("a row is no object")?;
        match self {
            Self::Rest => rest::row(node, local),
            Self::Rpc => rpc::row(node, local),
        }
    }
}
