//! How the shop speaks in its countries.

use crate::market::{Availability, Money};

/// A country's language and its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    /// Language tag.
    pub tag: &'static str,
    pub in_stock: &'static str,
    pub sold_out: &'static str,
    pub was: &'static str,
    /// Between thousands and before decimals.
    separators: (&'static str, &'static str),
    /// What stands before and after an amount.
    signs: (&'static str, &'static str),
}

#[rustfmt::skip]
const ALL: &[(&str, Words)] = &[
    ("US", words("en-US", "In stock", "Sold out", "Was", (",", "."), ("$", ""))),
    ("GB", words("en-GB", "In stock", "Out of stock", "Was", (",", "."), ("£", ""))),
    ("DE", words("de-DE", "Auf Lager", "Ausverkauft", "Statt", (".", ","), ("", " €"))),
    ("FR", words("fr-FR", "En stock", "Rupture de stock", "Avant", (" ", ","), ("", " €"))),
    ("ES", words("es-ES", "En stock", "Agotado", "Antes", (".", ","), ("", " €"))),
    ("IT", words("it-IT", "Disponibile", "Esaurito", "Prima", (".", ","), ("", " €"))),
    ("PT", words("pt-PT", "Em stock", "Esgotado", "Antes", (" ", ","), ("", " €"))),
    ("NL", words("nl-NL", "Op voorraad", "Uitverkocht", "Adviesprijs", (".", ","), ("€ ", ""))),
    ("PL", words("pl-PL", "Dostępny", "Produkt niedostępny", "Cena regularna", (" ", ","), ("", " zł"))),
    ("JP", words("ja-JP", "在庫あり", "在庫切れ", "通常価格", (",", "."), ("", "円"))),
    ("KR", words("ko-KR", "재고 있음", "품절", "정가", (",", "."), ("", "원"))),
    ("CN", words("zh-CN", "有货", "已售罄", "原价", (",", "."), ("¥", ""))),
    ("TW", words("zh-TW", "有貨", "缺貨", "原價", (",", "."), ("NT$", ""))),
];

const fn words(
    tag: &'static str,
    in_stock: &'static str,
    sold_out: &'static str,
    was: &'static str,
    separators: (&'static str, &'static str),
    signs: (&'static str, &'static str),
) -> Words {
    Words {
        tag,
        in_stock,
        sold_out,
        was,
        separators,
        signs,
    }
}

impl Words {
    /// Those of a country; of the United States where the shop has none.
    pub fn of(marketplace: &str) -> Self {
        ALL.iter()
            .find(|(country, _)| *country == marketplace)
            .map_or(ALL[0].1, |(_, words)| *words)
    }

    /// An amount as people there write it.
    pub fn money(&self, amount: Money) -> String {
        let plain = amount.to_string();
        let (whole, cents) = plain.split_once('.').unwrap_or((&plain, ""));
        let groups: Vec<&str> = whole
            .as_bytes()
            .rchunks(3)
            .rev()
            .filter_map(|group| std::str::from_utf8(group).ok())
            .collect();
        let (thousands, decimal) = self.separators;
        let mut text = groups.join(thousands);
        if !cents.is_empty() {
            text.push_str(decimal);
            text.push_str(cents);
        }
        let (before, after) = self.signs;
        format!("{before}{text}{after}")
    }

    pub fn stock(&self, availability: Availability) -> &'static str {
        match availability {
            Availability::InStock => self.in_stock,
            _ => self.sold_out,
        }
    }
}
