//! `sonae vendor`: for the companies that institutions ask. Works on files; no institution is opened.

use std::process::ExitCode;

use sonae_domain::labels::Language;
use sonae_domain::signed::PublicKey;

use super::{args, checklist, labels};
use crate::usecase::failure::Failure;
use crate::usecase::installation::Settings;
use crate::usecase::vendor_mode::{NewPublication, VendorMode};

pub(super) async fn run(
    settings: &Settings,
    command: args::Vendor,
    language: Language,
) -> Result<ExitCode, Failure> {
    let mode = VendorMode::open(settings, command.key.as_deref())?;
    match command.command {
        args::VendorCommand::Key { name } => {
            let key = match name {
                Some(name) => mode.key_file().make(&name)?,
                None => mode.key_file().public()?,
            };
            let file = mode.key_file().path().display();
            println!("{}: {file}", labels::KEY_FILE.of(language));
            show(&key, language);
            println!("{}", labels::KEY_IS_SECRET.of(language));
        }
        args::VendorCommand::Answer {
            request,
            answers,
            by,
            out,
        } => {
            let key = mode.answer(&request, &answers, &by, &out).await?;
            println!("{}: {}", labels::SIGNED.of(language), out.display());
            show(&key, language);
        }
        args::VendorCommand::Sign { answer, out } => {
            let out = out.as_deref().unwrap_or(&answer);
            let key = mode.sign(&answer, out)?;
            println!("{}: {}", labels::SIGNED.of(language), out.display());
            show(&key, language);
        }
        args::VendorCommand::Publish(publish) => {
            publish_for_all(&mode, &publish, language).await?;
        }
        args::VendorCommand::Export {
            answers,
            customers,
            out,
        } => {
            let n_customers = mode.export(&answers, &customers, &out).await?;
            let written = labels::FORMS_WRITTEN.of(language);
            println!("{written}: {n_customers} {}", out.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn publish_for_all(
    mode: &VendorMode,
    args: &args::Publish,
    language: Language,
) -> Result<(), Failure> {
    let new = NewPublication {
        product: &args.product,
        product_version: &args.version,
        answers: &args.answers,
        customers: args.customers.as_deref(),
        by: &args.by,
        ends_on: args.ends_on.as_deref(),
    };
    let published = mode.publish(&new, &args.out).await?;
    println!(
        "{}: {}",
        labels::ANSWERED_FOR_ALL.of(language),
        args.out.display()
    );
    for (what, value) in [
        (labels::ITEMS_ANSWERED, published.n_items.to_string()),
        (labels::CUSTOMERS_APART, published.n_customers.to_string()),
        (labels::ENDS_ON, checklist::day(published.ends_on, language)),
    ] {
        println!("{}: {value}", what.of(language));
    }
    show(&published.key, language);
    Ok(())
}

/// What its owner tells others at the telephone.
pub(super) fn show(key: &PublicKey, language: Language) {
    println!("{}: {}", labels::KEY_NAME.of(language), key.name());
    let fingerprint = labels::KEY_FINGERPRINT.of(language);
    println!("{fingerprint}: {}", key.fingerprint());
}
