//! `sonae history`: whether the histories hold, and checkpoints to carry outside.

use std::path::Path;
use std::process::ExitCode;

use sonae_domain::labels::Language;

use super::{args, labels};
use crate::usecase::checkpoints::{self, HistoryVerdict, MadeCheckpoint};
use crate::usecase::failure::Failure;
use crate::usecase::workspace::Workspace;

/// Something is not as it was written.
const EXIT_CHANGED: u8 = 1;

pub(super) async fn run(
    workspace: &Workspace,
    command: args::History,
    language: Language,
) -> Result<ExitCode, Failure> {
    match command {
        args::History::Verify { checkpoint } => verify(workspace, &checkpoint, language).await,
        args::History::Checkpoint { installation, qr } => {
            let made = match installation {
                true => workspace.installation.checkpoint(None).await?,
                false => workspace.checkpoint().await?,
            };
            show(&made, qr.as_deref(), language)
        }
    }
}

async fn verify(
    workspace: &Workspace,
    typed: &[String],
    language: Language,
) -> Result<ExitCode, Failure> {
    let known = typed.iter().map(|typed| checkpoints::read_known(typed));
    let known = known.collect::<Result<Vec<_>, _>>()?;
    let verdict = workspace.installation.verify_history(&known).await?;
    show_verdict(&verdict, language);
    Ok(match verdict.holds() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(EXIT_CHANGED),
    })
}

/// Each history and each checkpoint that was handed in.
pub(super) fn show_verdict(verdict: &HistoryVerdict, language: Language) {
    let HistoryVerdict { histories, known } = verdict;
    for history in histories {
        let name = history.name.get(language);
        let n_entries = format!("{} {}", history.n_entries, labels::ENTRIES.of(language));
        let (mark, said) = match &history.bad {
            None => (labels::HOLDS, n_entries),
            Some(bad) => (labels::CHANGED_HISTORY, both(bad, language)),
        };
        println!("[{}] {name}: {said}", mark.of(language));
        if let Some(remark) = &history.remark {
            println!("       {}", remark.get(language));
        }
    }
    for known in known {
        let mark = if known.holds {
            labels::HOLDS
        } else {
            labels::CHANGED_HISTORY
        };
        let said = match known.holds {
            true => known.text.get(language).to_owned(),
            false => both(&known.text, language),
        };
        println!("[{}] {}: {said}", mark.of(language), known.short_code);
    }
}

/// What an inspector and whoever helps must both understand.
fn both(text: &sonae_domain::edition::Text, language: Language) -> String {
    match language {
        Language::Ja => format!("{}\n       {}", text.ja, text.en),
        Language::En => text.en.clone(),
    }
}

fn show(made: &MadeCheckpoint, qr: Option<&Path>, language: Language) -> Result<ExitCode, Failure> {
    println!("{}", made.note);
    println!("{}: {}", labels::SHORT_CODE.of(language), made.short_code);
    println!(
        "{}: {}",
        labels::VERIFIER_KEY.of(language),
        made.verifier_key
    );
    if let Some(path) = qr {
        made.draw(path)?;
        println!("{}: {}", labels::FILE.of(language), path.display());
    }
    Ok(ExitCode::SUCCESS)
}
