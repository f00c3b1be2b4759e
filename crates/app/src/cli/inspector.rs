//! `sonae inspector`: for authorities that inspect. Works on files; no institution is opened.

use std::process::ExitCode;

use sonae_domain::labels::Language;

use super::vendor::show;
use super::{args, labels};
use crate::usecase::failure::Failure;
use crate::usecase::inspector_mode;
use crate::usecase::installation::Settings;

pub(super) fn run(
    settings: &Settings,
    command: args::Inspector,
    language: Language,
) -> Result<ExitCode, Failure> {
    let key_file = inspector_mode::key_file(settings, command.key.as_deref());
    match command.command {
        args::InspectorCommand::Key { name } => {
            let key = match name {
                Some(name) => key_file.make(&name)?,
                None => key_file.public()?,
            };
            let path = key_file.path().display();
            println!("{}: {path}", labels::KEY_FILE.of(language));
            show(&key, language);
            println!("{}", labels::INSPECTOR_KEY_IS_SECRET.of(language));
        }
        args::InspectorCommand::Sign { remarks, out } => {
            let out = out.as_deref().unwrap_or(&remarks);
            let key = inspector_mode::sign(&key_file, &remarks, out)?;
            println!("{}: {}", labels::SIGNED.of(language), out.display());
            show(&key, language);
        }
    }
    Ok(ExitCode::SUCCESS)
}
