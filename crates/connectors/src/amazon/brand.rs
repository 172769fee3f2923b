//! The brand out of the line under a title, such as "Visit the X Store".

use crate::json::clean;

/// What stands around the name, in the languages of Amazon's shops.
const LINES: [(&str, &str); 15] = [
    ("Visit the ", " Store"),
    ("Brand:", ""),
    ("Besuche den ", "-Store"),
    ("Besuche den ", " Store"),
    ("Marke:", ""),
    ("Visiter la boutique ", ""),
    ("Marque", ""),
    ("Visita lo Store di ", ""),
    ("Visita la tienda de ", ""),
    ("Visita la Store de ", ""),
    ("Visite a loja ", ""),
    ("Marca:", ""),
    ("Bezoek de ", "-winkel"),
    ("Besök ", "-butiken"),
    ("ブランド:", ""),
];

/// The brand that a byline names; a line of no known form is the name itself.
pub(crate) fn of_byline(line: &str) -> Option<String> {
    let line = line.trim();
    if let Some(name) = line.strip_suffix("のストアを表示") {
        return clean(name);
    }
    let name = LINES.iter().find_map(|(before, after)| {
        let rest = line.strip_prefix(before)?.strip_suffix(after)?;
        // "Marque : X" has a space before its colon.
        Some(rest.trim_start().trim_start_matches(':'))
    });
    clean(name.unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::of_byline;

    #[test]
    fn bylines_name_the_brand() {
        for (line, brand) in [
            ("Visit the Zak Designs Store", "Zak Designs"),
            ("Brand: Ayvicco", "Ayvicco"),
            ("Besuche den Nordhauser-Store", "Nordhauser"),
            ("Visiter la boutique Loop", "Loop"),
            ("Marque : Loop", "Loop"),
            ("ソラネのストアを表示", "ソラネ"),
            ("THERMOS", "THERMOS"),
        ] {
            assert_eq!(of_byline(line).as_deref(), Some(brand), "{line}");
        }
        assert_eq!(of_byline("  "), None);
    }
}
