//! Programs of the machine, run with a time limit, without a shell, input or our environment.
//! What they print is kept; what they complain about is not.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// A healthy machine answers in well under a second; a hanging one must not hold the collection.
pub(super) const USUAL: Duration = Duration::from_secs(3);

/// Package managers read all their lists first: about a second on a small machine.
pub(super) const PATIENT: Duration = Duration::from_secs(5);

/// 16 MiB: a list of all packages is under 1 MiB.
const OUTPUT_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// How often we look whether a program has ended.
const POLL: Duration = Duration::from_millis(5);

/// The administrator's programs are not in every user's path.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) program: &'a str,
    pub(super) arguments: &'a [&'a str],
    pub(super) limit: Duration,
    /// Only the first line is wanted; the program is stopped when it is there.
    pub(super) first_line_only: bool,
}

/// What a program printed and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    /// Its exit code; none when it was stopped after its first line.
    pub(super) code: Option<i32>,
    /// Bytes that are not UTF-8 are replaced.
    pub(super) text: String,
}

/// Why a program told us nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunError {
    /// It is not installed.
    Missing,
    /// It did not end in time.
    TimedOut,
    /// It could not be started, ended in error, or printed without end.
    Failed,
}

/// How programs are run: for real, or not at all below a root that is not the machine's.
pub(super) trait Commands: Sync {
    fn run(&self, call: Call<'_>) -> Result<Output, RunError>;
}

/// Runs programs of this machine.
#[derive(Debug)]
pub(super) struct Installed;

/// Runs nothing: the files are not those of the running machine.
#[derive(Debug)]
pub(super) struct NoPrograms;

impl Commands for NoPrograms {
    fn run(&self, _: Call<'_>) -> Result<Output, RunError> {
        Err(RunError::Missing)
    }
}

impl Commands for Installed {
    fn run(&self, call: Call<'_>) -> Result<Output, RunError> {
        let deadline = Instant::now() + call.limit;
        let mut child = start(call)?;
        let received = read_output(&mut child, call.first_line_only);
        let text = received.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        if call.first_line_only || text.is_err() {
            stop(&mut child);
        }
        let status = wait(&mut child, deadline);
        match (text, status) {
            (Err(_), _) => Err(RunError::TimedOut),
            (Ok(None), _) => Err(RunError::Failed),
            (Ok(Some(text)), _) if call.first_line_only => Ok(Output { code: None, text }),
            (Ok(Some(_)), None) => Err(RunError::TimedOut),
            (Ok(Some(text)), Some(status)) => match status.code() {
                Some(code) => Ok(Output {
                    code: Some(code),
                    text,
                }),
                None => Err(RunError::Failed),
            },
        }
    }
}

impl Output {
    /// What was printed, if the program ended well.
    pub(super) fn success(self) -> Result<String, RunError> {
        if self.code == Some(0) {
            Ok(self.text)
        } else {
            Err(RunError::Failed)
        }
    }
}

fn start(call: Call<'_>) -> Result<Child, RunError> {
    Command::new(call.program)
        .args(call.arguments)
        .env_clear()
        .env("PATH", PATH)
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // Its own group, so that its children end with it.
        .process_group(0)
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => RunError::Missing,
            _ => RunError::Failed,
        })
}

/// Reads in the background: a grandchild may hold the pipe open after the program has ended.
fn read_output(child: &mut Child, first_line_only: bool) -> Receiver<Option<String>> {
    let (send, receive) = mpsc::sync_channel(1);
    let pipe = child.stdout.take();
    thread::spawn(move || {
        let text = pipe.and_then(|pipe| {
            if first_line_only {
                first_line(pipe)
            } else {
                everything(pipe)
            }
        });
        // The receiver has left only when the time was over.
        let _ = send.send(text);
    });
    receive
}

fn everything(pipe: impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    pipe.take(OUTPUT_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .ok()?;
    let whole = bytes.len() as u64 <= OUTPUT_BYTES_MAX;
    whole.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

fn first_line(pipe: impl Read) -> Option<String> {
    use std::io::BufRead;
    let mut line = Vec::new();
    std::io::BufReader::new(pipe.take(OUTPUT_BYTES_MAX))
        .read_until(b'\n', &mut line)
        .ok()?;
    Some(String::from_utf8_lossy(&line).trim_end().to_owned())
}

/// How the program ended; it is stopped when the time is over.
fn wait(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().ok()? {
            return Some(status);
        }
        if Instant::now() >= deadline {
            stop(child);
            return None;
        }
        thread::sleep(POLL);
    }
}

/// Ends the program and everything it started. Called before the program is waited for, so that
/// its id cannot have become another's.
fn stop(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // To end what has ended is no error.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use expect_test::{Expect, expect};

    use super::{Call, Commands, Installed};

    fn check(program: &str, arguments: &[&str], first_line_only: bool, expected: Expect) {
        let limit = Duration::from_millis(500);
        let started = Instant::now();
        let outcome = Installed.run(Call {
            program,
            arguments,
            limit,
            first_line_only,
        });
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "the limit did not hold"
        );
        expected.assert_eq(&match outcome {
            Ok(output) => format!("{:?} {:?}", output.code, output.text),
            Err(error) => format!("{error:?}"),
        });
    }

    #[test]
    fn programs_are_limited() {
        check(
            "sh",
            &["-c", "echo a; echo b"],
            false,
            expect![[r#"Some(0) "a\nb\n""#]],
        );
        check(
            "sh",
            &["-c", "exit 100"],
            false,
            expect![[r#"Some(100) """#]],
        );
        check(
            "sh",
            &["-c", "echo $LC_ALL$HOME"],
            false,
            expect![[r#"Some(0) "C\n""#]],
        );
        check("sh", &["-c", "kill -9 $$"], false, expect!["Failed"]);
        check("no-such-program", &[], false, expect!["Missing"]);
        check("sleep", &["60"], false, expect!["TimedOut"]);
        check(
            "sh",
            &["-c", "sleep 60 & sleep 60"],
            false,
            expect!["TimedOut"],
        );
        check("yes", &[], true, expect![[r#"None "y""#]]);
        check("yes", &[], false, expect!["Failed"]);
    }
}
