//! Tables.

use std::fmt::Write as _;

use serde_json::Value;

use crate::cli::print::page::text::{Bytes, Html};

/// Number of rows of a table in the markup. The script shows the others.
const ROWS: usize = 100;

/// The end of a table in the last place of a section.
pub(super) const CLOSE: &str = "</tbody></table></div></section>\n";

/// Writes a table that the script sorts, searches and pages.
pub(super) fn table(
    html: &mut String,
    name: &str,
    caption: &str,
    heads: &[(&str, &str)],
    rows: &Value,
) {
    let id = format!("{name}-table");
    let all = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    let _ = write!(
        html,
        "<div class=\"tools\" hidden data-table=\"{id}\" data-rows=\"{}-rows\"><label>Search <input type=\"search\"></label>\
         <button type=\"button\">Back</button><button type=\"button\">Next</button><span role=\"status\"></span></div>",
        name.trim_end_matches('s')
    );
    let shown = all.len().min(ROWS);
    let caption = match all.len() - shown {
        0 => caption.to_owned(),
        _ => format!("{caption}: the largest {shown} of {}", all.len()),
    };
    open(html, &id, &caption, heads);
    for row in &all[..shown] {
        html.push_str("<tr>");
        for (index, (value, (_, kind))) in
            row.as_array().into_iter().flatten().zip(heads).enumerate()
        {
            let text = match value {
                Value::Null => "–".to_owned(),
                Value::Number(number) => {
                    let number = number.as_u64().unwrap_or_default();
                    Bytes(usize::try_from(number).unwrap_or(usize::MAX)).to_string()
                }
                Value::String(text) => Html(text).to_string(),
                other => Html(&other.to_string()).to_string(),
            };
            let _ = match index {
                0 => write!(html, "<th scope=\"row\" class=\"{kind}\">{text}</th>"),
                _ if kind.is_empty() => write!(html, "<td>{text}</td>"),
                _ => write!(html, "<td class=\"{kind}\">{text}</td>"),
            };
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>");
}

/// Opens a table.
pub(super) fn open(html: &mut String, id: &str, caption: &str, heads: &[(&str, &str)]) {
    let id = if id.is_empty() { String::new() } else { format!(" id=\"{id}\"") };
    let _ = write!(
        html,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table{id}><caption>{0}</caption><thead><tr>",
        Html(caption)
    );
    for (name, kind) in heads {
        let class = if *kind == "n" { " class=\"n\"" } else { "" };
        let _ = write!(html, "<th scope=\"col\"{class} data-kind=\"{kind}\">{name}</th>");
    }
    html.push_str("</tr></thead><tbody>\n");
}
