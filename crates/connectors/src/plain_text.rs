//! What sellers write as HTML, as the text a person would read.

/// Longest description kept, in characters.
const LONGEST: usize = 20_000;

/// The text of a piece of HTML, or of what is no HTML at all: tags gone, blocks on lines of their
/// own, entities as the letters they stand for. `None` when nothing readable is left.
pub(crate) fn plain_text(html: &str) -> Option<String> {
    let mut lines = Lines::default();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        lines.add(&rest[..open]);
        rest = &rest[open..];
        let Some(tag) = Tag::at(rest) else {
            lines.add("<");
            rest = &rest[1..];
            continue;
        };
        if tag.breaks() {
            lines.end();
        }
        rest = &rest[tag.length..];
        if tag.hides() {
            rest = after_closing(rest, &tag.name);
        }
    }
    lines.add(rest);
    lines.finish()
}

/// `<name …>`, `</name>` or a comment.
struct Tag {
    name: String,
    closing: bool,
    length: usize,
}

impl Tag {
    fn at(text: &str) -> Option<Self> {
        let (start, end) = if text.starts_with("<!--") {
            ("!--", text.find("-->")? + 3)
        } else {
            (&text[1..], text.find('>')? + 1)
        };
        let inner = start.strip_prefix('/');
        let name: String = inner
            .unwrap_or(start)
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '!')
            .collect();
        // "a < b" is no tag.
        (!name.is_empty()).then(|| Self {
            name: name.to_ascii_lowercase(),
            closing: inner.is_some(),
            length: end,
        })
    }

    fn breaks(&self) -> bool {
        matches!(
            self.name.as_str(),
            "br" | "p"
                | "div"
                | "li"
                | "ul"
                | "ol"
                | "tr"
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
        let entity = rest[1..].find(';').filter(|end| *end <= 10);
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
        "nbsp" => ' ',
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
