//! A page as a tree of elements, in linear time and bounded memory whatever the page.
//!
//! Tags are split by the book (html5gum); the tree is built by a few rules only. A browser's rules
//! repair mis-nested tags by copying them, which a hostile page can drive to any size.

use std::collections::HashMap;

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// More nodes than any shop's page has. What comes after is not read.
const MOST_NODES: usize = 400_000;
/// Text that a reader takes in of one element, in bytes. What surrounds a whole page is read as often
/// as elements lie within each other.
const LONGEST_TEXT: usize = 128 * 1024;
/// Deeper elements become leaves, as in browsers.
const DEEPEST: usize = 512;

/// Elements without content.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Elements that end where the next of their kind begins.
const ENDS_ITSELF: &[&[&str]] = &[
    &["p"],
    &["li"],
    &["dt", "dd"],
    &["option"],
    &["td", "th"],
    &["tr"],
];
/// Elements whose text nobody sees.
const UNSEEN: &[&str] = &[
    "script", "style", "template", "noscript", "svg", "head", "select",
];

/// A parsed page. Nodes stand in the order of the page, so that an element's inside is a range.
#[derive(Debug, Default)]
pub(super) struct Document {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    parent: Option<usize>,
    /// The first node that is no longer inside.
    end: usize,
    /// The page ended before it did: what it holds may be half of something.
    cut: bool,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Element {
        tag: String,
        attributes: Vec<(String, String)>,
    },
    Text(String),
}

/// An element of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    document: &'a Document,
    place: usize,
}

impl Document {
    /// Any text is a page.
    pub(super) fn parse(text: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        // Scripts and styles are one text each, whatever looks like a tag in them.
        emitter.naively_switch_states(true);
        let mut builder = Builder::default();
        for token in Tokenizer::new_with_emitter(text, emitter) {
            let Ok(token) = token;
            if builder.nodes.len() >= MOST_NODES {
                break;
            }
            match token {
                Token::StartTag(tag) => {
                    let name = own(&tag.name);
                    let attributes = tag.attributes.iter();
                    let attributes = attributes.map(|(name, value)| (own(name), own(value)));
                    builder.open(name, attributes.collect());
                }
                Token::EndTag(tag) => builder.close(&own(&tag.name)),
                Token::String(text) => builder.text(own(&text)),
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        builder.finish()
    }

    /// All elements, in the order of the page.
    pub(super) fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        self.range(0, self.nodes.len())
    }

    /// The first element of a kind.
    pub(super) fn first(&self, tag: &str) -> Option<Element<'_>> {
        self.elements().find(|element| element.tag() == tag)
    }

    fn range(&self, from: usize, to: usize) -> impl Iterator<Item = Element<'_>> {
        (from..to)
            .filter(|place| matches!(self.nodes[*place].kind, Kind::Element { .. }))
            .map(|place| Element {
                document: self,
                place,
            })
    }
}

impl<'a> Element<'a> {
    /// Its name in lower case.
    pub(super) fn tag(self) -> &'a str {
        match &self.document.nodes[self.place].kind {
            Kind::Element { tag, .. } => tag,
            Kind::Text(_) => "",
        }
    }

    /// An attribute's text.
    pub(super) fn attr(self, name: &str) -> Option<&'a str> {
        match &self.document.nodes[self.place].kind {
            Kind::Element { attributes, .. } => attributes
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.trim()),
            Kind::Text(_) => None,
        }
    }

    /// Where it stands in the page.
    pub(super) fn place(self) -> usize {
        self.place
    }

    /// Whether the page ended inside it.
    pub(super) fn is_cut(self) -> bool {
        self.document.nodes[self.place].cut
    }

    /// How many nodes are inside.
    pub(super) fn size(self) -> usize {
        self.document.nodes[self.place].end - self.place - 1
    }

    /// The elements around it, the nearest first.
    pub(super) fn around(self) -> impl Iterator<Item = Element<'a>> {
        std::iter::successors(self.parent(), |element| element.parent())
    }

    fn parent(self) -> Option<Self> {
        let place = self.document.nodes[self.place].parent?;
        Some(Self {
            document: self.document,
            place,
        })
    }

    /// Its text as a reader sees it: white space is one space, and elements are apart.
    pub(super) fn text(self) -> String {
        let mut out = String::new();
        let mut place = self.place + 1;
        let end = self.document.nodes[self.place].end;
        while place < end && out.len() < LONGEST_TEXT {
            let node = &self.document.nodes[place];
            place += 1;
            match &node.kind {
                Kind::Element { tag, .. } if UNSEEN.contains(&tag.as_str()) => place = node.end,
                Kind::Element { .. } => space(&mut out),
                Kind::Text(text) => {
                    if text.starts_with(char::is_whitespace) {
                        space(&mut out);
                    }
                    for word in text[..text.floor_char_boundary(LONGEST_TEXT)].split_whitespace() {
                        out.push_str(word);
                        out.push(' ');
                    }
                    if !text.ends_with(char::is_whitespace) {
                        out.pop();
                    }
                }
            }
        }
        out.truncate(out.trim_end().len());
        out
    }

    /// Its text as it stands, of scripts too.
    pub(super) fn raw(self) -> String {
        let end = self.document.nodes[self.place].end;
        self.document.nodes[self.place..end]
            .iter()
            .filter_map(|node| match &node.kind {
                Kind::Text(text) => Some(text.as_str()),
                Kind::Element { .. } => None,
            })
            .collect()
    }
}

/// One space, unless there is one or nothing yet.
fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

fn own(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    open: Vec<usize>,
    /// How many of each kind are open: an end tag without a start is passed over at once.
    counts: HashMap<String, usize>,
}

impl Builder {
    fn open(&mut self, tag: String, attributes: Vec<(String, String)>) {
        let kind = ENDS_ITSELF.iter().find(|kind| kind.contains(&tag.as_str()));
        if let Some(last) = self.last()
            && kind.is_some_and(|kind| kind.contains(&last))
        {
            self.pop();
        }
        let leaf = VOID.contains(&tag.as_str()) || self.open.len() >= DEEPEST;
        let counted = (!leaf).then(|| tag.clone());
        let place = self.push(Kind::Element { tag, attributes });
        if let Some(tag) = counted {
            *self.counts.entry(tag).or_default() += 1;
            self.open.push(place);
        }
    }

    fn text(&mut self, text: String) {
        if !text.is_empty() {
            self.push(Kind::Text(text));
        }
    }

    fn close(&mut self, tag: &str) {
        if self.counts.get(tag).is_none_or(|count| *count == 0) {
            return;
        }
        while let Some(last) = self.last() {
            let found = last == tag;
            self.pop();
            if found {
                break;
            }
        }
    }

    fn last(&self) -> Option<&str> {
        match &self.nodes[*self.open.last()?].kind {
            Kind::Element { tag, .. } => Some(tag),
            Kind::Text(_) => None,
        }
    }

    fn push(&mut self, kind: Kind) -> usize {
        let place = self.nodes.len();
        self.nodes.push(Node {
            parent: self.open.last().copied(),
            end: place + 1,
            cut: false,
            kind,
        });
        place
    }

    fn pop(&mut self) {
        let Some(place) = self.open.pop() else { return };
        self.nodes[place].end = self.nodes.len();
        if let Kind::Element { tag, .. } = &self.nodes[place].kind
            && let Some(count) = self.counts.get_mut(tag.as_str())
        {
            *count = count.saturating_sub(1);
        }
    }

    fn finish(mut self) -> Document {
        while let Some(place) = self.open.last().copied() {
            self.nodes[place].cut = true;
            self.pop();
        }
        Document { nodes: self.nodes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_reads_as_a_person_sees_it() {
        let page =
            "<div><p>One <b>pric</b>e<p>Two<script>x</script>  three<br>four &amp; five</div>";
        let page = Document::parse(page);
        let text = page.first("div").expect("a div").text();
        assert_eq!(text, "One price Two three four & five");
    }

    #[test]
    fn what_is_left_open_ends_with_what_is_around_it() {
        let page = "<ul><li id=a>1<li id=b>2</ul></section><i id=c></i>";
        let page = Document::parse(page);
        let of = |id| {
            page.elements()
                .find(|el| el.attr("id") == Some(id))
                .expect(id)
        };
        assert_eq!(of("a").text(), "1");
        assert_eq!(of("b").text(), "2");
        assert_eq!(of("c").around().count(), 0);
        assert_eq!(
            of("b").around().map(Element::tag).collect::<Vec<_>>(),
            ["ul"]
        );
    }

    #[test]
    fn scripts_are_one_text() {
        let page = Document::parse("<script type=a>if (1 < 2) \"<b>\"</script><b>x</b>");
        assert_eq!(
            page.first("script").expect("one").raw(),
            "if (1 < 2) \"<b>\""
        );
        assert_eq!(page.elements().count(), 2);
    }

    #[test]
    fn depth_and_misnesting_stay_linear() {
        let deep = "<div>".repeat(200_000);
        assert_eq!(Document::parse(&deep).elements().count(), 200_000);
        let formatting: String = (0..400).map(|n| format!("<b a={n}>")).collect();
        let page = formatting + &"<p>".repeat(100_000);
        assert_eq!(Document::parse(&page).elements().count(), 100_400);
    }

    proptest! {
        #[test]
        fn any_text_is_a_page(text in ".{0,200}|(<[a-z]{1,3}( [a-z]=.)?>|</[a-z]{1,3}>|x){0,60}") {
            let page = Document::parse(&text);
            for element in page.elements() {
                let _ = (element.text(), element.raw(), element.around().count());
            }
        }
    }
}
