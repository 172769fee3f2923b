//! What live reads of a distributor may be asked: checked before anybody goes out.

use std::collections::BTreeMap;

/// Product codes in one read; the distributor is asked for 20 at a time.
const MOST_CODES: usize = 200;
/// The longest product or order code, in bytes.
const LONGEST_CODE: usize = 64;

/// A live read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Goods that may be bought.
    Products,
    /// What they cost this account.
    Prices,
    /// How many of one product a county's warehouses have.
    Stock,
    /// What is left on the account.
    Balance,
    /// Where an order is.
    Logistics,
}

impl Read {
    /// The name in path and contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Prices => "prices",
            Self::Stock => "stock",
            Self::Balance => "balance",
            Self::Logistics => "logistics",
        }
    }

    /// (parameter, whether it must be given, what it must look like).
    const fn parameters(self) -> &'static [(&'static str, bool, Form)] {
        match self {
            Self::Products => &[("product_codes", false, Form::Codes)],
            Self::Prices => &[("product_codes", true, Form::Codes)],
            Self::Stock => &[
                ("product_code", true, Form::Code),
                ("county_code", true, Form::County),
            ],
            Self::Balance => &[],
            Self::Logistics => &[("order_code", true, Form::Code)],
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Code,
    Codes,
    County,
}

/// Brings parameters into their one form, or says of each what is wrong with it.
///
/// # Errors
/// (parameter, what is accepted).
pub fn check(
    read: Read,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Vec<(String, String)>> {
    let mut problems = Vec::new();
    let mut checked = BTreeMap::new();
    let known = read.parameters();
    for name in given.keys() {
        if !known.iter().any(|(known, ..)| known == name) {
            problems.push((name.clone(), "is not a parameter here".to_owned()));
        }
    }
    for (name, required, form) in known {
        let text = given.get(*name).map_or("", |text| text.trim());
        if text.is_empty() {
            if *required {
                problems.push(((*name).to_owned(), "is required".to_owned()));
            }
            continue;
        }
        match form.read(text) {
            Ok(text) => drop(checked.insert((*name).to_owned(), text)),
            Err(accepted) => problems.push(((*name).to_owned(), accepted)),
        }
    }
    if problems.is_empty() {
        Ok(checked)
    } else {
        Err(problems)
    }
}

impl Form {
    fn read(self, text: &str) -> Result<String, String> {
        match self {
            Self::Code => is_code(text)
                .then(|| text.to_owned())
                .ok_or_else(|| format!("must be 1 to {LONGEST_CODE} letters, digits, - or _")),
            Self::County => (text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| text.to_owned())
                .ok_or_else(|| "must be the six digits of a county (GB/T 2260)".to_owned()),
            Self::Codes => {
                let mut codes: Vec<&str> = Vec::new();
                for code in text.split(',').map(str::trim) {
                    if !is_code(code) {
                        return Err(format!(
                            "must be codes of 1 to {LONGEST_CODE} letters, digits, - or _, separated by commas"
                        ));
                    }
                    if !codes.contains(&code) {
                        codes.push(code);
                    }
                    if codes.len() > MOST_CODES {
                        return Err(format!("must name at most {MOST_CODES} products"));
                    }
                }
                Ok(codes.join(","))
            }
        }
    }
}

fn is_code(text: &str) -> bool {
    (1..=LONGEST_CODE).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(read: Read, given: &[(&str, &str)]) -> Result<BTreeMap<String, String>, Vec<String>> {
        let given = given
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        check(read, &given.collect()).map_err(|problems| {
            let names = problems.into_iter().map(|(name, _)| name);
            names.collect()
        })
    }

    #[test]
    fn each_wrong_parameter_is_named() {
        assert_eq!(
            ask(Read::Prices, &[]),
            Err(vec!["product_codes".to_owned()])
        );
        assert_eq!(
            ask(
                Read::Stock,
                &[("product_code", "A1"), ("county_code", "31010")]
            ),
            Err(vec!["county_code".to_owned()])
        );
        assert_eq!(
            ask(Read::Balance, &[("order_code", "1")]),
            Err(vec!["order_code".to_owned()])
        );
        assert_eq!(
            ask(Read::Prices, &[("product_codes", "A1,,B2")]),
            Err(vec!["product_codes".to_owned()])
        );
        assert_eq!(
            ask(Read::Logistics, &[("order_code", "a/../b")]),
            Err(vec!["order_code".to_owned()])
        );
        let many: Vec<String> = (0..=MOST_CODES).map(|n| format!("P{n}")).collect();
        assert!(ask(Read::Prices, &[("product_codes", &many.join(","))]).is_err());
        assert!(ask(Read::Prices, &[("product_codes", &many[1..].join(","))]).is_ok());
    }

    #[test]
    fn what_is_right_comes_in_one_form() {
        let codes = ask(Read::Products, &[("product_codes", " A1, B2 ,A1")]).expect("accepted");
        assert_eq!(codes["product_codes"], "A1,B2");
        assert!(ask(Read::Products, &[]).expect("optional").is_empty());
        let stock = [("product_code", "A1"), ("county_code", "310101")];
        assert_eq!(ask(Read::Stock, &stock).expect("accepted").len(), 2);
        assert!(ask(Read::Balance, &[]).is_ok());
    }
}
