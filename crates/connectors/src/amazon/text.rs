//! Figures that Amazon shows as text.

use chrono::NaiveDate;
use domain::availability::Availability;
use domain::observation::CategoryRank;
use rust_decimal::Decimal;

use crate::json;

/// Longest name that core takes.
const NAME: usize = 200;
/// Most ranks of one observation that core takes.
const RANKS: usize = 50;

/// A name of at most as many bytes as core takes.
pub(crate) fn name(text: &str) -> String {
    text[..text.floor_char_boundary(NAME)].trim_end().to_owned()
}

/// One rank; `None` for what is no rank.
pub(crate) fn rank_of(rank: i32, category: &str) -> Option<CategoryRank> {
    let category = name(category.trim());
    (rank >= 1 && !category.is_empty()).then_some(CategoryRank { category, rank })
}

/// Ranks, each category once, as many as are kept.
pub(crate) fn distinct(ranks: impl IntoIterator<Item = CategoryRank>) -> Vec<CategoryRank> {
    let mut kept: Vec<CategoryRank> = Vec::new();
    for rank in ranks {
        if kept.len() < RANKS && kept.iter().all(|known| known.category != rank.category) {
            kept.push(rank);
        }
    }
    kept
}

/// Ranks out of `#71 in Sports & Outdoors (See Top 100 in …) #6 in Water Bottles`, with or
/// without `#`, the root category first.
pub(crate) fn ranks(text: &str) -> Vec<CategoryRank> {
    let mut parts = vec![String::new()];
    let mut depth = 0_u32;
    let text = text
        .replace("Nr. ", "#")
        .replace("nº", "#")
        .replace("n° ", "#");
    for c in text.chars() {
        match c {
            '(' | '（' => depth += 1,
            // After the remark in brackets, and at each #, a new rank begins.
            ')' | '）' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    parts.push(String::new());
                }
            }
            _ if depth > 0 => {}
            '#' => parts.push(String::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(c);
                }
            }
        }
    }
    distinct(parts.iter().filter_map(|part| rank(part)))
}

/// One `2,778 in Sports & Outdoors`, `1.260 en Hogar` or `ホーム - 1,260位`.
fn rank(part: &str) -> Option<CategoryRank> {
    let part = part.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{200e}' | '\u{200f}' | ':' | ';')
    });
    if let Some((category, number)) = part.rsplit_once(" - ")
        && let Some(number) = number.trim().strip_suffix('位')
    {
        return rank_of(place(number)?, category);
    }
    [" in ", " en ", " em ", " i ", " w "]
        .iter()
        .find_map(|word| {
            let (number, category) = part.split_once(word)?;
            rank_of(place(number)?, category)
        })
}

/// A place such as `2,778`, `n. 1.260` or `nº 17`.
fn place(number: &str) -> Option<i32> {
    let number = number.trim();
    let bare = ["nr.", "nr", "nº", "n°", "n.", "№"]
        .iter()
        .find_map(|word| number.strip_prefix(word));
    json::counted(bare.unwrap_or(number))
}

/// Hundredths of a star out of `4.6 out of 5 stars`, `4,6 von 5 Sternen`, `4.6/5`, `5つ星のうち4.6` or
/// `5 yıldız üzerinden 4,6`.
pub(crate) fn rating(text: &str) -> Option<i32> {
    let text = text.trim();
    let text = OF_FIVE
        .iter()
        .find_map(|words| text.strip_prefix(words))
        .unwrap_or(text);
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')));
    let stars = text[..end.unwrap_or(text.len())].replace(',', ".");
    hundredths(stars.parse().ok()?)
}

/// "Out of five stars" where it stands before the figure.
const OF_FIVE: [&str; 3] = ["5つ星のうち", "5 yıldız üzerinden ", "星5つ中の"];

/// Hundredths of a star; `None` outside 0 to 5.
pub(crate) fn hundredths(stars: Decimal) -> Option<i32> {
    let hundredths = stars.checked_mul(Decimal::from(100))?.round();
    i32::try_from(hundredths)
        .ok()
        .filter(|value| (0..=500).contains(value))
}

/// The figure in `800+ bought in past month` or `1K+ bought in past month`.
pub(crate) fn sales(text: &str) -> Option<String> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let factor = match rest.trim_start().chars().next() {
        Some('K' | 'k') => 1_000,
        Some('M') => 1_000_000,
        Some('+') | None => 1,
        _ => return None,
    };
    let number: Decimal = if factor == 1 {
        number.replace([',', '.'], "").parse().ok()?
    } else {
        number.replace(',', ".").parse().ok()?
    };
    let sales = number.checked_mul(Decimal::from(factor))?;
    (sales > Decimal::ZERO).then(|| sales.normalize().to_string())
}

/// A day as RFC 3339 out of `July 14, 2018`, `14 July 2018` or `2018-07-14`.
pub(crate) fn date(text: &str) -> Option<String> {
    let text = text.trim();
    [
        "%B %d, %Y",
        "%d %B %Y",
        "%b %d, %Y",
        "%d %b %Y",
        "%Y-%m-%d",
        "%Y/%m/%d",
    ]
    .iter()
    .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
    .map(|day| day.to_string())
}

/// What a line such as `Only 9 left in stock - order soon.` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stock {
    pub(crate) availability: Availability,
    pub(crate) in_stock: Option<bool>,
    pub(crate) quantity: Option<i32>,
    /// Amazon says that there is no offer at all, whatever stands beside it.
    pub(crate) no_offer: bool,
}

/// No offer at all, in the languages of Amazon's shops.
const UNAVAILABLE: &[&str] = &[
    "unavailable",
    "not available",
    "nicht verfügbar",
    "indisponible",
    "non disponibile",
    "no disponible",
    "não disponível",
    "indisponível",
    "niet verkrijgbaar",
    "niet beschikbaar",
    "inte tillgänglig",
    "niedostępn",
    "在庫切れ",
    "غير متوفر",
    "mevcut değil",
];
/// Listed, to be had later.
const OUT_OF_STOCK: &[&str] = &[
    "out of stock",
    "sold out",
    "nicht auf lager",
    "en rupture de stock",
    "agotado",
    "non disponible",
    "esgotado",
    "niet op voorraad",
    "inte i lager",
    "stokta yok",
    "一時的に在庫切れ",
];
const PRE_ORDER: &[&str] = &[
    "pre-order",
    "preorder",
    "will be released",
    "vorbestell",
    "précommande",
    "予約",
];
/// To be had now.
const IN_STOCK: &[&str] = &[
    "in stock",
    "available to ship",
    "usually ships",
    "auf lager",
    "en stock",
    "disponibilità immediata",
    "disponibile",
    "em estoque",
    "op voorraad",
    "i lager",
    "dostępny",
    "w magazynie",
    "在庫あり",
    "stokta var",
    "متوفر",
    "available",
];
/// Before the number of units left.
const FEW: &[&str] = &[
    "only ",
    "nur noch ",
    "il ne reste plus que ",
    "plus que ",
    "solo ",
    "sólo ",
    "solo quedan ",
    "sólo quedan ",
    "solo queda(n) ",
    "sólo queda(n) ",
    "quedan ",
    "queda(n) ",
    "apenas ",
    "残り",
    "nog maar ",
    "nog slechts ",
    "endast ",
    "stokta sadece ",
    "zostało tylko ",
];

pub(crate) fn stock(text: &str) -> Stock {
    let text = text.trim().to_lowercase();
    let holds = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let of = |availability, in_stock, quantity| Stock {
        availability,
        in_stock: Some(in_stock),
        quantity,
        no_offer: false,
    };
    // "Temporarily out of stock" can still be ordered; "currently unavailable" cannot.
    if holds(UNAVAILABLE) && !text.contains("一時的に在庫切れ") {
        return Stock {
            no_offer: true,
            ..of(Availability::OutOfStock, false, None)
        };
    }
    if holds(OUT_OF_STOCK) {
        return of(Availability::OutOfStock, false, None);
    }
    if holds(PRE_ORDER) {
        return of(Availability::PreOrder, false, None);
    }
    if let Some(quantity) = FEW.iter().find_map(|words| left(&text, words)) {
        return of(Availability::InStock, quantity > 0, Some(quantity));
    }
    if IN_STOCK.iter().any(|words| text.starts_with(words)) {
        return of(Availability::InStock, true, None);
    }
    Stock::default()
}

/// The units that a line beginning with these words names.
fn left(text: &str, words: &str) -> Option<i32> {
    let left = text.trim_start_matches('¡').strip_prefix(words)?;
    let end = left.find(|c: char| !c.is_ascii_digit());
    left[..end.unwrap_or(left.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(i32, String)> {
        ranks(text)
            .into_iter()
            .map(|entry| (entry.rank, entry.category))
            .collect()
    }

    #[test]
    fn ranks_are_read_in_either_actors_spelling() {
        assert_eq!(
            pairs(
                "#2,778 in Sports & Outdoors (See Top 100 in Sports & Outdoors) #132 in Water Bottles"
            ),
            [
                (2778, "Sports & Outdoors".into()),
                (132, "Water Bottles".into())
            ]
        );
        assert_eq!(
            pairs(
                "28 in Health, Household & Personal Care (See Top 100 in Health, Household & \
                 Personal Care)1 in Earplugs"
            ),
            [
                (28, "Health, Household & Personal Care".into()),
                (1, "Earplugs".into())
            ]
        );
        assert_eq!(
            pairs("Nr. 5 in Küche (Siehe Top 100 in Küche)"),
            [(5, "Küche".into())]
        );
        assert_eq!(
            pairs("Nr. 1.260 in Küche (Siehe Top 100 in Küche) Nr. 2 in Tassen"),
            [(1260, "Küche".into()), (2, "Tassen".into())]
        );
        assert_eq!(
            pairs("ホーム&キッチン - 1,260位 (売れ筋ランキングを見る)"),
            [(1260, "ホーム&キッチン".into())]
        );
        assert_eq!(
            pairs("nº17 en Hogar y cocina (Ver el Top 100)"),
            [(17, "Hogar y cocina".into())]
        );
        assert_eq!(
            pairs("n. 1.260 in Casa e cucina (Visualizza i Top 100)"),
            [(1260, "Casa e cucina".into())]
        );
        assert_eq!(pairs("nr 17 w Kuchnia"), [(17, "Kuchnia".into())]);
        assert_eq!(
            pairs("#1,23,456 in Home & Kitchen"),
            [(123_456, "Home & Kitchen".into())]
        );
        assert_eq!(pairs("no rank (yet"), []);
        assert_eq!(pairs("#0 in Nothing #99999999999 in Too Much"), []);
    }

    #[test]
    fn ratings_are_hundredths() {
        assert_eq!(rating("4.6 out of 5 stars"), Some(460));
        assert_eq!(rating("4,6 von 5 Sternen"), Some(460));
        assert_eq!(rating("5つ星のうち4.2"), Some(420));
        assert_eq!(rating("5 yıldız üzerinden 4,6"), Some(460));
        assert_eq!(rating("4.6/5"), Some(460));
        assert_eq!(rating("4.6颗星，最多5颗星"), Some(460));
        assert_eq!(rating("4.6"), Some(460));
        assert_eq!(rating("46 out of 5"), None);
        assert_eq!(rating("no stars"), None);
        assert_eq!(rating(""), None);
    }

    #[test]
    fn stock_lines_are_understood() {
        let left = stock("Only 9 left in stock - order soon.");
        assert_eq!((left.in_stock, left.quantity), (Some(true), Some(9)));
        assert_eq!(stock("In Stock").availability, Availability::InStock);
        let gone = stock(
            "Currently unavailable. We don't know when or if this item will be back in stock.",
        );
        assert_eq!(
            (gone.availability, gone.no_offer),
            (Availability::OutOfStock, true)
        );
        let later = stock("Temporarily out of stock.");
        assert_eq!(
            (later.availability, later.no_offer),
            (Availability::OutOfStock, false)
        );
        assert_eq!(stock("Nur noch 3 auf Lager").quantity, Some(3));
        assert!(stock("Derzeit nicht verfügbar.").no_offer);
        assert_eq!(stock("在庫あり。").in_stock, Some(true));
        for few in [
            "Solo queda(n) 2 en stock (hay más unidades en camino).",
            "¡Solo quedan 2 disponibles!",
            "Solo 2 rimanenti - ordina subito.",
            "Plus que 2 ex. Commandez vite !",
            "残り2点 ご注文はお早めに",
            "Stokta sadece 2 adet kaldı.",
        ] {
            let told = stock(few);
            assert_eq!(
                (told.in_stock, told.quantity),
                (Some(true), Some(2)),
                "{few}"
            );
        }
        for gone in [
            "Obecnie niedostępne.",
            "Momenteel niet beschikbaar",
            "Indisponível no momento",
            "غير متوفر حالياً.",
        ] {
            assert!(stock(gone).no_offer, "{gone}");
        }
        let later = stock("一時的に在庫切れ; 入荷時期は未定です。");
        assert_eq!((later.in_stock, later.no_offer), (Some(false), false));
        assert_eq!(
            stock("This title will be released on May 5, 2027.").availability,
            Availability::PreOrder
        );
        assert_eq!(stock(""), Stock::default());
        assert_eq!(stock("Ships from overseas"), Stock::default());
    }

    #[test]
    fn sales_and_dates_are_plain() {
        for (text, plain) in [
            ("800+ bought in past month", Some("800")),
            ("1K+ bought in past month", Some("1000")),
            ("2.5K+ bought in past month", Some("2500")),
            ("1,200+ bought in past month", Some("1200")),
            ("bought often", None),
            ("7 Tsd.", None),
            ("", None),
        ] {
            assert_eq!(sales(text).as_deref(), plain, "{text}");
        }
        for (text, plain) in [
            ("July 14, 2018", Some("2018-07-14")),
            ("6 June 2024", Some("2024-06-06")),
            ("soon", None),
        ] {
            assert_eq!(date(text).as_deref(), plain, "{text}");
        }
    }

    #[test]
    fn names_fit_where_they_are_kept() {
        assert_eq!(name(&"ß".repeat(150)).len(), 200);
        let many = (1..80).filter_map(|n| rank_of(n, &format!("Category {n}")));
        assert_eq!(distinct(many).len(), RANKS);
        assert_eq!(rank_of(0, "X"), None);
    }
}
