//! A middleware that controls access, and pages that it never runs for: those that the build rendered.

use std::collections::BTreeSet;

use super::routes::is_middleware;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;
use crate::inspection::subject::text::TextFile;
use crate::project::layout::Layout;

/// Words of code that controls access.
const ACCESS: [&str; 15] = [
    "auth",
    "authed",
    "authenticate",
    "authenticated",
    "authentication",
    "authorization",
    "authorize",
    "authorized",
    "credentials",
    "jwt",
    "login",
    "password",
    "session",
    "signin",
    "unauthorized",
];

/// Words of code that knows who asks, which may be for the language or the consent of a visitor.
const WHO: [&str; 6] = ["token", "cookie", "cookies", "user", "role", "roles"];

/// Words of code that refuses to answer one that it does not know.
const REFUSAL: [&str; 4] = ["401", "403", "unauthorized", "forbidden"];

/// Calls that lead one that it does not know elsewhere.
const ELSEWHERE: [&str; 2] = ["redirect(", "rewrite("];

/// Words of lists of paths that are for everyone.
const OPEN: [&str; 12] = [
    "allow",
    "allowed",
    "anonymous",
    "except",
    "exclude",
    "excluded",
    "exempt",
    "ignore",
    "open",
    "public",
    "skip",
    "whitelist",
];

/// Pages that are for everyone.
const PUBLIC: [&str; 3] = ["/404.html", "/500.html", "/index.html"];

/// Number of pages that the finding names.
const NAMED: usize = 3;

/// Finds the pages. They are one finding.
pub(super) fn find(subject: &Subject) -> Vec<Diagnostic> {
    let Some(project) = subject.project() else { return Vec::new() };
    if project.layout == Layout::Static {
        return Vec::new();
    }
    let files = subject.sources().iter().filter(|file| is_middleware(&file.name));
    let controls = files.filter(|file| is_control(&file.text));
    controls.filter_map(|file| finding(subject, file)).collect()
}

/// Returns whether a middleware looks like one that controls access.
fn is_control(text: &str) -> bool {
    let has = |words: &[&str]| words_in(text).any(|(_, word)| words.contains(&&*word));
    let refuses = has(&REFUSAL);
    let leads_elsewhere = ELSEWHERE.iter().any(|call| text.contains(call));
    has(&ACCESS) && (refuses || leads_elsewhere) || has(&WHO) && refuses
}

/// Returns the words of a text in lower case, each with its offset: `is`, `signed` and `in` of `isSignedIn`.
fn words_in(text: &str) -> impl Iterator<Item = (usize, String)> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric();
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !is_part(bytes[at]) {
            at += 1;
        }
        let start = at;
        while at < bytes.len() && is_part(bytes[at]) {
            let begins = at > start && bytes[at].is_ascii_uppercase();
            if begins && bytes[at - 1].is_ascii_lowercase() {
                break;
            }
            at += 1;
        }
        (at > start).then(|| (start, text[start..at].to_ascii_lowercase()))
    })
}

fn finding(subject: &Subject, file: &TextFile) -> Option<Diagnostic> {
    let guarded = guarded_paths(&file.text);
    if guarded.is_empty() {
        return of_all_pages(subject, file);
    }
    let routes = subject.pages().iter().map(|page| page.source.route.as_str());
    let routes: Vec<&str> = routes.filter(|route| !PUBLIC.contains(route)).collect();
    let is_guarded = |route: &&&str| {
        guarded.iter().any(|(path, _)| {
            let rest = route.strip_prefix(path.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.starts_with(['/', '.']))
        })
    };
    let unprotected: Vec<&&str> = routes.iter().filter(is_guarded).collect();
    let first = unprotected.first()?;
    let offset = guarded
        .iter()
        .find(|(path, _)| first.starts_with(path.trim_end_matches('/')))
        .map_or(0, |(_, offset)| *offset);
    let names: Vec<String> =
        unprotected.iter().take(NAMED).map(|route| format!("`{route}`")).collect();
    let hidden = unprotected.len() - names.len();
    let more = if hidden == 0 { String::new() } else { format!(" and {hidden} more") };
    let message = format!(
        "looks like access control, and does not run for pages that are rendered by the build: {}{more}",
        names.join(", ")
    );
    let help = "set `export const prerender = false` in these pages, so that the server answers for \
                them; a file is sent to everyone";
    Some(file.warning(Code::ServerMiddlewareStatic, offset, message).with_help(help))
}

/// Reports a middleware that names no paths, and so seems to guard all pages.
fn of_all_pages(subject: &Subject, file: &TextFile) -> Option<Diagnostic> {
    let (offset, _) = words_in(&file.text).find(|(_, word)| ACCESS.contains(&&**word))?;
    let routes = subject.pages().iter().map(|page| page.source.route.as_str());
    let is_named = |stem: &str| {
        ["'", "\"", "`", "/'", "/\"", "/`"]
            .iter()
            .any(|end| file.text.contains(&format!("{stem}{end}")))
    };
    // Visitors are sent to some pages, such as that of the login.
    let is_guarded = |route: &&str| {
        let stem = route.trim_end_matches(".html").trim_end_matches("/index");
        !matches!(*route, "/404.html" | "/500.html") && (stem.is_empty() || !is_named(stem))
    };
    let pages = routes.filter(is_guarded).count();
    let pages = match pages {
        0 => return None,
        1 => "one page that is".to_owned(),
        more => format!("{more} pages that are"),
    };
    let message =
        format!("looks like access control, and does not run for {pages} rendered by the build");
    Some(
        file.note(Code::ServerMiddlewareStatic, offset, message)
            .with_help("set `export const prerender = false` in pages that are not for everyone"),
    )
}

/// Returns the paths that a middleware names, with their offsets, but for those that it sends visitors to.
fn guarded_paths(text: &str) -> BTreeSet<(String, usize)> {
    let mut paths = BTreeSet::new();
    for quote in ['"', '\'', '`'] {
        for (at, _) in text.match_indices(quote) {
            let rest = &text[at + 1..];
            let Some(path) = rest.split(quote).next() else { continue };
            let is_path = path.len() > 1
                && path.starts_with('/')
                && path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.".contains(c));
            let before = text[..at].trim_end();
            let is_target = before.ends_with("redirect(")
                || before.ends_with("rewrite(")
                || before.ends_with("URL(");
            if is_path && !is_target && !is_for_everyone(text, at) {
                paths.insert((path.to_owned(), at + 1));
            }
        }
    }
    paths
}

/// Returns whether a path at an offset is in a list of those for everyone, or lets a request pass.
fn is_for_everyone(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let ends = [";", "{", "}", "if (", "if(", "const ", "return "];
    let start = ends.iter().filter_map(|end| before.rfind(end)).max().unwrap_or_default();
    let is_listed = words_in(&text[start..at]).any(|(_, word)| OPEN.contains(&&*word));
    let rest = text[at..].lines().next().unwrap_or_default();
    is_listed || rest.contains("return next(")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_knows_who_asks_and_refuses() {
        assert!(is_control("if (!context.cookies.get('a')) return context.redirect('/login')"));
        assert!(is_control("if (!isAuthenticated(request)) return rewrite('/door')"));
        assert!(is_control("if (!locals.user) return new Response('', { status: 401 })"));
        assert!(!is_control("response.headers.set('x-frame-options', 'DENY')"));
        for language in [
            "if (cookies.get('lang')?.value === 'de') return redirect('/de/')",
            "// The author of the user's browser\nreturn redirect('/en/')",
        ] {
            assert!(!is_control(language), "{language}");
        }
        assert!(!is_control("context.locals.user = await user(context)"));
    }

    #[test]
    fn paths_that_visitors_are_sent_to_are_not_guarded() {
        let text = "if (url.pathname.startsWith('/members')) return redirect('/login', 302)";
        let paths: Vec<String> = guarded_paths(text).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["/members"]);
        for open in [
            "const PUBLIC_PATHS = [\n  '/about',\n  '/prices',\n]; guard();",
            "if (pathname === '/login') return next();",
        ] {
            assert!(guarded_paths(open).is_empty(), "{open}");
        }
        let text = "const open = ['/about']\nif (pathname.startsWith('/members')) refuse()";
        assert_eq!(guarded_paths(text).len(), 1);
    }
}
