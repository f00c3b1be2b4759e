//! Figures of the built program, each beside a plain tool that does comparable work in the same
//! run. The ratio of the two can be compared between machines; the figures alone cannot.

mod history;
mod hospital;
mod labels;
mod measure;
mod package;
mod product;
mod seed;
mod web;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use measure::{Call, Figures, measure};
use product::Sonae;

/// One figure.
struct Bench {
    name: &'static str,
    /// The plain tool and what it does.
    reference: &'static str,
    goal_ms: u64,
    goal_mib: u64,
    /// Some take minutes.
    runs_max: usize,
    /// Prepares one run, untimed.
    calls: fn(&World, usize) -> Result<Calls>,
}

/// What is measured in one run.
struct Calls {
    product: Call,
    reference: Call,
}

/// Goals are the promises of the product; where none was made (collect, the hospital's import, the
/// ledger on paper) they are what a user would wait for. Change one with the reason in the commit.
const BENCHES: &[Bench] = &[
    Bench {
        name: "start-new",
        reference: "sqlite3 makes 40 tables",
        goal_ms: 500,
        goal_mib: 40,
        runs_max: usize::MAX,
        calls: start_new,
    },
    Bench {
        name: "start-existing",
        reference: "sqlite3 counts tables",
        goal_ms: 200,
        goal_mib: 40,
        runs_max: usize::MAX,
        calls: start_existing,
    },
    Bench {
        name: "collect",
        reference: "dpkg-query lists packages",
        goal_ms: 3_000,
        goal_mib: 64,
        runs_max: usize::MAX,
        calls: collect,
    },
    Bench {
        name: "import-ledger",
        reference: "sqlite3 imports the same 3,000 rows",
        goal_ms: 500,
        goal_mib: 256,
        runs_max: usize::MAX,
        calls: import_ledger,
    },
    Bench {
        name: "import-hospital",
        reference: "sqlite3 imports 300,000 rows",
        goal_ms: 120_000,
        goal_mib: 256,
        runs_max: 1,
        calls: import_hospital,
    },
    Bench {
        name: "judge-hospital",
        reference: "sqlite3 imports 300,000 rows to memory and groups them",
        goal_ms: 1_000,
        goal_mib: 300,
        runs_max: 3,
        calls: judge_hospital,
    },
    Bench {
        name: "form-pdf",
        reference: "gzip -9 of 3,000 rows",
        goal_ms: 300,
        goal_mib: 256,
        runs_max: usize::MAX,
        calls: form_pdf,
    },
    Bench {
        name: "ledger-pdf",
        reference: "gzip -9 of 3,000 rows",
        goal_ms: 2_500,
        goal_mib: 512,
        runs_max: usize::MAX,
        calls: ledger_pdf,
    },
    Bench {
        name: "verify-history",
        reference: "sqlite3 prints the same 2,000,000 rows",
        goal_ms: 20_000,
        goal_mib: 200,
        runs_max: 3,
        calls: verify_history,
    },
    Bench {
        name: "package-clinic",
        reference: "gzip -9 of 3,000 rows",
        goal_ms: 1_000,
        goal_mib: 256,
        runs_max: usize::MAX,
        calls: package::build_clinic,
    },
    Bench {
        name: "package-clinic-verify",
        reference: "sha256sum of the same file",
        goal_ms: 1_000,
        goal_mib: 256,
        runs_max: usize::MAX,
        calls: package::verify_clinic,
    },
    Bench {
        name: "package-ledger",
        reference: "gzip -9 of 3,000 rows",
        goal_ms: 3_000,
        goal_mib: 512,
        runs_max: usize::MAX,
        calls: package::build_ledger,
    },
    Bench {
        name: "package-ledger-verify",
        reference: "sha256sum of the same file",
        goal_ms: 3_000,
        goal_mib: 512,
        runs_max: usize::MAX,
        calls: package::verify_ledger,
    },
];

/// Runs one bench or all; says whether every goal was met.
pub(crate) fn run(root: &Path, name: &str, n_runs: usize) -> Result<bool> {
    let chosen: Vec<_> = BENCHES
        .iter()
        .filter(|b| name == "all" || is_named(b.name, name))
        .collect();
    let with_web = matches!(name, "all" | "web");
    if chosen.is_empty() && !with_web {
        let names: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
        bail!(
            "no bench `{name}`; there are: all, web, {}",
            names.join(", ")
        );
    }
    let folder = tempfile::tempdir().context("making a folder for the runs")?;
    let world = World {
        sonae: build(root)?,
        folder: folder.path().to_owned(),
    };
    let n_cores = std::thread::available_parallelism()?;
    println!("{n_cores} cores, at most {n_runs} runs each; median (fastest to slowest)");
    let mut all_met = true;
    for bench in chosen {
        all_met &= run_one(bench, &world, n_runs).with_context(|| bench.name.to_owned())?;
    }
    if with_web {
        all_met &= web::run(root, &world.sonae, &world.folder).context("web")?;
    }
    Ok(all_met)
}

/// By its own name or by the first word of it: `package` is all that begins so.
fn is_named(bench: &str, typed: &str) -> bool {
    let rest = bench.strip_prefix(typed);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn run_one(bench: &Bench, world: &World, n_runs: usize) -> Result<bool> {
    let mut product = Vec::new();
    let mut reference = Vec::new();
    for run in 0..n_runs.min(bench.runs_max) {
        let calls = (bench.calls)(world, run)?;
        product.push(measure(&calls.product, &world.folder)?);
        reference.push(measure(&calls.reference, &world.folder)?);
    }
    let product = Figures::of(&product).context("nothing was run")?;
    let reference = Figures::of(&reference).context("nothing was run")?;
    println!("{}", line(bench, &product, &reference));
    Ok(met(bench, &product))
}

fn met(bench: &Bench, product: &Figures) -> bool {
    let in_time = product.median <= Duration::from_millis(bench.goal_ms);
    in_time && product.peak_kib <= bench.goal_mib * 1024
}

fn line(bench: &Bench, product: &Figures, reference: &Figures) -> String {
    let ms = |wall: Duration| wall.as_secs_f64() * 1000.0;
    format!(
        "{:<21} {:>9.1} ms ({:.1} to {:.1}), goal {} ms; peak {} MiB, goal {} MiB; \
         {:.1} x {} ({:.1} ms){}",
        bench.name,
        ms(product.median),
        ms(product.fastest),
        ms(product.slowest),
        bench.goal_ms,
        product.peak_kib.div_ceil(1024),
        bench.goal_mib,
        product.median.as_secs_f64() / reference.median.as_secs_f64().max(f64::EPSILON),
        bench.reference,
        ms(reference.median),
        if met(bench, product) { "" } else { "  MISSED" },
    )
}

/// The release build, made now if need be.
fn build(root: &Path) -> Result<Sonae> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--locked", "--package", "sonae"])
        .current_dir(root)
        .status()
        .context("starting cargo build")?;
    if !status.success() {
        bail!("cargo build --release: {status}");
    }
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let program = root.join(target).join("release/sonae").canonicalize()?;
    Ok(Sonae { program })
}

/// The program and a folder; what takes long to prepare is made once and kept there.
struct World {
    sonae: Sonae,
    folder: PathBuf,
}

impl World {
    /// A place in the folder where nothing is yet.
    fn fresh(&self, name: &str, run: usize) -> PathBuf {
        self.folder.join(format!("{name}-{run}"))
    }

    /// A file, written when it is first asked for.
    fn file(&self, name: &str, bytes: impl FnOnce() -> Vec<u8>) -> Result<PathBuf> {
        let path = self.folder.join(name);
        if !path.exists() {
            std::fs::write(&path, bytes()).with_context(|| format!("writing {path:?}"))?;
        }
        Ok(path)
    }

    fn ledger_cp932(&self) -> Result<PathBuf> {
        self.file("ledger.csv", || hospital::cp932(&ledger_text()))
    }

    fn ledger_utf8(&self) -> Result<PathBuf> {
        self.file("ledger.utf8.csv", || ledger_text().into_bytes())
    }

    fn packages(&self) -> Result<PathBuf> {
        self.file("packages.csv", || {
            hospital::packages_csv(hospital::LARGE).into_bytes()
        })
    }

    /// A data folder that holds what some calls leave behind, made when it is first asked for.
    fn data(&self, name: &str, calls: impl FnOnce(&Path) -> Result<Call>) -> Result<PathBuf> {
        let data = self.folder.join(name);
        if !data.exists() {
            measure(&calls(&data)?, &self.folder)?;
        }
        Ok(data)
    }

    fn data_with_ledger(&self) -> Result<PathBuf> {
        self.data("data-ledger", |data| {
            Ok(self.sonae.import(data, &[self.ledger_cp932()?]))
        })
    }

    /// Left by `import-hospital` when that ran before.
    fn data_with_hospital(&self) -> Result<PathBuf> {
        self.data("data-hospital-0", |data| {
            Ok(self.sonae.import(data, &self.hospital()?))
        })
    }

    fn hospital(&self) -> Result<Vec<PathBuf>> {
        hospital::write(&self.folder.join("hospital"), hospital::LARGE)
    }
}

fn ledger_text() -> String {
    hospital::ledger(hospital::LARGE.n_hosts)
}

fn sqlite3(database: &Path) -> Call {
    Call::new("sqlite3").path(database)
}

fn import_csv(database: &Path, csv: &Path) -> Call {
    sqlite3(database).args([&format!(".import --csv '{}' rows", csv.display())])
}

fn gzip(file: &Path) -> Call {
    Call::new("gzip").args(["-9", "--stdout"]).path(file)
}

fn start_new(world: &World, run: usize) -> Result<Calls> {
    let table = |n| format!("create table t{n} (id text primary key, a text not null, b integer);");
    let tables: String = (0..40).map(table).collect();
    Ok(Calls {
        product: world.sonae.open(&world.fresh("new", run)),
        reference: sqlite3(&world.fresh("new.sqlite", run)).args([&tables]),
    })
}

fn start_existing(world: &World, run: usize) -> Result<Calls> {
    let database = world.folder.join("existing.sqlite");
    if run == 0 {
        measure(
            &sqlite3(&database).args(["create table t (id text primary key);"]),
            &world.folder,
        )?;
    }
    let data = world.data("data-empty", |data| Ok(world.sonae.open(data)))?;
    Ok(Calls {
        product: world.sonae.open(&data),
        reference: sqlite3(&database).args(["select count(*) from sqlite_schema;"]),
    })
}

fn collect(world: &World, run: usize) -> Result<Calls> {
    let data = world.data("data-empty", |data| Ok(world.sonae.open(data)))?;
    Ok(Calls {
        product: world
            .sonae
            .collect(&data, &world.fresh("collected.zip", run)),
        reference: Call::new("dpkg-query").args(["--show"]),
    })
}

fn import_ledger(world: &World, run: usize) -> Result<Calls> {
    let data = world.fresh("data-import", run);
    measure(&world.sonae.open(&data), &world.folder)?;
    Ok(Calls {
        product: world.sonae.import(&data, &[world.ledger_cp932()?]),
        reference: import_csv(&world.fresh("ledger.sqlite", run), &world.ledger_utf8()?),
    })
}

fn import_hospital(world: &World, run: usize) -> Result<Calls> {
    Ok(Calls {
        product: world
            .sonae
            .import(&world.fresh("data-hospital", run), &world.hospital()?),
        reference: import_csv(&world.fresh("packages.sqlite", run), &world.packages()?),
    })
}

fn judge_hospital(world: &World, _: usize) -> Result<Calls> {
    let grouped = "select count(*) from (select name, version, count(*) from rows group by 1, 2);";
    Ok(Calls {
        product: world.sonae.judge(&world.data_with_hospital()?),
        reference: import_csv(Path::new(":memory:"), &world.packages()?).args([grouped]),
    })
}

fn form_pdf(world: &World, run: usize) -> Result<Calls> {
    Ok(Calls {
        product: world.sonae.form(
            &world.data_with_ledger()?,
            &world.fresh("form", run).with_extension("pdf"),
        ),
        reference: gzip(&world.ledger_utf8()?),
    })
}

fn ledger_pdf(world: &World, run: usize) -> Result<Calls> {
    Ok(Calls {
        product: world.sonae.ledger(
            &world.data_with_ledger()?,
            &world.fresh("ledger", run).with_extension("pdf"),
        ),
        reference: gzip(&world.ledger_utf8()?),
    })
}

fn verify_history(world: &World, _: usize) -> Result<Calls> {
    let data = world.folder.join("data-history");
    let database = data.join("sonae.sqlite");
    if !data.exists() {
        measure(&world.sonae.open(&data), &world.folder)?;
        measure(&history::fill(&database), &world.folder)?;
        measure(&world.sonae.open(&data), &world.folder)?;
    }
    Ok(Calls {
        product: world.sonae.verify_history(&data),
        reference: history::read(&database),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use expect_test::expect;

    use super::*;

    #[test]
    fn names_are_unique_and_none_is_all() {
        let names: BTreeSet<_> = BENCHES.iter().map(|bench| bench.name).collect();
        assert_eq!(names.len(), BENCHES.len());
        assert!(!names.contains("all"));
    }

    #[test]
    fn a_bench_is_named_by_whole_words() {
        let check = |typed: &str, expected: bool| {
            assert_eq!(is_named("package-clinic", typed), expected, "{typed}");
        };
        check("package-clinic", true);
        check("package", true);
        check("pack", false);
        check("clinic", false);
        check("package-clinic-verify", false);
    }

    #[test]
    fn a_line_says_goal_and_ratio() {
        let figures = |ms: u64, peak_kib| {
            let median = Duration::from_millis(ms);
            Figures {
                median,
                fastest: median / 2,
                slowest: median * 2,
                peak_kib,
            }
        };
        let check = |ms, peak_kib| line(&BENCHES[0], &figures(ms, peak_kib), &figures(20, 1024));
        expect!["start-new                 100.0 ms (50.0 to 200.0), goal 500 ms; peak 31 MiB, goal 40 MiB; 5.0 x sqlite3 makes 40 tables (20.0 ms)"]
            .assert_eq(&check(100, 31 * 1024));
        assert!(check(501, 1024).ends_with("MISSED"));
        assert!(check(500, 40 * 1024 + 1).ends_with("MISSED"));
    }
}
