//! `sonae package`: makes the inspection package, and says whether one may be trusted.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use sonae_domain::era;
use sonae_domain::ids::EvidenceId;
use sonae_domain::labels::Language;

use super::args::Documents;
use super::labels;
use crate::usecase::failure::Failure;
use crate::usecase::package::{
    self, EnclosedDocuments, Enclosures, Finding, RowsCompared, Verified,
};
use crate::usecase::workspace::Workspace;

/// A package is not to be trusted.
const EXIT_UNTRUSTED: u8 = 1;

/// As typed.
pub(super) fn enclosures(
    documents: Documents,
    evidence: &[String],
    network_details: bool,
) -> Enclosures {
    Enclosures {
        documents: match documents {
            Documents::Originals => EnclosedDocuments::Originals,
            Documents::All => EnclosedDocuments::All,
            Documents::None => EnclosedDocuments::These(BTreeSet::new()),
        },
        evidence: evidence.iter().map(EvidenceId::new).collect(),
        network_details,
    }
}

pub(super) async fn build(
    workspace: &Workspace,
    enclosures: &Enclosures,
    out: &Path,
    language: Language,
) -> Result<ExitCode, Failure> {
    let verified = workspace.write_package(enclosures, out).await?;
    println!("{}: {}", labels::FILE.of(language), out.display());
    show(&verified, language);
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn verify(
    file: &Path,
    key: Option<&str>,
    language: Language,
) -> Result<ExitCode, Failure> {
    match package::verify_file(file, key).await? {
        Finding::Trusted(verified) => {
            println!("[{}] {}", labels::TRUSTED.of(language), file.display());
            show(&verified, language);
            Ok(ExitCode::SUCCESS)
        }
        Finding::Untrusted(why) => {
            println!("[{}] {}", labels::UNTRUSTED.of(language), file.display());
            println!("       {}", why.get(language));
            Ok(ExitCode::from(EXIT_UNTRUSTED))
        }
    }
}

fn show(verified: &Verified, language: Language) {
    let about = &verified.about;
    let sealed_at = era::moment_in_japan(verified.signed_at).strftime("%Y-%m-%d %H:%M");
    let proven = format!("{}/{}", verified.n_proven, verified.n_answers);
    for (what, value) in [
        (labels::PACKAGE_OF, about.institution_name.clone()),
        (labels::AS_OF, about.as_of.to_string()),
        (labels::SEALED_AT, sealed_at.to_string()),
        (labels::FILES, verified.n_files.to_string()),
        (labels::PROVEN, proven),
        (labels::JUDGED_AGAIN, verified.n_checks.to_string()),
        (labels::SHORT_CODE, verified.short_code.to_string()),
        (labels::VERIFIER_KEY, verified.key.to_string()),
    ] {
        println!("{}: {value}", what.of(language));
    }
    for check in &verified.other_checks {
        println!("{}: {check}", labels::OTHER_CHECKS.of(language));
    }
    let rows = match verified.rows {
        RowsCompared::Whole => None,
        RowsCompared::Printed => Some(labels::CHECKS_OF_ROWS_NOT_COMPARED),
        RowsCompared::Standings => Some(labels::ROWS_NOT_COMPARED),
    };
    let pages = (!verified.pages_compared).then_some(labels::PAGES_NOT_COMPARED);
    for not_compared in rows.into_iter().chain(pages) {
        println!("{}", not_compared.of(language));
    }
    for missing in &verified.missing {
        println!(
            "{}: {}",
            labels::MISSING.of(language),
            missing.get(language)
        );
    }
    let key = match verified.key_is_known {
        true => labels::KEY_KNOWN,
        false => labels::KEY_CARRIED,
    };
    println!("{}", key.of(language));
}
