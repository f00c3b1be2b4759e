//! Commands around the ledger: list, show, export.

use std::process::ExitCode;

use sonae_domain::labels::{Label, Language};

use super::output;
use super::{args, labels};
use crate::usecase::failure::Failure;
use crate::usecase::ledger::{CsvEncoding, fields};
use crate::usecase::workspace::Workspace;

impl From<args::Encoding> for CsvEncoding {
    fn from(encoding: args::Encoding) -> Self {
        match encoding {
            args::Encoding::Utf8 => Self::Utf8Bom,
            args::Encoding::Cp932 => Self::Cp932,
        }
    }
}

pub(super) async fn run(
    workspace: &Workspace,
    command: args::Ledger,
    language: Language,
) -> Result<ExitCode, Failure> {
    match command {
        args::Ledger::List => list(workspace, language).await?,
        args::Ledger::Show { asset, json } => show(workspace, &asset, json, language).await?,
        args::Ledger::Retire { asset, by } => {
            let asset = workspace.retire_asset(&asset, &by).await?;
            println!("{}: {}", labels::RETIRED.of(language), asset.record.name);
        }
        args::Ledger::Export { out, encoding } => {
            let n_assets = workspace.export_ledger(&out, encoding.into()).await?;
            println!(
                "{}: {} ({n_assets} {})",
                labels::WRITTEN.of(language),
                out.display(),
                labels::ASSETS.of(language)
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What is known of a device, field by field, and who said so when.
async fn show(
    workspace: &Workspace,
    typed: &str,
    json: bool,
    language: Language,
) -> Result<(), Failure> {
    let asset = workspace.asset(typed).await?;
    if json {
        println!(
            "{}",
            serde_json::to_string_pretty(&asset).unwrap_or_default()
        );
        return Ok(());
    }
    println!("{}: {}", labels::ID.of(language), asset.id);
    for (field, value) in fields(&asset.record, language) {
        println!("{field}: {value}");
    }
    println!();
    let header = [
        labels::VERSION,
        labels::WHEN,
        labels::WHO,
        labels::STATUS,
        labels::EVIDENCE,
    ];
    let mut table = output::table(&header.map(|words| words.of(language)));
    for version in workspace.asset_history(&asset.id).await? {
        let status = if version.retired {
            labels::RETIRED
        } else {
            labels::CURRENT
        };
        table.add_row([
            version.version.to_string(),
            version.changed_at.to_string(),
            version.changed_by,
            status.of(language).to_owned(),
            version
                .evidence
                .map_or_else(|| "-".to_owned(), |id| id.to_string()),
        ]);
    }
    println!("{table}");
    Ok(())
}

async fn list(workspace: &Workspace, language: Language) -> Result<(), Failure> {
    let header = [
        labels::NAME,
        labels::KIND,
        labels::LOCATION,
        labels::USABILITY,
        labels::OS,
        labels::ADDRESSES,
    ];
    let mut table = output::table(&header.map(|words| words.of(language)));
    let mut ledger = workspace.ledger().await?;
    ledger.sort_by(|(a, _), (b, _)| a.record.name.cmp(&b.record.name));
    for (asset, _) in &ledger {
        let record = &asset.record;
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let os = [record.os.as_deref(), record.os_version.as_deref()];
        let addresses: Vec<&str> = record
            .ips
            .iter()
            .chain(&record.macs)
            .map(String::as_str)
            .collect();
        table.add_row([
            record.name.clone(),
            record.kind.label(language).to_owned(),
            or_dash(&record.location),
            or_dash(&record.usability),
            os.into_iter().flatten().collect::<Vec<_>>().join(" "),
            addresses.join("\n"),
        ]);
    }
    println!("{table}");
    println!("{} {}", ledger.len(), labels::ASSETS.of(language));
    Ok(())
}
