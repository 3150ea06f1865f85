//! The commands of wrangler that a project runs: in the scripts of `package.json`, and in workflows
//! on GitHub.

mod workflow;

use serde_json::Value;

use crate::inspection::subject::text::TextFile;
use crate::inspection::subject::{Data, Subject};

/// Words in front of a command of npm.
const RUNNERS: [&str; 12] =
    ["npx", "pnpm", "yarn", "bunx", "bun", "npm", "exec", "dlx", "x", "run", "--yes", "-y"];

/// A command of wrangler.
#[derive(Clone, Debug)]
pub(super) struct Command {
    /// The file that contains it.
    pub(super) file: TextFile,
    /// The byte offset of its line, or of its script.
    pub(super) offset: usize,
    /// Its words after `wrangler`.
    pub(super) words: Vec<String>,
}

impl Command {
    /// Finds the commands of a project, in the order of its files.
    pub(super) fn of_project(subject: &Subject) -> Vec<Self> {
        let mut commands = Vec::new();
        if let Some(package) = Data::values(subject.package.as_ref()) {
            let scripts = package.get("scripts").and_then(Value::as_object);
            for (name, script) in scripts.into_iter().flatten() {
                let Some(script) = script.as_str() else { continue };
                let offset = package.offset(&["scripts".into(), name.as_str().into()]);
                let found = in_shell(script);
                let command = |words| Self { file: package.file.clone(), offset, words };
                commands.extend(found.into_iter().map(command));
            }
        }
        commands.extend(workflow::files(subject).iter().flat_map(workflow::commands));
        commands
    }

    /// Returns whether it begins with these words.
    pub(super) fn is(&self, words: &[&str]) -> bool {
        self.words.len() >= words.len() && self.words.iter().zip(words).all(|(a, b)| a == b)
    }

    /// Returns the value of an option, given by its long and its short name.
    pub(super) fn option(&self, long: &str, short: &str) -> Option<&str> {
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            if word == long || word == short {
                return words.next().map(String::as_str);
            }
            if let Some(value) = word.strip_prefix(long).and_then(|rest| rest.strip_prefix('=')) {
                return Some(value);
            }
        }
        None
    }
}

/// Finds the commands in a script of a shell.
fn in_shell(script: &str) -> Vec<Vec<String>> {
    let separated = script.replace("&&", "\n").replace("||", "\n").replace([';', '|', '&'], "\n");
    let words = |command: &str| -> Option<Vec<String>> {
        let words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
        let mut words = words.skip_while(|word| RUNNERS.contains(word) || is_assignment(word));
        let program = words.next()?;
        let program = program.rsplit('/').next().unwrap_or(program);
        let is_wrangler = program == "wrangler" || program.starts_with("wrangler@");
        is_wrangler.then(|| words.map(str::to_owned).collect())
    };
    separated.lines().filter_map(words).collect()
}

/// Returns whether a word sets a variable for a command, as `CI=1` and `cross-env` do.
fn is_assignment(word: &str) -> bool {
    let is_name =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    word == "cross-env" || word.split_once('=').is_some_and(|(name, _)| is_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_wrangler_are_found_in_scripts() {
        for (script, words) in [
            ("astro build && wrangler deploy --env staging", &["deploy", "--env", "staging"][..]),
            ("CI=1 npx wrangler@4 pages deploy 'dist'", &["pages", "deploy", "dist"]),
            ("pnpm exec wrangler deploy; echo done", &["deploy"]),
            ("cross-env A=b ./node_modules/.bin/wrangler tail", &["tail"]),
        ] {
            assert_eq!(in_shell(script), [words], "{script}");
        }
        assert!(in_shell("echo wrangler deploy; # wrangler").is_empty());
    }

    #[test]
    fn options_are_read_in_all_spellings() {
        let file = TextFile { name: String::new(), path: "a".into(), text: String::new() };
        for words in ["deploy --env x", "deploy --env=x", "deploy -e x"] {
            let words = words.split(' ').map(str::to_owned).collect();
            let command = Command { file: file.clone(), offset: 0, words };
            assert_eq!(command.option("--env", "-e"), Some("x"));
        }
    }
}
