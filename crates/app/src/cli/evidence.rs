//! Commands around evidence: import, list, show, raw.

use std::process::ExitCode;

use sonae_domain::evidence::Evidence;
use sonae_domain::ids::EvidenceId;
use sonae_domain::labels::{Label, Language};
use sonae_domain::ledger::MergeStep;

use super::checklist::day;
use super::output::{self, finding};
use super::{args, exit_code, labels, report};
use crate::usecase::answering;
use crate::usecase::failure::{Failure, FailureKind};
use crate::usecase::import::{self, ImportOptions, Imported, Recorded};
use crate::usecase::workspace::Workspace;

/// Findings shown of one file; `sonae evidence show` shows all.
const FINDINGS_MAX: usize = 20;

pub(super) fn formats(language: Language) -> Result<ExitCode, Failure> {
    for (format, title) in import::formats() {
        println!("{format:<20} {}", title.get(language));
    }
    Ok(ExitCode::SUCCESS)
}

/// Imports what it can. One refused file makes the exit code 3, but does not stop the others.
pub(super) async fn import(
    workspace: &Workspace,
    args: &args::Import,
    language: Language,
) -> Result<ExitCode, Failure> {
    let options = ImportOptions {
        dry_run: args.dry_run,
        effective_on: args
            .effective_on
            .as_deref()
            .map(answering::day)
            .transpose()?,
        source: args.source.clone(),
        mapping: workspace
            .column_mapping(&args.mapping, &args.by, args.dry_run)
            .await?,
        by: args.by.clone(),
    };
    let mut worst = ExitCode::SUCCESS;
    for path in &args.files {
        match workspace.import(path, &options).await {
            Ok(imported) => print_imported(&imported, language),
            Err(failure) => {
                // A database that cannot be used fails every file; the first says it all.
                if failure.kind != FailureKind::Refused {
                    return Err(failure);
                }
                report(&failure, language);
                worst = exit_code(failure.kind);
            }
        }
    }
    Ok(worst)
}

fn print_imported(imported: &Imported, language: Language) {
    let reading = &imported.reading;
    let n_rows: usize = reading.facts.iter().map(|rows| rows.rows.len()).sum();
    let (on, basis) = imported.effective;
    let outcome = match &imported.recorded {
        None => labels::DRY_RUN,
        Some(Recorded::New) => labels::RECORDED,
        Some(Recorded::AlreadyKnown(_)) => labels::ALREADY_KNOWN,
        Some(Recorded::OlderThanCurrent(_)) => labels::OLDER,
    };
    println!(
        "{}: {} [{}]",
        imported.file_name,
        outcome.of(language),
        reading.format
    );
    println!(
        "  {}: {}  {}: {}（{}）",
        labels::SOURCE.of(language),
        reading.source,
        labels::DAY.of(language),
        day(on, language),
        basis.label(language)
    );
    for rows in &reading.facts {
        println!(
            "  {}: {} {}",
            rows.table,
            rows.rows.len(),
            labels::ROWS.of(language)
        );
    }
    if n_rows == 0 && reading.assets.is_empty() {
        println!("  0 {}", labels::ROWS.of(language));
    }
    print_merge(&imported.merge, language);
    let findings: Vec<_> = reading.findings.iter().chain(&imported.findings).collect();
    for f in findings.iter().take(FINDINGS_MAX) {
        println!("  {}", finding(f, language));
    }
    if findings.len() > FINDINGS_MAX {
        println!("  … +{}", findings.len() - FINDINGS_MAX);
    }
}

fn print_merge(steps: &[MergeStep], language: Language) {
    let count = |wanted: fn(&MergeStep) -> bool| steps.iter().filter(|step| wanted(step)).count();
    let counts = [
        (
            labels::LEDGER_NEW,
            count(|step| matches!(step, MergeStep::New { .. })),
        ),
        (
            labels::LEDGER_SIMILAR,
            count(|step| matches!(step, MergeStep::SameNameOnly { .. })),
        ),
        (
            labels::LEDGER_CHANGED,
            count(|step| matches!(step, MergeStep::Changed { .. })),
        ),
        (
            labels::LEDGER_SAME,
            count(|step| matches!(step, MergeStep::Same { .. })),
        ),
        (
            labels::LEDGER_CONFLICT,
            count(|step| matches!(step, MergeStep::Conflict { .. })),
        ),
    ];
    for (words, n) in counts.iter().filter(|(_, n)| *n > 0) {
        println!(
            "  {}: {n} {}",
            words.of(language),
            labels::ASSETS.of(language)
        );
    }
}

pub(super) async fn run(
    workspace: &Workspace,
    command: args::EvidenceCommand,
    language: Language,
) -> Result<ExitCode, Failure> {
    match command {
        args::EvidenceCommand::List { all } => {
            let evidence = workspace.evidence().await?;
            print_list(
                evidence.iter().filter(|evidence| all || evidence.current),
                language,
            );
        }
        args::EvidenceCommand::Show { id } => {
            let (evidence, findings) = workspace.evidence_record(&EvidenceId::new(id)).await?;
            println!(
                "{}",
                serde_json::to_string_pretty(&evidence).unwrap_or_default()
            );
            println!("{}:", labels::UNREADABLE.of(language));
            findings
                .iter()
                .for_each(|f| println!("  {}", finding(f, language)));
        }
        args::EvidenceCommand::Raw { id, out } => {
            workspace.write_raw(&EvidenceId::new(id), &out).await?;
            println!("{}: {}", labels::WRITTEN.of(language), out.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print_list<'a>(evidence: impl Iterator<Item = &'a Evidence>, language: Language) {
    let header = [
        labels::ID,
        labels::FORMAT,
        labels::SOURCE,
        labels::DAY,
        labels::BASIS,
        labels::STATUS,
        labels::FILE,
    ];
    let mut table = output::table(&header.map(|words| words.of(language)));
    for evidence in evidence {
        let status = if evidence.current {
            labels::CURRENT
        } else {
            labels::REPLACED
        };
        table.add_row([
            evidence.id.as_str().to_owned(),
            evidence.format.clone(),
            evidence.source.clone(),
            day(evidence.effective_on, language),
            evidence.effective_basis.label(language).to_owned(),
            status.of(language).to_owned(),
            evidence.file_name.clone(),
        ]);
    }
    output::keep_ids_whole(&mut table);
    println!("{table}");
}
