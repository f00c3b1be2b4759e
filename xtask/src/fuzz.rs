//! Feeds the readers of files from other houses with what no person would send, on the nightly
//! compiler. What is fed stands in `fuzz/fuzz_targets`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// CPU seconds for each reader before a change of it is taken.
pub(crate) const SECONDS: u32 = 600;

/// A reader runs in a child with less memory than this, and is cut off later.
const LIMITS: [&str; 2] = ["-rss_limit_mb=512", "-timeout=5"];

/// Runs one reader or all; says whether none of them crashed.
pub(crate) fn run(root: &Path, name: &str, seconds: u32) -> Result<bool> {
    let folder = root.join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))?;
    let mut targets = Vec::new();
    for entry in entries {
        let path = entry?.path();
        targets.extend(
            path.file_stem()
                .map(|stem| stem.to_string_lossy().into_owned()),
        );
    }
    targets.sort();
    let chosen: Vec<_> = (targets.iter())
        .filter(|target| name == "all" || *target == name)
        .collect();
    if chosen.is_empty() {
        bail!("no reader `{name}`; there are: all, {}", targets.join(", "));
    }
    let mut all_passed = true;
    for target in chosen {
        // The first folder takes what is found; the second is only read.
        let corpus = format!("fuzz/corpus/{target}");
        let seeds = format!("fuzz/seeds/{target}");
        fs::create_dir_all(root.join(&corpus)).with_context(|| format!("making {corpus}"))?;
        let mut folders = vec![corpus];
        folders.extend(root.join(&seeds).is_dir().then_some(seeds));
        let status = Command::new("cargo")
            .args(["+nightly", "fuzz", "run", target])
            .args(folders)
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .args(LIMITS)
            .current_dir(root)
            // Else the compiler of this workspace stays chosen.
            .env_remove("RUSTUP_TOOLCHAIN")
            .status()
            .context("starting cargo fuzz; it comes with `cargo install cargo-fuzz --locked`")?;
        all_passed &= status.success();
    }
    Ok(all_passed)
}
