//! Commands that look at this machine: quickstart and collect.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use sonae_domain::labels::{Label, Language};
use sonae_domain::verdict::Verdict;

use super::checklist::print_checklist;
use super::output::finding;
use super::{args, labels};
use crate::usecase::checklist::Checklist;
use crate::usecase::failure::Failure;
use crate::usecase::form::FormOptions;
use crate::usecase::quickstart::write_collection;
use crate::usecase::workspace::Workspace;

/// Name and version, as the collector signs its bundles.
const COLLECTOR: &str = concat!("sonae ", env!("CARGO_PKG_VERSION"));

pub(super) fn collect(
    args: &args::Collect,
    now: Timestamp,
    language: Language,
) -> Result<ExitCode, Failure> {
    let written = write_collection(COLLECTOR, args.out.as_deref(), now)?;
    println!(
        "{}: {}",
        labels::WRITTEN.of(language),
        written.path.display()
    );
    for (table, n_rows) in &written.tables {
        println!("  {table}: {n_rows} {}", labels::ROWS.of(language));
    }
    if !written.gaps.is_empty() {
        println!("{}:", labels::NOT_SEEN.of(language));
        written
            .gaps
            .iter()
            .for_each(|gap| println!("  {}", gap.get(language)));
    }
    if !written.as_root {
        println!("{}", labels::SEEN_MORE_AS_ROOT.of(language));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn quickstart(
    workspace: &Workspace,
    args: &args::Quickstart,
    language: Language,
) -> Result<(), Failure> {
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("."));
    let options = FormOptions {
        language,
        ..FormOptions::default()
    };
    let done = workspace
        .quickstart(COLLECTOR, Path::new(&out), &options)
        .await?;
    let ledger = if done.asset_is_new {
        labels::ADDED_TO_LEDGER
    } else {
        labels::UPDATED_IN_LEDGER
    };
    println!(
        "{}: {} — {}",
        labels::THIS_MACHINE.of(language),
        done.hostname,
        ledger.of(language)
    );
    if !done.gaps.is_empty() {
        println!("{}:", labels::NOT_SEEN.of(language));
        done.gaps
            .iter()
            .for_each(|gap| println!("  {}", gap.get(language)));
    }
    if !done.as_root {
        println!("{}", labels::SEEN_MORE_AS_ROOT.of(language));
    }
    done.findings
        .iter()
        .for_each(|f| println!("  {}", finding(f, language)));
    println!();
    print_summary(&done.checklist, language);
    println!();
    print_checklist(&done.checklist, language);
    println!("{}", labels::ANSWER_HINT.of(language));
    println!("{}", done.checklist.edition.head.remark.get(language));
    println!();
    if let Some(kept) = &done.kept {
        println!("{}: {}", labels::KEPT_FILE.of(language), kept.display());
    }
    for file in &done.files {
        println!("{}: {}", labels::WRITTEN.of(language), file.display());
    }
    println!();
    println!("■ {}", labels::NEXT.of(language));
    labels::NEXT_STEPS
        .iter()
        .for_each(|step| println!("  {}", step.of(language)));
    Ok(())
}

/// What the evidence says, by verdict, before the long table.
fn print_summary(checklist: &Checklist<'_>, language: Language) {
    println!("■ {}", labels::SUMMARY.of(language));
    for verdict in [
        Verdict::NotMet,
        Verdict::Stale,
        Verdict::Met,
        Verdict::Conditional,
        Verdict::Unknown,
    ] {
        let handles: Vec<String> = checklist
            .standings
            .iter()
            .filter(|standing| standing.decided_by.is_some() && standing.verdict == verdict)
            .filter_map(|standing| checklist.item(standing))
            .map(|item| checklist.edition.handle(item))
            .collect();
        if !handles.is_empty() {
            let handles_text = handles.join(language.pick("、", ", "));
            println!(
                "  {}: {} ({handles_text})",
                verdict.label(language),
                handles.len()
            );
        }
    }
    let n_person = checklist
        .standings
        .iter()
        .filter(|s| s.decided_by.is_none())
        .count();
    println!("  {}: {n_person}", labels::PERSON.of(language));
}
