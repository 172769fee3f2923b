//! What the words around an amount make of it.

/// What an amount is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// What it was, or what the maker recommends.
    Was,
    /// What it is.
    Now,
    /// Something else: a saving, the shipping, an instalment.
    Else,
    /// The least of several.
    From,
}

/// Words of languages with spaces: the whole word counts.
const WORDS: &[(Role, &[&str])] = &[
    (
        Role::Was,
        &[
            "was",
            "before",
            "regular",
            "regularly",
            "rrp",
            "srp",
            "msrp",
            "uvp",
            "uvp.",
            "statt",
            "vorher",
            "bisher",
            "ursprünglich",
            "listenpreis",
            "list",
            "original",
            "originally",
            "avant",
            "lieu",
            "conseillé",
            "antes",
            "pvpr",
            "anterior",
            "prima",
            "invece",
            "originale",
            "listino",
            "van",
            "adviesprijs",
            "przed",
            "regularna",
            "poprzednia",
            "katalogowa",
            "compare",
        ],
    ),
    (
        Role::Now,
        &[
            "now",
            "only",
            "sale",
            "jetzt",
            "nur",
            "aktuell",
            "maintenant",
            "seulement",
            "ahora",
            "ora",
            "adesso",
            "agora",
            "nu",
            "voor",
            "teraz",
            "tylko",
            "solo",
            "sólo",
            "apenas",
            "current",
            "today",
            "our",
        ],
    ),
    (
        Role::Else,
        &[
            "save",
            "saving",
            "savings",
            "discount",
            "off",
            "sparen",
            "gespart",
            "ersparnis",
            "rabatt",
            "économisez",
            "économie",
            "remise",
            "ahorra",
            "ahorras",
            "ahorro",
            "descuento",
            "risparmi",
            "sconto",
            "poupe",
            "economize",
            "desconto",
            "bespaar",
            "korting",
            "oszczędzasz",
            "rabat",
            "shipping",
            "delivery",
            "postage",
            "versand",
            "versandkosten",
            "lieferung",
            "livraison",
            "envío",
            "gastos",
            "spedizione",
            "frete",
            "envio",
            "verzending",
            "verzendkosten",
            "dostawa",
            "wysyłka",
            "deposit",
            "pfand",
            "acompte",
            "cauzione",
            "statiegeld",
            "kaucja",
            "month",
            "mo",
            "monthly",
            "monat",
            "monatlich",
            "mtl",
            "mois",
            "mes",
            "mese",
            "mês",
            "maand",
            "mies",
            "rate",
            "tax",
            "mwst",
            "lowest",
            "najniższa",
        ],
    ),
    (
        Role::From,
        &[
            "from", "starting", "ab", "partir", "dès", "desde", "da", "vanaf", "od", "fra", "från",
        ],
    ),
];

/// Parts of words of languages without spaces.
const PARTS: &[(Role, &[&str])] = &[
    (
        Role::Was,
        &[
            "通常価格",
            "定価",
            "希望小売価格",
            "参考価格",
            "元値",
            "原价",
            "原價",
            "市场价",
            "市價",
            "划线价",
            "建議售價",
            "정가",
            "정상가",
            "소비자가",
        ],
    ),
    (
        Role::Else,
        &[
            "送料",
            "割引",
            "お得",
            "ポイント",
            "运费",
            "運費",
            "优惠券",
            "立减",
            "省",
            "折抵",
            "배송비",
            "할인",
            "月々",
        ],
    ),
    (
        Role::Now,
        &[
            "特価",
            "販売価格",
            "セール価格",
            "现价",
            "現價",
            "促销价",
            "特價",
            "特价",
            "售价",
            "售價",
            "판매가",
            "할인가",
        ],
    ),
];

/// What stands behind the least of several amounts.
const FROM_BEHIND: &[&str] = &["起", "から", "より", "부터"];

/// Between the ends of a range.
const BETWEEN: &[&str] = &[
    "to", "bis", "à", "a", "al", "tot", "do", "até", "hasta", "и", "until", "から",
];

/// Before what an amount is for.
const PER: &[&str] = &["per", "pro", "je", "par", "por", "al", "na", "za"];

/// Words for a price of nothing.
const FREE: &[&str] = &[
    "free",
    "gratis",
    "kostenlos",
    "umsonst",
    "gratuit",
    "gratuite",
    "gratuito",
    "grátis",
    "bezpłatnie",
    "darmo",
    "darmowy",
    "無料",
    "免费",
    "免費",
    "무료",
];

pub(super) fn role(word: &str) -> Option<Role> {
    let whole = WORDS.iter().find(|(_, words)| words.contains(&word));
    let part = || {
        PARTS
            .iter()
            .find(|(_, parts)| parts.iter().any(|part| word.contains(part)))
    };
    whole.or_else(part).map(|(role, _)| *role)
}

pub(super) fn is_free(word: &str) -> bool {
    FREE.iter()
        .any(|free| *free == word || (!free.is_ascii() && word.contains(free)))
}

pub(super) fn between(word: &str) -> bool {
    BETWEEN.contains(&word)
}

pub(super) fn per(word: &str) -> bool {
    PER.contains(&word)
}

pub(super) fn from_behind(word: &str) -> bool {
    FROM_BEHIND.iter().any(|from| word.starts_with(from))
}
