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

/// Names shown of devices that a file leaves out.
const NAMES_MAX: usize = 3;

/// Findings shown of a recorded file; `sonae evidence show` and a dry run show all.
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
        day_required: false,
        source: args.source.clone(),
        mapping: workspace.column_mapping(&args.mapping).await?,
        by: args.by.clone(),
    };
    let mut earlier = workspace.evidence().await?;
    let mut worst = ExitCode::SUCCESS;
    let mut n_kept = 0;
    for path in &args.files {
        match workspace.import(path, &options, &mut earlier).await {
            Ok(imported) => {
                print_imported(workspace, &imported, language);
                n_kept += usize::from(imported.recorded.is_some());
            }
            Err(failure) => {
                // A database that cannot be used fails every file; the first says it all.
                if !matches!(failure.kind, FailureKind::Refused | FailureKind::NeverKept) {
                    return Err(failure);
                }
                report(&failure, language);
                worst = exit_code(failure.kind);
            }
        }
    }
    if let Some(mapping) = options.mapping.as_ref().filter(|_| n_kept > 0)
        && !args.mapping.is_empty()
    {
        workspace.keep_column_mapping(mapping, &args.by).await?;
    }
    Ok(worst)
}

fn print_imported(workspace: &Workspace, imported: &Imported, language: Language) {
    let reading = &imported.reading;
    let (on, basis) = imported.effective;
    let outcome = match &imported.recorded {
        None => labels::DRY_RUN,
        Some(Recorded::New) => labels::RECORDED,
        Some(Recorded::AlreadyKnown(_)) => labels::ALREADY_KNOWN,
        Some(Recorded::OlderThanCurrent(_)) => labels::OLDER,
    };
    println!("{}: {}", imported.file_name, outcome.of(language));
    println!(
        "  {}: {}  {}: {} ({})",
        labels::SOURCE.of(language),
        reading.source,
        labels::DAY.of(language),
        day(on, language),
        basis.label(language)
    );
    for rows in reading.facts.iter().filter(|rows| !rows.rows.is_empty()) {
        let title = workspace
            .catalog
            .table(&rows.table)
            .map(|table| table.title.get(language));
        println!("  {}: {}", title.unwrap_or(&rows.table), rows.rows.len());
    }
    print_merge(&imported.merge, language);
    let conflicts = imported.conflicts.iter();
    conflicts.for_each(|c| println!("  [{}] {}", labels::HELD.of(language), c.get(language)));
    if !imported.not_in_file.is_empty() {
        let names = imported
            .not_in_file
            .iter()
            .take(NAMES_MAX)
            .cloned()
            .collect::<Vec<_>>();
        println!(
            "  {}: {} {} ({} …)",
            labels::NOT_IN_FILE.of(language),
            imported.not_in_file.len(),
            labels::ASSETS.of(language),
            names.join(language.pick("、", ", "))
        );
    }
    let findings: Vec<_> = reading.findings.iter().chain(&imported.findings).collect();
    let n_shown = if imported.recorded.is_some() {
        FINDINGS_MAX
    } else {
        usize::MAX
    };
    for f in findings.iter().take(n_shown) {
        println!("  {}", finding(f, language));
    }
    if findings.len() > n_shown {
        let more = labels::MORE_FINDINGS.of(language);
        println!("  … +{} ({more} {})", findings.len() - n_shown, imported.id);
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
