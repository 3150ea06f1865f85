//! The weight of the Worker.

use std::fmt::Write as _;

use super::table::{CLOSE, open};
use crate::cli::print::page::WorkerPart;
use crate::cli::print::page::text::{Bytes, Html};
use crate::cli::print::summary::Size;

/// Number of parts that are listed.
const PARTS: usize = 15;

/// The weight of the Worker.
pub(in crate::cli::print::page) fn worker(worker: &WorkerPart) -> String {
    let mut html = String::from("<section><h2 id=\"worker\">Worker</h2>");
    let weight = match worker {
        WorkerPart::Missing => {
            html.push_str(
                "<p>No Worker is built. <code>worker-pack build --target worker</code> writes one.</p></section>\n",
            );
            return html;
        }
        WorkerPart::Unknown(reason) => {
            let _ =
                writeln!(html, "<p>The Worker cannot be weighed: {}</p></section>", Html(reason));
            return html;
        }
        WorkerPart::Weighed(weight) => weight,
    };
    let own = &weight.weight;
    let _ = write!(
        html,
        "<p><code>{}</code>: {} modules of {} bytes, {} under gzip. It starts in about {} ms and takes about {} of \
         memory, by estimates from its modules.</p>",
        Html(&weight.subject),
        own.modules,
        Bytes(own.size),
        Size(own.gzip),
        own.startup,
        Size(own.memory)
    );
    open(
        &mut html,
        "part-table",
        "Largest parts of the Worker, in bytes",
        &[("Part", ""), ("Bytes", "n")],
    );
    for part in own.parts.iter().take(PARTS) {
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\" class=\"url\">{}</th><td class=\"n\">{}</td></tr>",
            Html(&part.name),
            Bytes(part.size)
        );
    }
    html.push_str(CLOSE);
    html
}
