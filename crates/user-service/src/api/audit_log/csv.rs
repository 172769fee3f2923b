//! Lines as a table.

use chrono::SecondsFormat;

use crate::storage::audit_log::Line;

/// The first row, after the mark by which spreadsheets know UTF-8.
pub(super) const HEADER: &str = "\u{feff}at,actor_kind,actor_id,actor_name,action,subject_kind,subject_id,outcome,\
                                 status,reason,address,user_agent,credential,trace_id,details,id\r\n";

/// Writes one row.
pub(super) fn write(line: &Line, out: &mut String) {
    let text = |value: Option<String>| value.unwrap_or_default();
    let cells = [
        line.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        line.actor_kind.clone(),
        text(line.actor_id.map(|id| id.to_string())),
        cell(line.actor_name.as_deref().unwrap_or_default()),
        cell(&line.action),
        cell(&line.subject_kind),
        cell(&line.subject_id),
        line.outcome.clone(),
        text(line.status.map(|status| status.to_string())),
        cell(&line.reason),
        cell(&line.address),
        cell(&line.user_agent),
        text(line.credential_id.map(|id| id.to_string())),
        line.trace_id.clone(),
        cell(&line.details.to_string()),
        line.id.to_string(),
    ];
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// A text that anybody may have written: quoted, and never taken for a formula.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let sign = if formula { "'" } else { "" };
    if formula || text.contains([',', '"', '\r', '\n']) {
        format!("\"{sign}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_wrote_is_neither_a_formula_nor_another_cell() {
        assert_eq!(cell("curl/8"), "curl/8");
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("a,b\r\nc"), "\"a,b\r\nc\"");
        assert_eq!(cell("@x"), "\"'@x\"");
    }
}
