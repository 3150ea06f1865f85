//! The comments of a script that stay.

use std::collections::{BTreeMap, BTreeSet};

use swc_core::common::comments::{Comment, CommentKind, Comments as _, SingleThreadedComments};
use swc_core::ecma::ast::{ModuleDecl, ModuleItem, Program};

use super::Text;
use crate::transform::comments::{KeptComments, Place, Stays};

/// The comments of a script that stay, by the place at which they do.
#[derive(Default)]
pub(super) struct Comments {
    /// With their delimiters.
    at_start: Vec<String>,
    at_end: Vec<String>,
    /// Texts without delimiters, each of which the result has to contain.
    required: Vec<String>,
    /// The comments to print beside the nodes that they are attached to.
    in_place: SingleThreadedComments,
}

/// A comment that is code, so that the script stays as it is.
pub(super) struct CommentIsCode;

impl Comments {
    /// Chooses the comments that stay.
    ///
    /// # Errors
    /// If one is code.
    pub(super) fn of(
        text: &Text,
        program: &Program,
        kept: &KeptComments,
    ) -> Result<Self, CommentIsCode> {
        let all = text.comments();
        if all.is_empty() {
            return Ok(Self::default());
        }
        let start_pos = text.file.start_pos;
        let header_len = header_len(&text.file.src);
        let mut comments = Self::default();
        for block in blocks(&text.file.src, start_pos.0, &all) {
            let joined = block.iter().map(|comment| &*comment.text).collect::<Vec<_>>().join("\n");
            let at = (block[0].span.lo - start_pos).0 as usize;
            let place = if at < header_len { Place::First } else { Place::Later };
            let delimited = block.iter().map(delimited);
            match kept.in_script(&joined, place) {
                None | Some(Stays::InModules) => {}
                Some(Stays::AtStart) => comments.at_start.extend(delimited),
                Some(Stays::AtEnd) => comments.at_end.extend(delimited),
                Some(Stays::InPlace) => {
                    comments.required.extend(block.iter().map(in_line));
                }
                Some(Stays::WithAll) => return Err(CommentIsCode),
            }
        }
        let required: BTreeSet<&String> = comments.required.iter().collect();
        let is_in_place = |comment: &Comment| {
            required.contains(&in_line(comment))
                || is_bundled_again(program)
                    && kept.in_script(&comment.text, Place::Later) == Some(Stays::InModules)
        };
        comments.in_place = text.comments_where(is_in_place);
        Ok(comments)
    }

    /// Returns the comments to print beside their nodes.
    pub(super) fn in_place(&self) -> &SingleThreadedComments {
        &self.in_place
    }

    /// Puts comments in front of minified code, but after a `#!` line, and behind it.
    ///
    /// A minifier may remove the statement next to a comment of a licence, and the comment must outlive
    /// it.
    pub(super) fn around(&self, mut code: String) -> String {
        if !self.at_start.is_empty() {
            let (first, rest) = match code.split_once('\n') {
                Some((line, rest)) if line.starts_with("#!") => (format!("{line}\n"), rest),
                _ => (String::new(), code.as_str()),
            };
            code = format!("{first}{}\n{rest}", self.at_start.join("\n"));
        }
        for comment in &self.at_end {
            code = format!("{code}\n{comment}");
        }
        code
    }

    /// Returns the number of lines that [`Self::around`] puts before a line of minified code.
    pub(super) fn lines_before(&self, line: u32, code: &str) -> u32 {
        if self.at_start.is_empty() || line == 0 && code.starts_with("#!") {
            return 0;
        }
        let breaks = self.at_start.iter().map(|comment| comment.matches('\n').count() + 1);
        u32::try_from(breaks.sum::<usize>()).unwrap_or(u32::MAX)
    }

    /// Returns whether a comment has to stay in place.
    pub(super) fn are_required(&self) -> bool {
        !self.required.is_empty()
    }

    /// Returns whether the comments that have to stay in place are in a result.
    pub(super) fn are_in(&self, after: &[Comment]) -> bool {
        let mut counts = BTreeMap::<String, usize>::new();
        for comment in after {
            *counts.entry(in_line(comment)).or_default() += 1;
        }
        self.required.iter().all(|text| match counts.get_mut(text) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        })
    }
}

/// Returns whether a program is a module that others import, and may bundle.
fn is_bundled_again(program: &Program) -> bool {
    let Program::Module(module) = program else { return false };
    module.body.iter().any(|item| match item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(_)) | ModuleItem::Stmt(_) => false,
        ModuleItem::ModuleDecl(_) => true,
    })
}

/// Splits comments into blocks: lines that follow each other are one.
fn blocks<'c>(source: &str, start: u32, all: &'c [Comment]) -> Vec<&'c [Comment]> {
    all.chunk_by(|one, next| {
        let between = (one.span.hi.0 - start) as usize..(next.span.lo.0 - start) as usize;
        let is_next_line = source
            .get(between)
            .is_some_and(|text| text.trim().is_empty() && text.matches('\n').count() <= 1);
        let is_line = |comment: &Comment| {
            // A line for tools, such as `//# sourceMappingURL=…`, stands for itself.
            comment.kind == CommentKind::Line && !comment.text.starts_with('#')
        };
        is_line(one) && is_line(next) && is_next_line
    })
    .collect()
}

fn delimited(comment: &Comment) -> String {
    match comment.kind {
        CommentKind::Line => format!("//{}", comment.text),
        CommentKind::Block => format!("/*{}*/", comment.text),
    }
}

/// Returns the text of a comment as it is printed beside code: on one line, since a line break may end a
/// statement.
fn in_line(comment: &Comment) -> String {
    comment.text.replace("*/", "* /").replace(['\n', '\r', '\u{2028}', '\u{2029}'], " ")
}

/// Returns the length of what is before the first token: white space, comments and a `#!` line.
fn header_len(source: &str) -> usize {
    let mut rest = source.trim_start_matches('\u{feff}');
    if rest.starts_with("#!") {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    loop {
        rest = rest.trim_start();
        rest = if rest.starts_with("//") {
            rest.split_once('\n').map_or("", |(_, rest)| rest)
        } else if rest.starts_with("/*") {
            rest.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            return source.len() - rest.len();
        };
    }
}

impl Text {
    /// Returns all comments in the order of the source.
    pub(super) fn comments(&self) -> Vec<Comment> {
        let (leading, trailing) = self.comments.borrow_all();
        let mut all: Vec<Comment> =
            leading.values().chain(trailing.values()).flatten().cloned().collect();
        // A comment between two nodes can be attached to both, and the maps have no order.
        all.sort_by_key(|comment| comment.span.lo);
        all.dedup_by_key(|comment| comment.span.lo);
        all
    }

    /// Returns some of the comments, attached as they are, each once.
    fn comments_where(&self, is_wanted: impl Fn(&Comment) -> bool) -> SingleThreadedComments {
        let wanted = SingleThreadedComments::default();
        let (leading, trailing) = self.comments.borrow_all();
        let mut seen = BTreeSet::new();
        for (map, attach) in [
            (&*leading, SingleThreadedComments::add_leading as fn(&_, _, _)),
            (&*trailing, SingleThreadedComments::add_trailing as fn(&_, _, _)),
        ] {
            // The maps have no order.
            let by_position: BTreeMap<_, _> = map.iter().collect();
            for (position, comments) in by_position {
                for comment in comments.iter().filter(|comment| is_wanted(comment)) {
                    if seen.insert(comment.span.lo) {
                        let (kind, text) = (CommentKind::Block, in_line(comment).into());
                        attach(&wanted, *position, Comment { kind, text, ..comment.clone() });
                    }
                }
            }
        }
        wanted
    }
}
