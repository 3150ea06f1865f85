//! `worker-pack completions`.

use std::process::Command;

use super::{parts, run, small_site};

#[test]
fn completions_of_every_shell_name_every_command() {
    let site = small_site();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (code, script, stderr) = parts(&run(site.project(), &["completions", shell]));
        assert_eq!((code, &*stderr), (0, ""), "{shell}");
        for name in ["build", "serve", "weigh", "diff", "cache", "explain", "completions", "man"] {
            assert!(script.contains(name), "{shell} does not complete `{name}`");
        }
    }
    let (code, _, stderr) = parts(&run(site.project(), &["completions", "cmd"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("possible values: bash"), "{stderr}");
}

#[test]
fn bash_completes_a_command_and_its_options() {
    let site = small_site();
    let script = "set -euo pipefail
        source <(\"$1\" completions bash)
        function=$(complete -p worker-pack | grep -o -- '-F [^ ]*' | cut -c4-)
        complete_words() {
            COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
            \"$function\" \"$1\" \"${!#}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"
            echo \"${COMPREPLY[*]}\"
        }
        complete_words worker-pack bu
        complete_words worker-pack build --server-c
        complete_words worker-pack build --target rust-w";
    let mut bash = Command::new("bash");
    bash.args(["-c", script, "bash", env!("CARGO_BIN_EXE_worker-pack")])
        .current_dir(site.project());
    let (code, stdout, stderr) = parts(&bash.output().unwrap());
    assert_eq!((code, &*stderr), (0, ""));
    assert_eq!(stdout, "build\n--server-code\nrust-worker\n");
}
