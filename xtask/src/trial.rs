//! Long trials: the same tests that run each time, many times over, in their own sequence of random
//! numbers. What is tried stands in the tests.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// A trial.
struct Trial {
    name: &'static str,
    package: &'static str,
    /// The binary with the tests, as cargo takes it.
    target: [&'static str; 2],
    /// The tests whose path contains it.
    tests: &'static str,
    /// How many times as much as each time.
    scale: &'static str,
}

const TRIALS: &[Trial] = &[
    Trial {
        name: "history",
        package: "sonae-store",
        target: ["--test", "story"],
        tests: "tampering",
        // 60 changes on each database become 1,020, and 6 forks or flips 102.
        scale: "17",
    },
    Trial {
        name: "inspector",
        package: "sonae",
        target: ["--bin", "sonae"],
        tests: "revoking",
        // 10 races on each database become 1,000.
        scale: "100",
    },
    Trial {
        name: "package",
        package: "sonae",
        target: ["--bin", "sonae"],
        tests: "package::trial",
        // 20 valid packages become 1,000, and 60 changed ones 3,000.
        scale: "50",
    },
    Trial {
        name: "swaps",
        package: "sonae",
        target: ["--bin", "sonae"],
        tests: "swaps",
        // One attempt in six becomes all of them.
        scale: "6",
    },
    Trial {
        name: "login",
        package: "sonae",
        target: ["--bin", "sonae"],
        tests: "attacks",
        // Each attack runs once each time; each race becomes 20 on each database.
        scale: "20",
    },
];

/// Runs one trial or all; says whether all were passed.
pub(crate) fn run(root: &Path, name: &str) -> Result<bool> {
    let mut chosen = TRIALS
        .iter()
        .filter(|trial| name == "all" || trial.name == name)
        .peekable();
    if chosen.peek().is_none() {
        let names: Vec<_> = TRIALS.iter().map(|trial| trial.name).collect();
        bail!("no trial `{name}`; there are: all, {}", names.join(", "));
    }
    let mut all_passed = true;
    for trial in chosen {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["test", "--locked", "--package", trial.package])
            .args(trial.target)
            .args(["--", trial.tests])
            .env("SONAE_TRIAL", trial.scale)
            .current_dir(root)
            .status()
            .with_context(|| format!("starting the trial {}", trial.name))?;
        all_passed &= status.success();
    }
    Ok(all_passed)
}
