//! Commands in scripts: those of wrangler for Pages, and their equivalents for Workers.

/// The result of reading a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rewritten {
    /// The new script.
    pub(crate) script: String,
    /// The commands of Pages that have no equivalent, or are part of a command that is not understood.
    pub(crate) unknown: Vec<String>,
    /// The commands that name the module or the folder that they deploy, instead of a configuration.
    pub(crate) unconfigured: Vec<String>,
}

/// Replaces the commands of Pages in a script, and adds the flags that name the configuration to those that
/// deploy or serve.
pub(crate) fn rewrite(script: &str, config: &str) -> Rewritten {
    let mut unknown = Vec::new();
    let mut unconfigured = Vec::new();
    let mut parts = Vec::new();
    for part in script.split("&&") {
        let text = part.trim();
        let start = &part[..part.len() - part.trim_start().len()];
        let end = &part[part.trim_end().len()..];
        let command = Command::of(text);
        let arguments = command.as_ref().and_then(|command| command.for_workers(config));
        let replaced = match (&command, arguments) {
            (Some(command), Some(arguments)) => {
                format!("{start}{}{arguments}{end}", command.program)
            }
            _ => part.to_owned(),
        };
        let is_of_pages = command.as_ref().map_or_else(
            || text.contains("wrangler pages") && !text.contains("wrangler pages functions"),
            Command::is_of_pages_alone,
        );
        if replaced == part && is_of_pages {
            unknown.push(text.to_owned());
        }
        if command.is_some_and(|command| command.names_what_it_deploys()) {
            unconfigured.push(text.to_owned());
        }
        parts.push(replaced);
    }
    Rewritten { script: parts.join("&&"), unknown, unconfigured }
}

/// Returns the name of the project that a script deploys to Pages.
pub(crate) fn project_of_pages(script: &str) -> Option<String> {
    flag_of_pages(script, "--project-name").or_else(|| flag_of_pages(script, "--project"))
}

/// Returns the branch that a script deploys to Pages.
pub(crate) fn branch_of_pages(script: &str) -> Option<String> {
    flag_of_pages(script, "--branch")
}

fn flag_of_pages(script: &str, flag: &str) -> Option<String> {
    let commands = script.split("&&").filter_map(|part| Command::of(part.trim()));
    let mut of_pages = commands.filter(|it| it.arguments.first() == Some(&"pages"));
    of_pages
        .find_map(|command| command.flag(flag))
        .map(|it| it.trim_matches(['"', '\'']).to_owned())
}

/// A command of wrangler.
struct Command<'s> {
    /// The text up to the arguments, such as `npx wrangler `.
    program: &'s str,
    arguments: Vec<&'s str>,
}

impl<'s> Command<'s> {
    /// Reads a command, which may begin with variables and the program that runs a package.
    fn of(text: &'s str) -> Option<Self> {
        const RUNNERS: [&str; 13] = [
            "npx",
            "pnpm",
            "yarn",
            "bunx",
            "bun",
            "npm",
            "exec",
            "dlx",
            "x",
            "--",
            "--yes",
            "-y",
            "cross-env",
        ];
        // Pipes, substitutions and other lists of commands are left alone, and so is a part of a command in
        // quotation marks.
        let is_cut = |mark| text.matches(mark).count() % 2 == 1;
        if text.contains(['|', ';', '`', '\n', '&', '<', '>', '(', ')'])
            || is_cut('"')
            || is_cut('\'')
        {
            return None;
        }
        let mut position = 0;
        loop {
            let rest = &text[position..];
            let word = rest.split_whitespace().next()?;
            let start = position + rest.find(word)?;
            position = start + word.len();
            let is_program = word == "wrangler" || word.starts_with("wrangler@");
            if is_program {
                let rest = &text[position..];
                let spaces = rest.len() - rest.trim_start().len();
                let arguments = rest.split_whitespace().collect();
                return Some(Self { program: &text[..position + spaces], arguments });
            }
            let is_variable = word.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            });
            if !is_variable && !RUNNERS.contains(&word) {
                return None;
            }
        }
    }

    /// Returns whether it is a command of Pages that stays. Compiling functions needs no project of Pages.
    fn is_of_pages_alone(&self) -> bool {
        matches!(self.arguments[..], ["pages", verb, ..] if verb != "functions")
    }

    /// Returns whether a command that deploys or serves names a module or a folder itself.
    fn names_what_it_deploys(&self) -> bool {
        let (["deploy" | "publish" | "dev", rest @ ..] | ["versions", "upload", rest @ ..]) =
            &self.arguments[..]
        else {
            return false;
        };
        let is_folder = |word: &&str| {
            ["--assets", "--site", "--script"].contains(&word.split('=').next().unwrap_or_default())
        };
        rest.first().is_some_and(|word| !word.starts_with('-')) || rest.iter().any(is_folder)
    }

    /// Returns the value of a flag.
    fn flag(&self, name: &str) -> Option<&'s str> {
        let mut arguments = self.arguments.iter();
        while let Some(argument) = arguments.next() {
            if let Some(value) = argument.strip_prefix(name).and_then(|it| it.strip_prefix('=')) {
                return Some(value);
            }
            if *argument == name {
                return arguments.next().copied();
            }
        }
        None
    }

    /// Returns the arguments of the equivalent command for the packed Worker. Returns `None` if the
    /// command stays.
    fn for_workers(&self, config: &str) -> Option<String> {
        let kept = |names: &[&str]| {
            let flags = names.iter().filter_map(|name| Some((*name, self.flag(name)?)));
            flags.flat_map(|(name, value)| [" ", name, " ", value]).collect::<String>()
        };
        match self.arguments[..] {
            _ if self.names_what_it_deploys() => None,
            ["pages", "deploy" | "publish", ..] => match self.flag("--branch") {
                Some(branch) if !is_production(branch) => Some(format!("versions upload {config}")),
                _ => Some(format!("deploy {config}")),
            },
            // `wrangler pages dev -- astro dev` shows what another program serves.
            ["pages", "dev", ref rest @ ..] if !rest.contains(&"--") => {
                Some(format!("dev {config}{}", kept(&["--port", "--ip"])))
            }
            ["pages", "deployment", "tail", ..] => Some(format!("tail {config}")),
            ["pages", "secret", verb @ ("put" | "delete" | "list" | "bulk"), ref rest @ ..] => {
                let name = rest.first().filter(|it| !it.starts_with('-'));
                let name = name.map(|name| format!(" {name}")).unwrap_or_default();
                Some(format!("secret {verb}{name} {config}"))
            }
            ["deploy" | "publish", ref rest @ ..] => self.with_config("deploy", rest, config),
            ["dev", ref rest @ ..] => self.with_config("dev", rest, config),
            ["versions", verb @ ("upload" | "deploy"), ref rest @ ..] => {
                self.with_config(&format!("versions {verb}"), rest, config)
            }
            _ => None,
        }
    }

    /// Returns a command with the configuration of the packed Worker instead of that of the build.
    fn with_config(&self, verb: &str, rest: &[&str], config: &str) -> Option<String> {
        let own = self.flag("--config").or_else(|| self.flag("-c"));
        let rest = |skip: Option<&str>| {
            let mut words = Vec::new();
            let mut is_value = false;
            for word in rest {
                let is_flag = ["--config", "-c"].contains(word);
                let is_joined = word.starts_with("--config=") || word.starts_with("-c=");
                if skip.is_none() || !is_flag && !is_joined && !is_value {
                    words.push(format!(" {word}"));
                }
                is_value = skip.is_some() && is_flag;
            }
            words.concat()
        };
        match own {
            None => Some(format!("{verb}{} {config}", rest(None))),
            Some(own) if own.trim_start_matches("./").starts_with("dist/") => {
                Some(format!("{verb}{} {config}", rest(Some(own))))
            }
            Some(_) => None,
        }
    }
}

/// Returns whether a branch is one that Pages deploys as production by default.
pub(super) fn is_production(branch: &str) -> bool {
    ["main", "master", "production"].contains(&branch.trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_pages_become_those_of_workers() {
        const CONFIG: &str = "--config dist-worker/wrangler.jsonc";
        for (script, expected) in [
            ("wrangler pages deploy ./dist", "wrangler deploy CONFIG"),
            (
                "npm run build && npx wrangler pages deploy dist --project-name=a --branch=main",
                "npm run build && npx wrangler deploy CONFIG",
            ),
            (
                "astro build && wrangler pages dev ./dist --port 8788",
                "astro build && wrangler dev CONFIG --port 8788",
            ),
            (
                "pnpm exec wrangler@4 pages publish dist --branch preview",
                "pnpm exec wrangler@4 versions upload CONFIG",
            ),
            ("wrangler pages deployment tail", "wrangler tail CONFIG"),
            ("wrangler pages secret put KEY --project-name a", "wrangler secret put KEY CONFIG"),
            ("CI=1 wrangler deploy --env staging", "CI=1 wrangler deploy --env staging CONFIG"),
            ("wrangler dev -c dist/server/wrangler.json --port 1", "wrangler dev --port 1 CONFIG"),
            ("wrangler deploy --config other.jsonc", "wrangler deploy --config other.jsonc"),
            ("wrangler deploy CONFIG", "wrangler deploy CONFIG"),
            ("wrangler types && astro check", "wrangler types && astro check"),
            ("echo wrangler pages deploy", "echo wrangler pages deploy"),
            ("wrangler dev & astro dev", "wrangler dev & astro dev"),
            ("wrangler deploy > log.txt", "wrangler deploy > log.txt"),
            (
                "concurrently \"astro build && wrangler pages deploy dist\"",
                "concurrently \"astro build && wrangler pages deploy dist\"",
            ),
            ("wrangler pages dev dist -- astro dev", "wrangler pages dev dist -- astro dev"),
            ("wrangler deploy src/a.js --assets dist", "wrangler deploy src/a.js --assets dist"),
            ("wrangler dev --assets=dist", "wrangler dev --assets=dist"),
            ("astro build", "astro build"),
        ] {
            let rewritten = rewrite(&script.replace("CONFIG", CONFIG), CONFIG);
            assert_eq!(rewritten.script, expected.replace("CONFIG", CONFIG), "{script}");
            let again = rewrite(&rewritten.script, CONFIG);
            assert_eq!(again.script, rewritten.script);
        }
    }

    #[test]
    fn commands_without_an_equivalent_are_named() {
        let script = "wrangler pages project create a";
        assert_eq!(rewrite(script, "c").unknown, [script]);
        for (script, unknown) in [
            ("astro build; wrangler pages deploy dist", "astro build; wrangler pages deploy dist"),
            ("a && wrangler pages deploy dist || exit 1", "wrangler pages deploy dist || exit 1"),
            ("wrangler pages dev -- astro dev", "wrangler pages dev -- astro dev"),
        ] {
            assert_eq!(rewrite(script, "c").unknown, [unknown]);
        }
        let functions = "astro build; wrangler pages functions build --outdir dist/_worker.js";
        assert!(rewrite(functions, "c").unknown.is_empty());
        let script = "astro build && wrangler deploy dist/_worker.js/index.js --assets dist";
        assert_eq!(
            rewrite(script, "c").unconfigured,
            ["wrangler deploy dist/_worker.js/index.js --assets dist"]
        );
        assert_eq!(
            project_of_pages("wrangler pages deploy --project-name a").as_deref(),
            Some("a")
        );
        assert_eq!(branch_of_pages("wrangler pages deploy --branch=x").as_deref(), Some("x"));
    }
}
