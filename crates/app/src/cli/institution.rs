//! Commands around the institution and the glossary.

use std::process::ExitCode;

use sonae_domain::answer::{InstitutionKind, VendorContract};
use sonae_domain::labels::{Label, Language};

use super::{args, labels};
use crate::usecase::failure::Failure;
use crate::usecase::workspace::{Workspace, load_catalog};

impl From<args::Kind> for InstitutionKind {
    fn from(kind: args::Kind) -> Self {
        match kind {
            args::Kind::Hospital => Self::Hospital,
            args::Kind::Clinic => Self::Clinic,
            args::Kind::DentalClinic => Self::DentalClinic,
            args::Kind::BirthCentre => Self::BirthCentre,
            args::Kind::Pharmacy => Self::Pharmacy,
        }
    }
}

impl From<args::Contract> for VendorContract {
    fn from(contract: args::Contract) -> Self {
        match contract {
            args::Contract::Exists => Self::Exists,
            args::Contract::None => Self::None,
            args::Contract::Unconfirmed => Self::Unconfirmed,
        }
    }
}

pub(super) async fn run(
    workspace: &mut Workspace,
    command: args::InstitutionCommand,
    language: Language,
) -> Result<ExitCode, Failure> {
    if let args::InstitutionCommand::Set {
        name,
        kind,
        vendor_contract,
        by,
    } = command
    {
        let (kind, contract) = (kind.map(Into::into), vendor_contract.map(Into::into));
        let n_hidden = workspace.set_institution(name, kind, contract, &by).await?;
        if n_hidden > 0 {
            println!("{}: {n_hidden}", labels::ANSWERS_OF_OTHER_FORM.of(language));
        }
    }
    let institution = &workspace.institution;
    println!("{}: {}", labels::NAME.of(language), institution.name);
    println!(
        "{}: {}",
        labels::KIND.of(language),
        institution.kind.label(language)
    );
    println!(
        "{}: {}",
        labels::VENDOR_CONTRACT.of(language),
        institution.vendor_contract.label(language)
    );
    Ok(ExitCode::SUCCESS)
}

pub(super) fn glossary(args: &args::Glossary, language: Language) -> Result<ExitCode, Failure> {
    let catalog = load_catalog()?;
    let wanted = args.term.as_deref().map(str::to_lowercase);
    let mut n_found = 0;
    for term in &catalog.glossary.terms {
        let found = wanted.as_deref().is_none_or(|wanted| {
            term.id.as_str() == wanted
                || term.ja.to_lowercase().contains(wanted)
                || term.reading.contains(wanted)
                || term.en.to_lowercase().contains(wanted)
        });
        if found {
            n_found += 1;
            println!("{}（{}）{}", term.ja, term.reading, term.en);
            println!("  {}", term.plain.get(language));
        }
    }
    if n_found == 0 {
        println!("{}", labels::NONE.of(language));
    }
    Ok(ExitCode::SUCCESS)
}
