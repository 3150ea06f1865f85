//! Processes that are killed right after a chosen change of files, without a clock.
//!
//! `strace` stops a process after each system call that may change files, and the test continues or
//! kills it. This counts the changes of all threads together. `strace` itself can kill at the N-th call
//! (`inject=…:signal=KILL:when=N`), but counts each system call of each thread separately: a thread's
//! N-th write is unreachable if another thread makes N writes before it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Lines, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::LazyLock;

use super::xtask;

/// The system calls that change files or folders. Those with a `?` are missing on some processors.
const CALLS: &str = "?open,?creat,openat,write,pwrite64,writev,ftruncate,fallocate,\
                     copy_file_range,?sendfile,?rename,?renameat,renameat2,?link,linkat,?symlink,\
                     symlinkat,?unlink,unlinkat,?mkdir,mkdirat,?rmdir,utimensat,?chmod,fchmod";

/// `SIGKILL`, which has the same number everywhere.
const SIGKILL: i32 = 9;

/// The path of strace, looked up once.
static STRACE: LazyLock<String> = LazyLock::new(|| xtask::run(&["strace"]).0.trim().to_owned());

/// Runs a command and returns its number of changes. Panics if the command fails.
pub(crate) fn count_changes(command: &Command) -> usize {
    let mut stepped = Stepped::start(command);
    let mut changes = 0;
    while stepped.step() {
        changes += 1;
        stepped.go_on();
    }
    let status = stepped.process.wait().unwrap();
    assert!(changes > 0, "strace cannot trace a process on this machine:\n{}", stepped.log);
    assert!(status.success(), "{status} after {changes} changes:\n{}", stepped.log);
    changes
}

/// Runs a command, and kills it after `number` changes. Returns whether it has made as many; it has ended
/// well otherwise.
pub(crate) fn kill_after_change(command: &Command, number: usize) -> bool {
    let mut stepped = Stepped::start(command);
    for change in 1..=number {
        if !stepped.step() {
            let status = stepped.process.wait().unwrap();
            assert!(status.success(), "{status} before change {change}:\n{}", stepped.log);
            return false;
        }
        if change < number {
            stepped.go_on();
        }
    }
    stepped.process.kill().unwrap();
    let status = stepped.process.wait().unwrap();
    assert_eq!(status.signal(), Some(SIGKILL), "{status}:\n{}", stepped.log);
    true
}

/// The system calls that look at a file or open it.
const LOOKS: &str = "?open,openat,?openat2,?stat,?lstat,?newfstatat,statx,readlink,?readlinkat";

/// Runs a command, and does something after it has looked at a path `number` times. Returns whether it
/// looked as often; it has ended by then.
pub(crate) fn act_after_look(
    command: &Command,
    paths: &[&Path],
    number: usize,
    action: impl FnOnce(),
) -> bool {
    let mut stepped = Stepped::of(command, LOOKS, paths);
    for look in 1..=number {
        if !stepped.step() {
            return false;
        }
        if look < number {
            stepped.go_on();
        }
    }
    action();
    stepped.go_on();
    while stepped.step() {
        stepped.go_on();
    }
    stepped.process.wait().unwrap();
    true
}

/// A process that stops after each change of files, or after each look at a path.
struct Stepped {
    process: Child,
    /// The output of strace.
    lines: Lines<BufReader<ChildStderr>>,
    /// A shell that sends signals, which the standard library cannot.
    shell: Child,
    /// The lines so far, for messages.
    log: String,
    calls: String,
}

impl Stepped {
    fn start(command: &Command) -> Self {
        Self::of(command, CALLS, &[])
    }

    /// Starts a process that stops after certain calls, which concern one of `paths` if there are any.
    fn of(command: &Command, calls: &str, paths: &[&Path]) -> Self {
        let mut strace = Command::new(&*STRACE);
        // With `-D` the process is a child of this one, and strace is not.
        strace.args(["-D", "-f", "-qq", "-s0", "-o/dev/stderr", "-e"]);
        strace.arg(format!("trace={calls}")).arg("-e").arg(format!("inject={calls}:signal=STOP"));
        strace.args(paths.iter().flat_map(|path| [OsStr::new("-P"), path.as_os_str()]));
        strace.arg(command.get_program()).args(command.get_args());
        strace.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = command.get_current_dir() {
            strace.current_dir(folder);
        }
        strace.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = strace.spawn().unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let script = format!("while read -r signal; do kill -s \"$signal\" {}; done", process.id());
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", &script]).stdin(Stdio::piped()).spawn().unwrap();
        Self { process, lines, shell, log: String::new(), calls: calls.to_owned() }
    }

    /// Waits until the process has changed a file and is stopped. Returns `false` if it ends instead.
    fn step(&mut self) -> bool {
        let mut calls = BTreeMap::<String, String>::new();
        while let Some(line) = self.lines.next() {
            let line = line.unwrap();
            self.log.push_str(&line);
            self.log.push('\n');
            // Lines begin with a thread id, except for strace's own messages.
            let Some((thread, event)) = line.split_once(' ') else { continue };
            let event = event.trim_start();
            if event.starts_with("--- stopped by SIGSTOP") {
                // Threads outside of a traced call stop as well.
                match calls.remove(thread) {
                    Some(call) if stops(&call, &self.calls) => return true,
                    Some(_) => self.go_on(),
                    None => {}
                }
            } else if !event.starts_with("---") {
                // An event of another thread splits a call into two lines, with the result in the second.
                calls.entry(thread.to_owned()).or_default().push_str(event);
            }
        }
        false
    }

    fn go_on(&mut self) {
        let shell = self.shell.stdin.as_mut().expect("it is piped");
        writeln!(shell, "CONT").unwrap();
    }
}

impl Drop for Stepped {
    fn drop(&mut self) {
        // The process is stopped, unless it has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// Returns whether a test acts after a call: after any look, and after a change of files.
fn stops(call: &str, calls: &str) -> bool {
    calls == LOOKS || changes_files(call)
}

/// Returns whether a system call changed files.
fn changes_files(call: &str) -> bool {
    let has_failed = call.contains(" = -1 ");
    let only_opens = call.starts_with("open") && !call.contains("O_CREAT");
    !has_failed && !only_opens
}
