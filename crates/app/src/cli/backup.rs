//! `sonae backup` and `sonae restore`: says what a backup holds, never what stands in it.

use std::process::ExitCode;

use sonae_domain::era;
use sonae_domain::labels::Language;

use super::{args, history, labels, report};
use crate::usecase::backup::{self, Contents};
use crate::usecase::failure::Failure;
use crate::usecase::installation::Settings;

pub(super) async fn back_up(
    settings: &Settings,
    args: &args::Backup,
    language: Language,
) -> Result<ExitCode, Failure> {
    let contents = backup::back_up(settings, &args.file).await?;
    let file = args.file.display();
    println!("{}: {file}", labels::BACKED_UP.of(language));
    show(&contents, language);
    println!("{}", labels::BACKUP_IS_SECRET.of(language));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn verify(args: &args::Backup, language: Language) -> Result<ExitCode, Failure> {
    let contents = backup::verify(&args.file)?;
    let file = args.file.display();
    println!("{}: {file}", labels::BACKUP_WHOLE.of(language));
    show(&contents, language);
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(
    settings: &Settings,
    args: &args::Restore,
    language: Language,
) -> Result<ExitCode, Failure> {
    let restored = backup::restore(settings, &args.file, args.replace).await?;
    println!("{}", labels::RESTORED.of(language));
    show(&restored.contents, language);
    if let Some(before) = restored.before {
        println!("{}: {}", labels::BEFORE.of(language), before.display());
    }
    match &restored.history {
        Ok(verdict) => history::show_verdict(verdict, language),
        Err(failure) => report(failure, language),
    }
    println!("{}", labels::SIGN_IN_AGAIN.of(language));
    Ok(ExitCode::SUCCESS)
}

fn show(contents: &Contents, language: Language) {
    let made_at = era::moment_in_japan(contents.made_at).strftime("%Y-%m-%d %H:%M");
    for (what, value) in [
        (labels::BACKUP_OF, made_at.to_string()),
        (labels::PROGRAM, contents.program.clone()),
        (labels::INSTITUTIONS, contents.n_institutions.to_string()),
        (labels::RECORDS, contents.n_rows.to_string()),
    ] {
        println!("{}: {value}", what.of(language));
    }
}
