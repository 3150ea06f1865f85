//! Values of the project's environment in the modules of the server. Those in public files are found when
//! the site is packed.

use crate::exposure::values_in;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::subject::Subject;
use crate::project::environment;

/// Finds the values. One finding tells of one value in one module.
pub(super) fn find(subject: &Subject) -> Vec<Diagnostic> {
    let secrets = environment::secret_values(subject.dist());
    let mut found = Vec::new();
    for module in subject.server() {
        for (secret, offset) in values_in(&secrets, module.text.as_bytes()) {
            let message = format!("contains the value of `{}` in `{}`", secret.name, secret.file);
            let finding = module.warning(Code::ServerSecretInlined, offset, message);
            // The line would show the secret.
            let excerpt = finding.excerpt.map(|mut excerpt| {
                excerpt.text = format!("{} …", secret.name);
                excerpt.offset = 0;
                excerpt
            });
            let finding = Diagnostic { excerpt, ..finding };
            found.push(finding.with_help(
                "read it from `env` or with `astro:env/server` while a request is answered, and set it \
                 by `wrangler secret put`: in the code it is in every upload, and changes only with a \
                 new build",
            ));
        }
    }
    found
}
