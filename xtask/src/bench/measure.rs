//! Time and memory of a child process. Knows nothing of what is measured.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// GNU time asks the kernel for the peak when the child has ended, so that no peak is missed, as it
/// would be by looking now and then. Of a child with children of its own it is the largest one's.
const TIME: &str = "/usr/bin/time";

/// A program with its arguments.
#[derive(Debug, Clone)]
pub(super) struct Call {
    program: PathBuf,
    args: Vec<OsString>,
}

impl Call {
    pub(super) fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
        }
    }

    pub(super) fn args<const N: usize>(mut self, args: [&str; N]) -> Self {
        self.args.extend(args.map(OsString::from));
        self
    }

    pub(super) fn path(mut self, path: &Path) -> Self {
        self.args.push(path.into());
        self
    }
}

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub(super) wall: Duration,
    pub(super) peak_kib: u64,
}

/// Runs to the end; a run that fails has no figure. `scratch` is for notes of the measurement.
pub(super) fn measure(call: &Call, scratch: &Path) -> Result<Taken> {
    let note = scratch.join("peak");
    let mut command = Command::new(TIME);
    command
        .arg("--format=%M")
        .arg("--output")
        .arg(&note)
        .arg("--")
        .arg(&call.program);
    command
        .args(&call.args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let start = Instant::now();
    let child = command
        .spawn()
        .with_context(|| format!("{TIME}: run scripts/setup.sh --bench"))?;
    let output = child.wait_with_output()?;
    let wall = start.elapsed();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let shown: Vec<_> = call.args.iter().take(8).collect();
        bail!("{:?} {shown:?}: {}\n{said}", call.program, output.status);
    }
    let peak = std::fs::read_to_string(&note)?;
    let peak_kib = peak
        .trim()
        .parse()
        .with_context(|| format!("{TIME} said {peak:?}"))?;
    Ok(Taken { wall, peak_kib })
}

/// The figures of several runs.
#[derive(Debug)]
pub(super) struct Figures {
    /// The middle one; of an even number the later, so that nothing is flattered.
    pub(super) median: Duration,
    pub(super) fastest: Duration,
    pub(super) slowest: Duration,
    /// The largest of all.
    pub(super) peak_kib: u64,
}

impl Figures {
    /// Nothing when nothing was run.
    pub(super) fn of(runs: &[Taken]) -> Option<Self> {
        let mut walls: Vec<_> = runs.iter().map(|run| run.wall).collect();
        walls.sort();
        Some(Self {
            median: *walls.get(walls.len() / 2)?,
            fastest: *walls.first()?,
            slowest: *walls.last()?,
            peak_kib: runs.iter().map(|run| run.peak_kib).max()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(walls: &[u64], expected: Option<(u64, u64, u64)>) {
        let taken = |ms: &u64| Taken {
            wall: Duration::from_millis(*ms),
            peak_kib: *ms,
        };
        let figures = Figures::of(&walls.iter().map(taken).collect::<Vec<_>>());
        let ms = |wall: Duration| u64::try_from(wall.as_millis()).unwrap();
        let got = figures.map(|f| (ms(f.fastest), ms(f.median), f.peak_kib));
        assert_eq!(got, expected, "{walls:?}");
    }

    #[test]
    fn the_median_is_not_the_mean() {
        check(&[], None);
        check(&[7], Some((7, 7, 7)));
        check(&[100, 1, 2], Some((1, 2, 100)));
        check(&[4, 3, 2, 1], Some((1, 3, 4)));
    }
}
