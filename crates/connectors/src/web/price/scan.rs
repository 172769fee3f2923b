//! A text as amounts, signs and words.

use super::sign::{self, Meaning};

/// A part of a text that matters for its price.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// Digits and separators as [`super::number::read`] takes them.
    Number(Number),
    /// A currency.
    Currency(Meaning),
    /// Letters, in lower case.
    Word(String),
    /// Between two amounts: a range. Before one: a minus.
    Dash,
    /// "per".
    Slash,
    /// Anything else but space.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Number {
    pub(super) text: String,
    /// The currency in its middle: 12€99.
    pub(super) inner: Option<Meaning>,
    /// A share of something, not an amount.
    pub(super) percent: bool,
    /// Whether a piece stands directly before it, without space.
    pub(super) tight: bool,
}

/// Digits and punctuation in their ASCII form; every space is one; marks without width are gone.
pub(super) fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let plain = match c {
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{ad}' => {
                continue;
            }
            // Full-width forms stand at a fixed distance from ASCII.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{ffe5}' => '¥',
            '\u{ffe1}' => '£',
            '\u{ffe6}' => '₩',
            '\u{ffe0}' => '¢',
            '\u{660}'..='\u{669}' => digit(u32::from(c) - 0x660),
            '\u{6f0}'..='\u{6f9}' => digit(u32::from(c) - 0x6f0),
            '\u{66b}' => '.',
            '\u{66c}' => ',',
            '\u{2019}' | '\u{2018}' | '\u{b4}' | '`' | '\u{2032}' => '\'',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            '\u{301c}' | '\u{2053}' | '\u{223c}' => '~',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if plain == ' ' && out.ends_with(' ') {
            continue;
        }
        out.push(plain);
    }
    out
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

/// Cuts a normalised text.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut tight = false;
    while let Some(c) = rest.chars().next() {
        if c == ' ' {
            rest = &rest[1..];
            tight = false;
            continue;
        }
        let (piece, length) = piece(rest, tight);
        out.push(piece);
        rest = &rest[length..];
        tight = true;
    }
    out
}

fn piece(rest: &str, tight: bool) -> (Piece, usize) {
    if let Some((number, length)) = number(rest) {
        let after = rest[length..].trim_start_matches(' ');
        let number = Number {
            percent: after.starts_with(['%', '折', '割']),
            tight,
            ..number
        };
        return (Piece::Number(number), length);
    }
    if let Some((meaning, length)) = sign::at_start(rest) {
        return (Piece::Currency(meaning), length);
    }
    let first = rest.chars().next().unwrap_or(' ');
    if first.is_alphabetic() {
        return letters(rest);
    }
    let piece = match first {
        '-' | '~' => Piece::Dash,
        '/' => Piece::Slash,
        _ => Piece::Other,
    };
    (piece, first.len_utf8())
}

/// A word; scripts without spaces are cut where a sign begins, which is the only cut that matters.
fn letters(rest: &str) -> (Piece, usize) {
    let mut length = 0;
    for c in rest.chars() {
        let stop = !c.is_alphabetic()
            || (length > 0 && sign::at_start(&rest[length..]).is_some_and(|_| !c.is_ascii()));
        if stop {
            break;
        }
        length += c.len_utf8();
    }
    let word = &rest[..length];
    let piece = match sign::word(word) {
        Some(meaning) => {
            // "Fr." and "kr." are shortened words.
            length += usize::from(rest[length..].starts_with('.'));
            Piece::Currency(meaning)
        }
        None => Piece::Word(word.to_lowercase()),
    };
    (piece, length)
}

/// The number at the beginning of a text, and the bytes it takes.
fn number(text: &str) -> Option<(Number, usize)> {
    let bytes = text.as_bytes();
    let digit = |place: usize| bytes.get(place).is_some_and(u8::is_ascii_digit);
    let pointed_first = matches!(bytes.first(), Some(b'.' | b',')) && digit(1);
    if !digit(0) && !pointed_first {
        return None;
    }
    let mut end = 0;
    let mut pointed = false;
    while let Some(byte) = bytes.get(end) {
        let thousands = digit(end + 1) && digit(end + 2) && digit(end + 3) && !digit(end + 4);
        match byte {
            b'0'..=b'9' => end += 1,
            b'.' | b',' | b'\'' if digit(end + 1) => {
                pointed |= *byte != b'\'';
                end += 1;
            }
            // A space only between thousands, and not after decimals: "12.50 100 g".
            b' ' if !pointed && thousands => end += 1,
            _ => break,
        }
    }
    let plain = |text: String| Number {
        text,
        ..Number::default()
    };
    let (whole, rest) = text.split_at(end);
    if let Some((meaning, length)) = sign::at_start(rest)
        && !pointed
        && rest.starts_with(['€', '$', '£'])
        && digit(end + length)
        && digit(end + length + 1)
        && !digit(end + length + 2)
    {
        let cents = end + length..end + length + 2;
        let number = Number {
            inner: Some(meaning),
            ..plain(format!("{whole}.{}", &text[cents.clone()]))
        };
        return Some((number, cents.end));
    }
    if let Some(after) = rest.strip_prefix(['万', '萬', '億', '亿']) {
        let unit = rest.len() - after.len();
        let ones: String = after.chars().take_while(char::is_ascii_digit).collect();
        // No digits at all is what no reader of numbers takes for one.
        let text = ten_thousands(whole, &ones).filter(|_| rest.starts_with(['万', '萬']));
        return Some((plain(text.unwrap_or_default()), end + unit + ones.len()));
    }
    // 12,- and 12.- and 12:-
    let bare = [",-", ".-", ":-"].iter().find(|ending| {
        let after = rest.strip_prefix(**ending);
        after.is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_digit()))
    });
    let length = end + bare.map_or(0, |ending| ending.len());
    Some((plain(whole.to_owned()), length))
}

/// 1万2800.
fn ten_thousands(whole: &str, ones: &str) -> Option<String> {
    let whole: i64 = whole.parse().ok()?;
    let ones: i64 = if ones.is_empty() {
        0
    } else {
        ones.parse().ok()?
    };
    let value = whole.checked_mul(10_000)?.checked_add(ones)?;
    (ones < 10_000).then(|| value.to_string())
}
