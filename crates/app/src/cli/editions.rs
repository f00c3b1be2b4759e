//! Commands around editions: list, show, diff, import, publish.

use std::process::ExitCode;

use sonae_domain::edition::{Edition, EditionStatus, Item};
use sonae_domain::labels::{Label, Language};

use super::output;
use super::{args, labels};
use crate::usecase::editions::{EditionDraft, RowChange, diff};
use crate::usecase::failure::Failure;
use crate::usecase::workspace::Workspace;

pub(super) async fn run(
    workspace: &Workspace,
    command: args::EditionCommand,
    language: Language,
) -> Result<ExitCode, Failure> {
    match command {
        args::EditionCommand::List => list(workspace, language).await?,
        args::EditionCommand::Show { edition } => show(workspace, &edition, language)?,
        args::EditionCommand::Diff { from, to } => {
            print_diff(
                &diff(workspace.edition(&from)?, workspace.edition(&to)?),
                language,
            );
        }
        args::EditionCommand::Import { files, save, by } => {
            let draft = workspace.read_edition(&files).await?;
            print_draft(workspace, &draft, language);
            if !save {
                println!("{}", labels::DRY_RUN.of(language));
            } else {
                let kept = workspace.keep_draft(&draft, &by).await?;
                println!(
                    "{}: {} #{} {}",
                    labels::RECORDED.of(language),
                    draft.head.id,
                    kept.revision,
                    labels::DRAFT.of(language)
                );
                if kept.n_unmapped > 0 {
                    println!("  {}: {}", labels::UNMAPPED.of(language), kept.n_unmapped);
                }
            }
        }
        args::EditionCommand::Publish { edition, by } => {
            workspace.publish_edition(&edition, &by).await?;
            println!("{edition}: {}", labels::PUBLISHED.of(language));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(workspace: &Workspace, language: Language) -> Result<(), Failure> {
    let header = [labels::EDITION, labels::NAME, labels::STATUS, labels::FORMS];
    let mut table = output::table(&header.map(|words| words.of(language)));
    for edition in workspace.catalog.editions.values() {
        let forms: Vec<String> = edition
            .head
            .forms
            .iter()
            .map(|form| {
                format!(
                    "{} {} ({})",
                    form.id,
                    form.label,
                    edition.items_of(&form.id).count()
                )
            })
            .collect();
        table.add_row([
            edition.head.id.as_str().to_owned(),
            edition.head.label.clone(),
            status(workspace, edition, language),
            forms.join("\n"),
        ]);
    }
    for draft in workspace.drafts().await? {
        let draft_word = labels::DRAFT.of(language).to_owned();
        table.add_row([
            draft.as_str().to_owned(),
            String::new(),
            draft_word,
            String::new(),
        ]);
    }
    println!("{table}");
    Ok(())
}

/// The newest usable edition is the one in use, also where a later one exists that is not at hand.
fn status(workspace: &Workspace, edition: &Edition, language: Language) -> String {
    let newest = workspace
        .catalog
        .newest_edition()
        .map(|newest| &newest.head.id);
    let label = edition.head.status.label(language);
    match newest == Some(&edition.head.id) && edition.head.status == EditionStatus::Replaced {
        true => labels::IN_USE.of(language).to_owned(),
        false => label.to_owned(),
    }
}

fn show(workspace: &Workspace, id: &str, language: Language) -> Result<(), Failure> {
    let edition = workspace.edition(id)?;
    println!("{} {}", edition.head.label, edition.head.issuer);
    println!("{}", edition.head.remark.get(language));
    for form in &edition.head.forms {
        println!();
        println!("■ {} [{}] {}", form.label, form.id, form.title.text);
        form.notes.iter().for_each(|note| {
            println!("  {} [{}]", note.text, note.verification.label(language));
        });
        let header = [labels::NUMBER, labels::ITEM, labels::WORDING];
        let mut table = output::table(&header.map(|words| words.of(language)));
        let mut group = None;
        for item in edition.items_of(&form.id) {
            if item.group != group {
                group.clone_from(&item.group);
                let title = form.groups.iter().find(|g| Some(&g.id) == group.as_ref());
                table.add_row(["", title.map_or("", |g| g.title.text.as_str()), ""]);
            }
            let wording = item.wording.verification.label(language);
            table.add_row([&item.number, &text_with_marks(item, language), wording]);
        }
        println!("{table}");
    }
    Ok(())
}

/// The wording with everything that the form or the manual says about the row.
fn text_with_marks(item: &Item, language: Language) -> String {
    let mut lines = vec![full_text(item)];
    let mut mark = |words: labels::Words, text: &str| {
        lines.push(format!("[{}] {text}", words.of(language)));
    };
    if let Some(original) = &item.original {
        mark(labels::ORIGINAL, original);
    }
    if item.exempt_without_vendor {
        mark(labels::MAY_BE_BLANK, labels::WITHOUT_VENDOR.of(language));
    }
    if let Some(changed) = &item.changed {
        mark(labels::CHANGED, changed.get(language));
    }
    let guideline: Vec<String> = item
        .guideline
        .iter()
        .map(|place| format!("{} {}", place.volume, place.section))
        .collect();
    if !guideline.is_empty() {
        mark(labels::GUIDELINE, &guideline.join("、"));
    }
    lines.join("\n")
}

fn full_text(item: &Item) -> String {
    match &item.remark {
        None => item.wording.text.clone(),
        Some(remark) => format!("{}\n{remark}", item.wording.text),
    }
}

fn print_diff(changes: &[RowChange<'_>], language: Language) {
    let header = [labels::FORM, labels::STATUS, labels::NUMBER, labels::ITEM];
    let mut table = output::table(&header.map(|words| words.of(language)));
    let mut n_same = 0;
    for change in changes {
        let (item, word, number, text) = match change {
            RowChange::Added(item) => (item, labels::ADDED, item.number.clone(), full_text(item)),
            RowChange::Removed(item) => {
                (item, labels::REMOVED, item.number.clone(), full_text(item))
            }
            RowChange::Changed { before, after } if full_text(before) == full_text(after) => {
                let number = format!("{} → {}", before.number, after.number);
                (after, labels::RENUMBERED, number, full_text(after))
            }
            RowChange::Changed { before, after } => (
                after,
                labels::CHANGED_ROW,
                format!("{} → {}", before.number, after.number),
                format!("- {}\n+ {}", full_text(before), full_text(after)),
            ),
            RowChange::Same(_) => {
                n_same += 1;
                continue;
            }
        };
        table.add_row([
            item.form.as_str().to_owned(),
            word.of(language).to_owned(),
            number,
            text,
        ]);
    }
    println!("{table}");
    println!("{}: {n_same}", labels::SAME.of(language));
}

fn print_draft(workspace: &Workspace, draft: &EditionDraft, language: Language) {
    println!("{} {}", draft.head.id, draft.head.label);
    for document in &draft.head.sources {
        let official = workspace.catalog.official_file(document);
        println!(
            "  {}: {}",
            document.title,
            official.map_or(labels::NOT_A_KNOWN_FILE.of(language), |file| &file.title)
        );
    }
    println!("■ {}", labels::UNDERSTOOD.of(language));
    for understood in &draft.understood {
        println!("  {}", output::understood(understood, language));
    }
    if !draft.unexplained.is_empty() {
        println!(
            "■ {} {}",
            labels::UNEXPLAINED.of(language),
            draft.unexplained.len()
        );
        for row in &draft.unexplained {
            println!("  {} {}: {}", row.sheet, row.row, row.cells.join(" | "));
        }
    }
}
