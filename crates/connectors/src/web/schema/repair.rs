//! JSON as shops' templates write it: with comments, trailing commas and raw line breaks.

/// Makes JSON of what is nearly JSON: drops comments (also the HTML and CDATA marks around a
/// script), commas before a closing bracket and a final semicolon, escapes control characters
/// inside texts. What is JSON already stays what it is.
pub(super) fn repair(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut inside = false;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        if inside {
            match c {
                '\\' => {
                    let escaped = rest[1..].chars().next();
                    length += escaped.map_or(0, char::len_utf8);
                    match escaped {
                        Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => {
                            out.push_str(&rest[..length])
                        }
                        // \' is what templates of other languages leave.
                        Some(other) if !other.is_control() => out.push(other),
                        _ => {}
                    }
                }
                '"' => {
                    inside = false;
                    out.push('"');
                }
                c if u32::from(c) < 0x20 => out.push(' '),
                c => out.push(c),
            }
        } else if let Some(end) = comment(rest) {
            length = end;
        } else {
            match c {
                '"' => inside = true,
                '}' | ']' => {
                    let kept = out.trim_end().trim_end_matches(',').len();
                    out.truncate(kept);
                }
                _ => {}
            }
            out.push(c);
        }
        rest = &rest[length..];
    }
    out.truncate(out.trim_end().trim_end_matches(';').len());
    out
}

/// The length of the comment at the beginning of a text.
fn comment(text: &str) -> Option<usize> {
    let until = |end: &str| text.find(end).map_or(text.len(), |place| place + end.len());
    if text.starts_with("/*") {
        // "/*<![CDATA[*/" and plain comments alike.
        Some(until("*/"))
    } else if text.starts_with("//") {
        Some(until("\n"))
    } else {
        ["<!--", "-->", "<![CDATA[", "]]>"]
            .iter()
            .find(|mark| text.starts_with(**mark))
            .map(|mark| mark.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn what_templates_write_is_read() {
        for text in [
            "{\"a\": [1, 2,], \"b\": \"x\",}",
            "<!-- {\"a\": [1,2], \"b\": \"x\"} -->",
            "//<![CDATA[\n{\"a\": [1,2], /* no */ \"b\": \"x\"}\n//]]>",
            "{\"a\": [1,2], // the rest\n \"b\": \"x\"};",
        ] {
            let read: Value = serde_json::from_str(&repair(text)).expect(text);
            assert_eq!(read, json!({"a": [1, 2], "b": "x"}), "{text}");
        }
        let read: Value =
            serde_json::from_str(&repair("{\"a\": \"one\ntwo // three \\'s\"}")).expect("JSON");
        assert_eq!(read, json!({"a": "one two // three 's"}));
    }

    proptest! {
        #[test]
        fn any_text_is_repaired_or_left(text in ".{0,80}|[{}\\[\\],:\"/* \\\\a1<!-]{0,60}") {
            let _ = repair(&text);
        }

        #[test]
        fn json_stays_what_it_is(text in "[a-z \"\\\\/é,;\\]}]{0,30}") {
            let value = json!({"a": [text, 1.5, null], "b": {}});
            let again: Value = serde_json::from_str(&repair(&value.to_string())).expect("JSON");
            prop_assert_eq!(again, value);
        }
    }
}
