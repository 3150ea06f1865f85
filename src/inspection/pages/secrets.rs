//! Secrets that public files assign to a name. Values of the environment and tokens of known providers are found
//! when the site is packed.

use rayon::prelude::*;

use crate::asset::media_type::{CodeLanguage, Language};
use crate::exposure::assignment::{Assigned, NameKind, assigned_in};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Excerpt};
use crate::ingest::SourceFile;
use crate::inspection::subject::Subject;
use crate::inspection::subject::text::TextFile;
use crate::project::environment;

/// Size up to which a file is read, in bytes.
const MAX_SIZE: u64 = 4 << 20;

/// Finds the secrets. One finding tells of one name in one file.
pub(super) fn find(subject: &Subject) -> Vec<Diagnostic> {
    let values = environment::secret_values(subject.dist());
    let is_known = |assigned: &Assigned<'_>| values.iter().any(|it| it.value == assigned.value);
    let of_file = |file: &SourceFile| -> Vec<Diagnostic> {
        let Some(file) = text(subject, file) else { return Vec::new() };
        let mut all = assigned_in(&file.text);
        all.retain(|assigned| !is_known(assigned));
        all.sort_by_key(|assigned| (assigned.name, assigned.offset));
        all.dedup_by_key(|assigned| assigned.name);
        all.into_iter().map(|assigned| finding(&file, assigned)).collect()
    };
    let files = subject.site().map_or(&[][..], |site| &site.files);
    files.par_iter().flat_map_iter(of_file).collect()
}

/// Reads a page, a script or data.
fn text(subject: &Subject, file: &SourceFile) -> Option<TextFile> {
    let language = file.media_type(|| file.head()).ok()?.media_type.language()?;
    let may_assign = matches!(
        language,
        Language::Html | Language::Code(CodeLanguage::JavaScript | CodeLanguage::Json)
    );
    (may_assign && file.state.len() <= MAX_SIZE).then_some(())?;
    let bytes = file.content.read().ok()?;
    Some(TextFile::of(subject.source_name(&file.name), file.path.clone(), &bytes))
}

/// Makes a finding that names a secret and does not show it. A key may be one for browsers.
fn finding(file: &TextFile, Assigned { name, offset, kind, .. }: Assigned<'_>) -> Diagnostic {
    let message = format!("contains what looks like a secret, assigned to `{name}`");
    let make = match kind {
        NameKind::Secret => TextFile::warning,
        NameKind::Key => TextFile::note,
    };
    let found = make(file, Code::ExposedToken, offset, message);
    let excerpt =
        found.excerpt.map(|place| Excerpt { text: format!("{name} …"), offset: 0, ..place });
    Diagnostic { excerpt, ..found }.with_help(
        "use it in code that runs on the server only, and replace it if the site is public already; allow a key that its \
         provider means for browsers with `[[check.allow]]`",
    )
}
