//! Bytes of a page as text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How far into a page browsers look for its own word on the encoding, generously.
const SNIFFED: usize = 4096;

/// Decodes a page: by its byte order mark, else the header, else its own `meta`, else UTF-8 where
/// it is that, else what the web of old meant by nothing. Never fails; what cannot be decoded
/// becomes U+FFFD.
pub(super) fn decode<'a>(body: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(body) {
        return encoding.decode_without_bom_handling(&body[mark..]).0;
    }
    let named = content_type
        .and_then(of_content_type)
        .or_else(|| of_meta(body));
    if let Some(encoding) = named {
        return encoding.decode_without_bom_handling(body).0;
    }
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(body).0,
    }
}

fn of_content_type(value: &str) -> Option<&'static Encoding> {
    let lower = value.to_ascii_lowercase();
    let label = lower.split("charset=").nth(1)?;
    let end = |c: char| c == ';' || c == ',' || c.is_whitespace();
    Encoding::for_label(
        label
            .trim_start_matches(['"', '\''])
            .split(end)
            .next()?
            .trim_matches(['"', '\''])
            .as_bytes(),
    )
}

/// `<meta charset=…>` or `<meta http-equiv=content-type content="…; charset=…">` near the beginning.
fn of_meta(body: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&body[..body.len().min(SNIFFED)]).to_ascii_lowercase();
    let mut rest = head.as_str();
    while let Some(place) = rest.find("<meta") {
        rest = &rest[place + 5..];
        let tag = rest.split('>').next().unwrap_or_default();
        let Some(after) = tag.split("charset").nth(1) else {
            continue;
        };
        let label: String = after
            .trim_start_matches([' ', '=', '"', '\''])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_:.".contains(*c))
            .collect();
        if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
            // A page that can say so in ASCII is not in UTF-16.
            let wide = encoding.output_encoding() != encoding;
            return Some(if wide { UTF_8 } else { encoding });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{GBK, SHIFT_JIS};
    use proptest::prelude::*;

    #[test]
    fn the_mark_outweighs_the_header_and_the_header_the_page() {
        let yen = SHIFT_JIS.encode("価格").0.into_owned();
        let of = |body: &[u8], header| decode(body, header).into_owned();
        assert_eq!(of(&yen, Some("text/html; charset=Shift_JIS")), "価格");
        assert_eq!(
            of(
                "\u{feff}é".as_bytes(),
                Some("text/html; charset=iso-8859-1")
            ),
            "é"
        );
        let mut page =
            b"<meta http-equiv=Content-Type content='text/html; charset=gb2312'>".to_vec();
        page.extend_from_slice(&GBK.encode("价格").0);
        assert!(of(&page, None).ends_with("价格"));
        assert!(of(&page, Some("text/html")).ends_with("价格"));
        assert_eq!(of(b"caf\xe9", None), "café");
        assert_eq!(of("café".as_bytes(), None), "café");
        assert_eq!(
            of(b"<meta charset=\"utf-16le\">\xc3\xa9", None),
            "<meta charset=\"utf-16le\">é"
        );
        assert_eq!(of(b"x", Some("text/html; charset=\"nonsense\"")), "x");
    }

    proptest! {
        #[test]
        fn any_bytes_are_text(body in proptest::collection::vec(any::<u8>(), 0..300), header in ".{0,40}") {
            let _ = decode(&body, Some(&header));
        }
    }
}
