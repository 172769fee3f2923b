//! Whether a product can be had: schema.org's terms and the words of shops.

use domain::availability::Availability;

use Availability::{ComingSoon, Discontinued, InStock, OutOfStock, PreOrder};

/// schema.org's `ItemAvailability` and what Open Graph and feeds write, without case and separators.
const TERMS: &[(&str, Availability)] = &[
    ("instock", InStock),
    ("instoreonly", InStock),
    ("onlineonly", InStock),
    ("limitedavailability", InStock),
    ("available", InStock),
    ("availablefororder", InStock),
    ("madetoorder", InStock),
    ("backorder", OutOfStock),
    ("outofstock", OutOfStock),
    ("oos", OutOfStock),
    ("soldout", OutOfStock),
    ("unavailable", OutOfStock),
    ("notavailable", OutOfStock),
    ("reserved", OutOfStock),
    ("preorder", PreOrder),
    ("presale", PreOrder),
    ("comingsoon", ComingSoon),
    ("discontinued", Discontinued),
    ("pending", OutOfStock),
];

/// Phrases in lower case. An earlier one outweighs a later: "not in stock" holds "in stock".
const PHRASES: &[(Availability, &[&str])] = &[
    (
        Discontinued,
        &[
            "discontinued",
            "no longer available",
            "nicht mehr lieferbar",
            "nicht mehr verfügbar",
            "nicht mehr erhältlich",
            "plus disponible à la vente",
            "plus commercialisé",
            "produit arrêté",
            "descatalogado",
            "ya no está disponible",
            "fuori produzione",
            "non più disponibile",
            "fora de linha",
            "descontinuado",
            "niet meer leverbaar",
            "niet meer verkrijgbaar",
            "produkt wycofany",
            "wycofany ze sprzedaży",
            "販売終了",
            "生産終了",
            "단종",
            "판매 종료",
            "판매종료",
            "已停产",
            "已下架",
            "已停產",
            "停售",
        ],
    ),
    (
        ComingSoon,
        &[
            "coming soon",
            "demnächst verfügbar",
            "bald verfügbar",
            "in kürze verfügbar",
            "bientôt disponible",
            "próximamente",
            "prossimamente",
            "in arrivo",
            "em breve",
            "binnenkort verkrijgbaar",
            "binnenkort beschikbaar",
            "wkrótce",
            "近日発売",
            "近日公開",
            "출시 예정",
            "출시예정",
            "即将上市",
            "即将开售",
            "即將上市",
            "即將開賣",
        ],
    ),
    (
        PreOrder,
        &[
            "pre-order",
            "preorder",
            "pre order",
            "vorbestell",
            "précommand",
            "pré-command",
            "preventa",
            "reservar ahora",
            "preordin",
            "prenota ora",
            "pré-venda",
            "pré-encomenda",
            "pre-orderen",
            "reserveer nu",
            "przedsprzedaż",
            "zamów w przedsprzedaży",
            "予約受付",
            "予約する",
            "予約注文",
            "예약 판매",
            "예약판매",
            "예약구매",
            "预售",
            "预订",
            "預購",
            "預售",
        ],
    ),
    (
        OutOfStock,
        &[
            "out of stock",
            "sold out",
            "currently unavailable",
            "temporarily unavailable",
            "not in stock",
            "not available",
            "notify me when",
            "ausverkauft",
            "nicht auf lager",
            "nicht vorrätig",
            "nicht verfügbar",
            "nicht lieferbar",
            "derzeit nicht",
            "momentan nicht",
            "vergriffen",
            "rupture de stock",
            "en rupture",
            "épuisé",
            "indisponible",
            "non disponible",
            "pas en stock",
            "agotado",
            "sin stock",
            "sin existencias",
            "no disponible",
            "fuera de stock",
            "esaurito",
            "non disponibile",
            "non in stock",
            "esgotado",
            "sem estoque",
            "sem stock",
            "indisponível",
            "fora de estoque",
            "uitverkocht",
            "niet op voorraad",
            "niet beschikbaar",
            "niet leverbaar",
            "wyprzedan",
            "brak w magazynie",
            "niedostępn",
            "produkt niedostępny",
            "chwilowo niedostępn",
            "在庫切れ",
            "在庫なし",
            "品切れ",
            "売り切れ",
            "売切",
            "完売",
            "入荷待ち",
            "품절",
            "재고 없음",
            "재고없음",
            "일시품절",
            "매진",
            "缺货",
            "售罄",
            "无货",
            "暂无库存",
            "已售完",
            "卖完",
            "缺貨",
            "售完",
            "無貨",
            "暫無庫存",
            "已售罄",
            "補貨中",
        ],
    ),
    (
        InStock,
        &[
            "in stock",
            "available now",
            "add to cart",
            "add to basket",
            "add to bag",
            "buy now",
            "ready to ship",
            "auf lager",
            "vorrätig",
            "sofort lieferbar",
            "sofort verfügbar",
            "lieferbar",
            "in den warenkorb",
            "verfügbar",
            "en stock",
            "disponible",
            "ajouter au panier",
            "añadir al carrito",
            "añadir a la cesta",
            "agregar al carrito",
            "disponibile",
            "aggiungi al carrello",
            "em estoque",
            "em stock",
            "disponível",
            "adicionar ao carrinho",
            "op voorraad",
            "leverbaar",
            "in winkelwagen",
            "in winkelmand",
            "na stanie",
            "dostępny",
            "dostępna",
            "w magazynie",
            "dodaj do koszyka",
            "do koszyka",
            "在庫あり",
            "カートに入れる",
            "カートに追加",
            "購入する",
            "재고 있음",
            "재고있음",
            "장바구니",
            "구매하기",
            "有货",
            "现货",
            "加入购物车",
            "立即购买",
            "有貨",
            "現貨",
            "加入購物車",
            "立即購買",
            "有庫存",
            "有库存",
        ],
    ),
];

/// Reads a term of structured data, an address or a bare word; else a phrase.
pub(super) fn term(text: &str) -> Option<Availability> {
    let last = text
        .trim()
        .trim_end_matches('/')
        .rsplit(['/', '#', ':'])
        .next()?;
    let plain: String = last
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    TERMS
        .iter()
        .find(|(term, _)| *term == plain)
        .map(|(_, availability)| *availability)
        .or_else(|| phrase(text))
}

/// What a shop's words say.
pub(super) fn phrase(text: &str) -> Option<Availability> {
    let lower = text.to_lowercase();
    PHRASES
        .iter()
        .find(|(_, phrases)| phrases.iter().any(|phrase| lower.contains(phrase)))
        .map(|(availability, _)| *availability)
}

/// Whether something so available can be bought at once; `None` when it does not say.
pub(super) fn buyable(availability: Availability) -> Option<bool> {
    match availability {
        InStock | PreOrder => Some(availability == InStock),
        OutOfStock | ComingSoon | Discontinued | Availability::NotFound => Some(false),
        Availability::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_come_as_addresses_and_as_words() {
        assert_eq!(term("https://schema.org/InStock"), Some(InStock));
        assert_eq!(term("http://schema.org/OutOfStock/"), Some(OutOfStock));
        assert_eq!(term("schema:PreOrder"), Some(PreOrder));
        assert_eq!(term("out of stock"), Some(OutOfStock));
        assert_eq!(term("in_stock"), Some(InStock));
        assert_eq!(term("Discontinued"), Some(Discontinued));
        assert_eq!(term("whatever"), None);
    }

    #[test]
    fn every_language_has_its_words() {
        for (sold_out, there) in [
            ("Sorry, this item is out of stock.", "In stock"),
            ("Leider ausverkauft", "Sofort lieferbar"),
            ("En rupture de stock", "En stock"),
            ("Producto agotado", "Añadir al carrito"),
            ("Al momento non disponibile", "Disponibile"),
            ("Produto esgotado", "Em estoque"),
            ("Helaas uitverkocht", "Op voorraad"),
            ("Produkt chwilowo niedostępny", "Dostępny"),
            ("在庫切れです", "在庫あり"),
            ("일시품절", "장바구니 담기"),
            ("商品已售罄", "加入购物车"),
            ("商品缺貨中", "加入購物車"),
        ] {
            assert_eq!(phrase(sold_out), Some(OutOfStock), "{sold_out}");
            assert_eq!(phrase(there), Some(InStock), "{there}");
        }
        assert_eq!(phrase("Nicht auf Lager"), Some(OutOfStock));
        assert_eq!(phrase("nicht mehr lieferbar"), Some(Discontinued));
        assert_eq!(phrase("予約受付中"), Some(PreOrder));
        assert_eq!(phrase("A kettle for two litres"), None);
    }
}
