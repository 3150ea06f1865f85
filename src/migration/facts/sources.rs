//! The parts of a site's source that decide whether it has a server.

use std::fs;
use std::path::{Path, PathBuf};

use swc_core::ecma::ast::{Decl, Expr, Lit, ModuleDecl, ModuleItem, Pat, VarDecl};
use walkdir::WalkDir;

use super::text_file::shown;
use crate::migration::astro_config::source::{Dialect, Source};

/// Findings in the source of a site, each with the first file that it was found in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    /// A page or an endpoint with `export const prerender = false`.
    pub(crate) on_demand: Option<String>,
    /// A component with `server:defer`.
    pub(crate) server_island: Option<String>,
    /// The module of Astro's actions.
    pub(crate) actions: Option<String>,
    /// The middleware. Of a static site, it runs during the build alone.
    pub(crate) middleware: Option<String>,
    /// A use of Astro's sessions.
    pub(crate) sessions: Option<String>,
    /// A use of `locals.runtime`, which Astro 6 does not have.
    pub(crate) locals_runtime: Option<String>,
    /// A variable of Pages' builds, `CF_PAGES…`.
    pub(crate) pages_variable: Option<String>,
}

/// The files of a site's source that are read.
const EXTENSIONS: [&str; 12] =
    ["astro", "ts", "mts", "js", "mjs", "tsx", "jsx", "md", "mdx", "svelte", "vue", "html"];

/// The sizes of files that are read, in bytes. Larger ones are not written by hand.
const MAX_BYTES: u64 = 1 << 20;

impl Sources {
    /// Reads the source of a site. A missing folder contains nothing.
    pub(crate) fn read(root: &Path, source: &Path) -> Self {
        let mut found = Self::default();
        let folder = root.join(source);
        let is_source = |name: &str| name != "node_modules" && !name.starts_with('.');
        let entries = WalkDir::new(&folder).follow_links(true).sort_by_file_name().into_iter();
        let shown_entries = entries.filter_entry(|entry| {
            entry.depth() == 0 || is_source(&entry.file_name().to_string_lossy())
        });
        for entry in shown_entries.flatten() {
            let path = entry.path();
            let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
            let is_small = entry.metadata().is_ok_and(|it| it.is_file() && it.len() <= MAX_BYTES);
            if !is_small || !EXTENSIONS.contains(&&*extension) {
                continue;
            }
            let Ok(bytes) = fs::read(path) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let text = if extension == "mdx" { without_examples(&text).into() } else { text };
            let below: PathBuf = path.strip_prefix(&folder).unwrap_or(path).to_owned();
            let name = shown(path.strip_prefix(root).unwrap_or(path));
            found.add(&below, &name, &extension, &text);
        }
        found
    }

    fn add(&mut self, below: &Path, name: &str, extension: &str, text: &str) {
        let note = |place: &mut Option<String>, is_found: bool| {
            if is_found && place.is_none() {
                *place = Some(name.to_owned());
            }
        };
        let stem = below.with_extension("");
        let is_module =
            |folder: &str| stem == Path::new(folder) || stem == Path::new(folder).join("index");
        let is_code = !matches!(extension, "md" | "html");
        note(&mut self.actions, is_code && is_module("actions"));
        note(&mut self.middleware, is_code && is_module("middleware"));
        let is_page = below.starts_with("pages") && !below.components().any(is_private);
        note(&mut self.on_demand, is_page && is_code && is_rendered_on_demand(extension, text));
        note(
            &mut self.server_island,
            matches!(extension, "astro" | "mdx") && has_server_island(text),
        );
        note(&mut self.sessions, is_code && uses_sessions(text));
        note(&mut self.locals_runtime, is_code && text.contains("locals.runtime"));
        note(&mut self.pages_variable, is_code && text.contains("CF_PAGES"));
    }

    /// Returns the reason for which a site that is otherwise static has a server.
    pub(crate) fn server_reason(&self) -> Option<String> {
        let reason =
            |file: &Option<String>, what: &str| Some(format!("`{}` {what}", file.as_ref()?));
        reason(&self.on_demand, "is rendered on demand (`prerender = false`)")
            .or_else(|| reason(&self.server_island, "has a server island (`server:defer`)"))
            .or_else(|| reason(&self.actions, "defines actions"))
    }
}

/// Astro makes no page of a file or folder whose name begins with an underscore.
fn is_private(part: std::path::Component<'_>) -> bool {
    part.as_os_str().to_string_lossy().starts_with('_')
}

/// Returns whether a page exports `prerender` as `false`.
fn is_rendered_on_demand(extension: &str, text: &str) -> bool {
    if !text.contains("prerender") {
        return false;
    }
    let code = match extension {
        "astro" => frontmatter(text).unwrap_or_default(),
        _ => text,
    };
    match Source::parse(code, Dialect::TypeScript) {
        Ok(source) => source.module.body.iter().any(exports_prerender_false),
        // Frontmatter may `return` at its top level, and MDX is not a module.
        Err(_) => code.lines().any(|line| {
            let words: String = line.split_whitespace().collect();
            words.starts_with("exportconstprerender=false")
        }),
    }
}

fn exports_prerender_false(item: &ModuleItem) -> bool {
    let ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) = item else { return false };
    let Decl::Var(variables) = &export.decl else { return false };
    let VarDecl { decls, .. } = &**variables;
    decls.iter().any(|one| {
        let is_it = matches!(&one.name, Pat::Ident(name) if &*name.id.sym == "prerender");
        let value = one.init.as_deref();
        is_it && matches!(value, Some(Expr::Lit(Lit::Bool(value))) if !value.value)
    })
}

/// Returns the script at the beginning of a component.
fn frontmatter(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("---")?;
    rest.split_once("\n---").map(|(code, _)| code)
}

/// Returns a text in Markdown without its examples of code.
fn without_examples(text: &str) -> String {
    let mut fence: Option<&str> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (None, None) => lines.push(without_code(line)),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
        }
    }
    lines.join("\n")
}

/// Returns a line without the parts in backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("")
}

fn has_server_island(text: &str) -> bool {
    let template = text.split("<!--").map(|part| part.split_once("-->").map_or(part, |(_, it)| it));
    // A part without the end of a comment is the text before the first one.
    template.into_iter().any(|part| part.contains("server:defer"))
}

/// Returns whether code reads the session of a request, as `Astro.session`, or as a part of the context of
/// an endpoint.
fn uses_sessions(text: &str) -> bool {
    let names = ["Astro.session", "context.session", "ctx.session", "Astro?.session"];
    let is_read = names.iter().any(|name| {
        text.match_indices(name).any(|(index, _)| {
            let next = text[index + name.len()..].chars().next();
            !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    });
    is_read || text.split('{').skip(1).any(takes_session)
}

/// Returns whether the text after a `{` is a pattern that takes `session` of the context.
fn takes_session(text: &str) -> bool {
    let Some((names, rest)) = text.split_once('}') else { return false };
    let rest = rest.trim_start();
    let is_pattern = rest.starts_with([')', ':'])
        || ["= Astro", "= context", "= ctx"].iter().any(|from| rest.starts_with(from));
    let is_session =
        |name: &str| name.split([':', '=']).next().is_some_and(|it| it.trim() == "session");
    is_pattern && names.split(',').any(is_session)
}
