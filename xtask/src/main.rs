//! Work on this repository: `tidy`, `freeze`, `bench`, `trial`, `fuzz`. No product code lives here, and none is
//! linked: what is measured is the built program, what is checked are the files.
#![expect(
    clippy::print_stdout,
    reason = "a developer's tool; its output is its purpose"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "reading and writing files of the tree is its work"
)]

mod bench;
mod freeze;
mod fuzz;
mod tidy;
mod trial;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};

/// Work on this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check what the compiler and clippy cannot: borders, data, wording, licences
    Tidy,
    /// Write the hashes of published editions to data/editions/frozen.toml
    Freeze {
        /// Ids of editions
        #[arg(required = true)]
        editions: Vec<String>,
        /// Accept changed files of a frozen edition as its next revision
        #[arg(long)]
        revision: bool,
    },
    /// Measure target/release/sonae, beside a plain tool doing comparable work
    Bench {
        /// Name of a bench, or `all`
        #[arg(default_value = "all")]
        name: String,
        /// How often each is run; the median counts
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
    /// Feed readers of files from other houses with nonsense
    Fuzz {
        /// Name of a reader, or `all`
        #[arg(default_value = "all")]
        name: String,
        /// For how long each
        #[arg(long, default_value_t = fuzz::SECONDS)]
        seconds: u32,
    },
    /// Try many times over what the tests try a few times
    Trial {
        /// Name of a trial, or `all`
        #[arg(default_value = "all")]
        name: String,
    },
}

fn main() -> Result<ExitCode> {
    let root = root();
    match Cli::parse().task {
        Task::Tidy => tidy(root),
        Task::Freeze { editions, revision } => {
            for line in freeze::freeze(root, &editions, revision)? {
                println!("{line}");
            }
            Ok(ExitCode::SUCCESS)
        }
        Task::Bench { name, runs } => {
            if runs == 0 {
                bail!("--runs 0 measures nothing");
            }
            let all_met = bench::run(root, &name, runs)?;
            Ok(code(all_met))
        }
        Task::Fuzz { name, seconds } => Ok(code(fuzz::run(root, &name, seconds)?)),
        Task::Trial { name } => Ok(code(trial::run(root, &name)?)),
    }
}

fn code(is_good: bool) -> ExitCode {
    match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn tidy(root: &Path) -> Result<ExitCode> {
    let problems = tidy::problems(root)?;
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("tidy");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} problems", problems.len());
    Ok(ExitCode::FAILURE)
}

/// The folder of the workspace.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
