//! `sonae remind`: sends the reminders of all institutions that are due; a timer runs it once a day.

use std::process::ExitCode;
use std::sync::Arc;

use sonae_domain::labels::Language;

use super::{exit_code, labels, report};
use crate::usecase::failure::Failure;
use crate::usecase::installation::Installation;
use crate::usecase::mail::Reminded;

pub(super) async fn remind(
    installation: &Arc<Installation>,
    language: Language,
) -> Result<ExitCode, Failure> {
    let mut code = ExitCode::SUCCESS;
    for (institution, reminded) in installation.remind_all().await? {
        let said = match reminded {
            Ok(Reminded::NotSetUp) => labels::MAIL_OFF.of(language).to_owned(),
            Ok(Reminded::AlreadyToday) => labels::REMINDED_TODAY.of(language).to_owned(),
            Ok(Reminded::NothingDue) => labels::NOTHING_DUE.of(language).to_owned(),
            Ok(Reminded::Sent(n)) => format!("{} ({n})", labels::REMINDED.of(language)),
            Err(failure) => {
                report(&failure, language);
                code = exit_code(failure.kind);
                labels::NOT_REMINDED.of(language).to_owned()
            }
        };
        println!("{institution}: {said}");
    }
    Ok(code)
}
