//! What sellers write as HTML, as the text a person would read.

/// Longest description kept, in characters.
const LONGEST: usize = 20_000;
/// Longest entity, with its semicolon.
const LONGEST_ENTITY: usize = 11;

/// The text of a piece of HTML, or of what is no HTML at all: tags gone, blocks on lines of their
/// own, entities as the letters they stand for. `None` when nothing readable is left.
pub(crate) fn plain_text(html: &str) -> Option<String> {
    let mut lines = Lines::default();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        lines.add(&rest[..open]);
        rest = &rest[open..];
        match Piece::at(rest) {
            Piece::Tag(tag) => {
                if tag.breaks() {
                    lines.end();
                }
                rest = &rest[tag.length..];
                if tag.hides() {
                    rest = after_closing(rest, &tag.name);
                }
            }
            Piece::Comment(length) => rest = &rest[length..],
            Piece::Sign => {
                lines.add("<");
                rest = &rest[1..];
            }
            // Nothing after it is a tag either.
            Piece::Cut { hidden } => {
                if !hidden {
                    lines.add(rest);
                }
                rest = "";
            }
        }
    }
    lines.add(rest);
    lines.finish()
}

/// What begins with a `<`.
enum Piece {
    Tag(Tag),
    /// A comment of this many bytes.
    Comment(usize),
    /// The sign alone, as in "5 < 6".
    Sign,
    /// A tag or comment that never ends. Half a tag with attributes is hidden, as browsers do; what
    /// may be words, such as "a <b", is not.
    Cut {
        hidden: bool,
    },
}

/// `<name …>` or `</name>`.
struct Tag {
    name: String,
    closing: bool,
    length: usize,
}

impl Piece {
    /// Looks for an end only behind what can be a tag: a page of bare `<` is read once, not once a sign.
    fn at(text: &str) -> Self {
        if text.starts_with("<!--") {
            let end = text.find("-->");
            return end.map_or(Self::Cut { hidden: true }, |end| Self::Comment(end + 3));
        }
        let inner = text[1..].strip_prefix('/');
        let start = inner.unwrap_or(&text[1..]);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '!';
        let name = &start[..start.find(|c| !is_name(c)).unwrap_or(start.len())];
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!') {
            return Self::Sign;
        }
        match text.find('>') {
            Some(end) => Self::Tag(Tag {
                name: name.to_ascii_lowercase(),
                closing: inner.is_some(),
                length: end + 1,
            }),
            None => Self::Cut {
                hidden: text.contains('='),
            },
        }
    }
}

impl Tag {
    fn breaks(&self) -> bool {
        matches!(
            self.name.as_str(),
            "br" | "p"
                | "div"
                | "li"
                | "ul"
                | "ol"
                | "dt"
                | "dd"
                | "tr"
                | "td"
                | "th"
                | "table"
                | "section"
                | "article"
                | "h1"
                | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "hr"
                | "figure"
        )
    }

    fn hides(&self) -> bool {
        !self.closing && matches!(self.name.as_str(), "script" | "style" | "template")
    }
}

/// What follows `</name>`; nothing when it never comes.
fn after_closing<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some(place) = rest.find("</") {
        let tag = &rest[place + 2..];
        let same = tag
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name));
        if same {
            return tag.find('>').map_or("", |end| &tag[end + 1..]);
        }
        rest = tag;
    }
    ""
}

/// Lines put together: spaces collapsed, empty ones left out.
#[derive(Default)]
struct Lines {
    done: Vec<String>,
    current: String,
    length: usize,
}

impl Lines {
    fn add(&mut self, text: &str) {
        if self.length < LONGEST {
            self.length += text.len();
            self.current.push_str(&decoded(text));
        }
    }

    fn end(&mut self) {
        let words: Vec<&str> = self
            .current
            .split(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'))
            .filter(|word| !word.is_empty())
            .collect();
        if !words.is_empty() {
            self.done.push(words.join(" "));
        }
        self.current.clear();
    }

    fn finish(mut self) -> Option<String> {
        self.end();
        let text: String = self.done.join("\n").chars().take(LONGEST).collect();
        (!text.is_empty()).then_some(text)
    }
}

/// Entities as letters; unknown ones stay as they are.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('&') {
        out.push_str(&rest[..place]);
        rest = &rest[place..];
        // Names are short: what lies further on is not looked at.
        let entity = rest
            .bytes()
            .skip(1)
            .take(LONGEST_ENTITY)
            .position(|byte| byte == b';');
        match entity.and_then(|end| Some((letter(&rest[1..=end])?, end))) {
            Some((letter, end)) => {
                out.push(letter);
                rest = &rest[end + 2..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

fn letter(entity: &str) -> Option<char> {
    if let Some(number) = entity.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?).filter(|c| !c.is_control() || c.is_whitespace());
    }
    Some(match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "rsquo" => '’',
        "lsquo" => '‘',
        "ldquo" => '“',
        "rdquo" => '”',
        "times" => '×',
        "deg" => '°',
        "middot" => '·',
        "bull" => '•',
        "reg" => '®',
        "trade" => '™',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn html_becomes_what_a_person_reads() {
        let html = "<style>p{}</style><div>Tiny&nbsp;fox &amp; co.<br/>Height: 8&#160;cm<!-- x > y --></div>\n\n<ul><li>PVC</li><LI>ABS</LI></ul><script>var a='</p>';</script>";
        assert_eq!(
            plain_text(html).as_deref(),
            Some("Tiny fox & co.\nHeight: 8 cm\nPVC\nABS")
        );
        assert_eq!(
            plain_text("3 < 5 &unknown; & done").as_deref(),
            Some("3 < 5 &unknown; & done")
        );
        assert_eq!(plain_text("<img src=x><p> </p>"), None);
        assert_eq!(plain_text("<script>never closed"), None);
        assert_eq!(plain_text("a <b"), Some("a <b".to_owned()));
        assert_eq!(plain_text("3 <5 or 9> 7").as_deref(), Some("3 <5 or 9> 7"));
    }

    #[test]
    fn a_description_that_was_cut_shows_no_half_of_a_tag() {
        assert_eq!(
            plain_text("<p>杯子<img src=\"a.jpg\"").as_deref(),
            Some("杯子")
        );
        assert_eq!(plain_text("杯子<!-- to be").as_deref(), Some("杯子"));
    }

    #[test]
    fn cells_are_apart() {
        assert_eq!(
            plain_text("<table><tr><th>材质</th><td>PVC</td></tr></table>").as_deref(),
            Some("材质\nPVC")
        );
    }

    #[test]
    fn signs_without_an_end_are_read_once() {
        for sign in ["<", "<!--", "<a ", "<a", "&", "</", "< "] {
            let _ = plain_text(&sign.repeat(100_000));
            let _ = plain_text(&format!("{}>", sign.repeat(100_000)));
        }
    }

    #[test]
    fn endless_text_is_cut() {
        let long = "<p>word</p>".repeat(100_000);
        let text = plain_text(&long).expect("text");
        assert!(text.chars().count() <= LONGEST);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[<>/&;#a-z!\\- é\u{feff}]{0,80}") {
            let _ = plain_text(&text);
        }
    }
}
