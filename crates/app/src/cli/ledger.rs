//! Commands around the ledger: list, show, export.

use std::process::ExitCode;

use sonae_domain::labels::{Label, Language};

use super::output;
use super::{args, labels};
use crate::usecase::failure::Failure;
use crate::usecase::ledger::CsvEncoding;
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
        args::Ledger::Show { asset } => {
            for version in workspace.asset_history(&asset).await? {
                let record = serde_json::to_string_pretty(&version.asset).unwrap_or_default();
                let evidence = version.evidence.as_ref().map_or("-", |id| id.as_str());
                println!(
                    "{} {} {} {}: {evidence}",
                    version.version,
                    version.changed_at,
                    version.changed_by,
                    labels::EVIDENCE.of(language)
                );
                println!("{record}");
            }
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

async fn list(workspace: &Workspace, language: Language) -> Result<(), Failure> {
    let header = [
        labels::ID,
        labels::KIND,
        labels::NAME,
        labels::LOCATION,
        labels::USABILITY,
        labels::OS,
        labels::ADDRESSES,
    ];
    let mut table = output::table(&header.map(|words| words.of(language)));
    let ledger = workspace.ledger().await?;
    for (asset, _) in &ledger {
        let record = &asset.record;
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let os = [record.os.as_deref(), record.os_version.as_deref()];
        table.add_row([
            asset.id.as_str().to_owned(),
            record.kind.label(language).to_owned(),
            record.name.clone(),
            or_dash(&record.location),
            or_dash(&record.usability),
            os.into_iter().flatten().collect::<Vec<_>>().join(" "),
            record
                .ips
                .iter()
                .chain(&record.macs)
                .cloned()
                .collect::<Vec<_>>()
                .join(" "),
        ]);
    }
    output::keep_ids_whole(&mut table);
    println!("{table}");
    println!("{} {}", ledger.len(), labels::ASSETS.of(language));
    Ok(())
}
