//! Values of the project's environment, tokens and keys in the modules of the server. Those in public files
//! are found when the site is packed.

use crate::exposure::assignment::{Assigned, NameKind, assigned_in};
use crate::exposure::{tokens_in, values_in};
use crate::feedback::code::Code;
use crate::feedback::diagnostic::{Diagnostic, Severity};
use crate::inspection::code::origin::Origin;
use crate::inspection::subject::Subject;
use crate::inspection::subject::text::TextFile;
use crate::project::environment;

/// Finds the values. One finding tells of one value in one module.
pub(super) fn find(subject: &Subject) -> Vec<Diagnostic> {
    let secrets = environment::secret_values(subject.dist());
    let mut found = Vec::new();
    for module in subject.server() {
        let values = values_in(&secrets, module.text.as_bytes());
        for (token, offset) in tokens_in(module.text.as_bytes()) {
            // A token that is the value of a variable is reported as such.
            if values.iter().all(|(_, at)| *at != offset) {
                found.push(finding(
                    module,
                    offset,
                    "a secret",
                    format!("contains what looks like {token}"),
                ));
            }
        }
        for assigned in assigned_in(&module.text) {
            let is_value = values.iter().any(|(secret, _)| secret.value == assigned.value);
            // What packages contain is published with them.
            let is_of_package =
                matches!(Origin::of(&module.text, assigned.offset), Origin::Package(_));
            if !is_value && !is_of_package {
                found.push(assignment(module, assigned));
            }
        }
        for (secret, offset) in values {
            let message = format!("contains the value of `{}` in `{}`", secret.name, secret.file);
            found.push(finding(module, offset, &secret.name, message));
        }
    }
    found
}

/// Makes a finding of an assignment. A key may be one for browsers.
fn assignment(module: &TextFile, Assigned { name, offset, kind, .. }: Assigned<'_>) -> Diagnostic {
    let message = format!("contains what looks like a secret, assigned to `{name}`");
    let found = finding(module, offset, name, message);
    match kind {
        NameKind::Secret => found,
        NameKind::Key => Diagnostic { severity: Severity::Note, ..found },
    }
}

/// Makes a finding that names a secret and does not show it, as its line would.
fn finding(module: &TextFile, offset: usize, name: &str, message: String) -> Diagnostic {
    let found = module.warning(Code::ServerSecretInlined, offset, message);
    let excerpt = found.excerpt.map(|mut excerpt| {
        excerpt.text = format!("{name} …");
        excerpt.offset = 0;
        excerpt
    });
    Diagnostic { excerpt, ..found }.with_help(
        "read it from `env` or with `astro:env/server` while a request is answered, and set it by \
         `wrangler secret put`: in the code it is in every upload, and changes only with a new build",
    )
}
