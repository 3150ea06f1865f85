//! The commands of wrangler in workflows on GitHub: those of a shell, and those of actions, which
//! write them in parts.
//!
//! The files are read line by line, as far as these parts are concerned, since a step that is not
//! found is no wrong finding.

use std::mem;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::{Command, in_shell};
use crate::inspection::subject::Subject;
use crate::inspection::subject::text::TextFile;

/// The folder of workflows in a repository.
const FOLDER: &str = ".github/workflows";

/// Returns the workflows of the repository, sorted. If the project is in a folder of it, only the steps that
/// name this folder are those of the project: others deploy its neighbours.
pub(super) fn files(subject: &Subject) -> Vec<TextFile> {
    let root = subject.repository();
    let folder = subject.root.strip_prefix(root).unwrap_or(Path::new(""));
    let folder = folder.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
    let entries = WalkDir::new(root.join(FOLDER)).max_depth(1).sort_by_file_name();
    let paths = entries.into_iter().flatten().map(DirEntry::into_path).filter(|path| {
        path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
    });
    let read = |path: PathBuf| TextFile::read(subject.name_of(&path), path).ok();
    let of_project = |file: TextFile| {
        let text = if folder.is_empty() { file.text } else { steps_in(&file.text, &folder) };
        TextFile { text, ..file }
    };
    paths.filter_map(read).map(of_project).collect()
}

/// Blanks the lines of the steps that do not name a folder, so that places stay the same.
fn steps_in(text: &str, folder: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let names_folder = |step: &str| {
        step.match_indices(folder).any(|(at, _)| {
            let (before, after) = (&step[..at], &step[at + folder.len()..]);
            let before = before.strip_suffix("./").unwrap_or(before);
            !before.ends_with('/') && !before.ends_with(is_word) && !after.starts_with(is_word)
        })
    };
    let mut steps: Vec<String> = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("- ") {
            steps.push(String::new());
        }
        steps.last_mut().expect("it begins with one").push_str(line);
    }
    let blank = |step: &str| -> String {
        step.chars()
            .map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) })
            .collect()
    };
    steps.into_iter().map(|step| if names_folder(&step) { step } else { blank(&step) }).collect()
}

/// Finds the commands in a workflow.
pub(super) fn commands(file: &TextFile) -> Vec<Command> {
    let mut found = Vec::new();
    let mut step = Step::default();
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        let text = line.trim_start_matches([' ', '\t', '-']);
        let offset = at + line.len() - text.len();
        at += line.len();
        if line.trim_start().starts_with("- ") {
            found.extend(mem::take(&mut step).end(file));
        }
        let text = text.trim();
        if text.starts_with('#') {
            continue;
        }
        let command = |words| Command { file: file.clone(), offset, words };
        let is_part = step.add(text, offset);
        if !is_part {
            let script = text.strip_prefix("run:").unwrap_or(text);
            found.extend(in_shell(script).into_iter().map(command));
        }
    }
    found.extend(step.end(file));
    found
}

/// A step of a job, as far as it has been read.
#[derive(Default)]
struct Step {
    action: Option<Action>,
    /// The commands without the word `wrangler`, with their offsets.
    commands: Vec<(String, usize)>,
    /// True after `command: |`, which commands follow, each on a line.
    has_list: bool,
    /// The environment, with its offset.
    environment: Option<(String, usize)>,
}

/// An action that runs wrangler.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Wrangler,
    Pages,
}

impl Step {
    /// Adds a line. Returns whether it is a part of an action that runs wrangler.
    fn add(&mut self, text: &str, offset: usize) -> bool {
        let (key, value) = text.split_once(':').unwrap_or((text, ""));
        let value = value.trim().trim_matches(['"', '\'']);
        if key == "uses" {
            let is = |name: &str| value.split('@').next().is_some_and(|it| it.ends_with(name));
            self.action = match () {
                () if is("/wrangler-action") => Some(Action::Wrangler),
                () if is("/pages-action") => Some(Action::Pages),
                () => None,
            };
        }
        match (self.action, key) {
            (None, _) => return false,
            (Some(Action::Wrangler), "command") => {
                self.has_list = value.starts_with(['|', '>']);
                if !self.has_list {
                    self.commands.push((value.to_owned(), offset));
                }
            }
            (Some(Action::Wrangler), "environment") => {
                self.environment = Some((value.to_owned(), offset));
            }
            (Some(Action::Pages), "directory") => {
                self.commands.push((format!("pages deploy {value}"), offset));
            }
            (Some(Action::Wrangler), _) if self.has_list && !text.contains(": ") => {
                self.commands.push((text.to_owned(), offset));
            }
            _ => self.has_list = false,
        }
        true
    }

    /// Returns the commands of the step. The action deploys if it has none.
    fn end(self, file: &TextFile) -> Vec<Command> {
        let Self { action, mut commands, environment, .. } = self;
        if let (Some(Action::Wrangler), true, Some((_, offset))) =
            (action, commands.is_empty(), &environment)
        {
            commands.push(("deploy".to_owned(), *offset));
        }
        let environment = environment.map(|(name, _)| ["--env".to_owned(), name]);
        let command = |(text, offset): (String, usize)| {
            let mut words = in_shell(&format!("wrangler {text}")).into_iter().next()?;
            words.extend(environment.clone().into_iter().flatten());
            Some(Command { file: file.clone(), offset, words })
        };
        commands.into_iter().filter_map(command).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_neighbours_in_a_repository_are_blank() {
        let text = "steps:\n  - run: wrangler deploy\n    working-directory: apps/site-two\n  - run: wrangler tail\n\
            \x20   working-directory: ./apps/site/\n  - run: cd apps/site && wrangler dev # ü\n  - run: wrangler ü\n";
        let own = steps_in(text, "apps/site");
        assert_eq!(own.len(), text.len());
        let kept: Vec<&str> = own.lines().filter(|line| !line.trim().is_empty()).collect();
        let expected = [
            "  - run: wrangler tail",
            "    working-directory: ./apps/site/",
            "  - run: cd apps/site && wrangler dev # ü",
        ];
        assert_eq!(kept, expected);
    }

    #[test]
    fn commands_of_shells_and_actions_are_found() {
        let text = "jobs:\r\n  deploy:\r\n    environment: production\r\n    steps:\r\n\
            \x20     - run: |\r\n          npm ci\r\n          npx wrangler deploy --env a # comment\r\n\
            \x20     - name: Deploy\r\n        uses: cloudflare/wrangler-action@v3\r\n        with:\r\n\
            \x20         command: versions upload\r\n          environment: b\r\n\
            \x20     - uses: 'cloudflare/wrangler-action@v3'\r\n        with:\r\n          environment: c\r\n\
            \x20     - uses: cloudflare/pages-action@v1\r\n        with:\r\n          directory: \"dist\"\r\n\
            \x20     # - run: npx wrangler tail\r\n";
        let file = TextFile { name: String::new(), path: "a.yml".into(), text: text.to_owned() };
        let found = commands(&file);
        let words: Vec<String> = found.iter().map(|one| one.words.join(" ")).collect();
        let expected = [
            "deploy --env a # comment",
            "versions upload --env b",
            "deploy --env c",
            "pages deploy dist",
        ];
        assert_eq!(words, expected);
        assert!(text[found[0].offset..].starts_with("npx wrangler deploy"));
        assert!(text[found[1].offset..].starts_with("command: "));
    }
}
