//! The ledger (機器台帳): the list, and the files that it is given out as. A device, its form, imports
//! and joining have files of their own.

mod detail;
mod edit;
mod import;
mod join;

use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use sonae_domain::ids::AssetId;
use sonae_domain::labels::{Label, Language};
use sonae_domain::ledger::{AssetField, AssetKind, RemoteMaintenance};
use sonae_domain::people::Role;

use crate::usecase::ledger::{
    AssetVersion, CsvEncoding, LedgerFormat, LedgerList, LedgerQuery, field_title, field_word,
    shown,
};
use crate::web::files::attachment;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visit;
use crate::web::words::Words;

/// A screen and some more; the next ones are a press away.
const ROWS_AT_ONCE: usize = 200;

/// The columns of the list after the name; what is wide and rarely needed stands on the right.
const COLUMNS: [AssetField; 11] = [
    AssetField::Kind,
    AssetField::Location,
    AssetField::Usability,
    AssetField::System,
    AssetField::Vendor,
    AssetField::Os,
    AssetField::Ips,
    AssetField::Macs,
    AssetField::RemoteMaintenance,
    AssetField::Owner,
    AssetField::SupportEndsOn,
];

pub(crate) fn open(doors: Doors) -> Doors {
    let doors = doors
        .get("/ledger", list)
        .get("/ledger/export.csv", export_csv)
        .get("/ledger/export.xlsx", export_xlsx)
        .get("/ledger/export.pdf", export_pdf)
        .get("/ledger/labels.pdf", labels_pdf);
    let doors = import::open(doors);
    let doors = join::open(doors);
    let doors = edit::open(doors);
    detail::open(doors)
}

/// A part of the rows that were found.
#[derive(Deserialize)]
struct Window {
    from: Option<usize>,
    shown: Option<usize>,
}

#[derive(Template)]
#[template(path = "ledger/list.html")]
struct ListPage {
    page: Page,
    query: LedgerQuery,
    list: LedgerList,
    rows: Vec<Row>,
    n_found: usize,
    n_shown: usize,
    may_change: bool,
}

/// A device as a row of the list.
struct Row {
    id: String,
    name: String,
    cells: Vec<Cell>,
    is_confirmed: bool,
    is_retired: bool,
    may_change: bool,
}

struct Cell {
    title: String,
    text: String,
    /// The end of support is past.
    is_over: bool,
}

/// The head of a column, and where sorting by it leads.
struct Head {
    word: &'static str,
    title: String,
    /// For `aria-sort`.
    sorted: &'static str,
    address: String,
}

impl Row {
    fn of(version: &AssetVersion, today: Date, language: Language, may_change: bool) -> Self {
        let record = &version.asset.record;
        let cell = |field: AssetField| {
            let text = match (field, record.support_ends_on) {
                (AssetField::SupportEndsOn, end) => end.map(|end| Words::of(language).day(end)),
                (AssetField::Os, _) => {
                    let parts = [record.os.as_deref(), record.os_version.as_deref()];
                    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
                }
                _ => shown(record, field, language),
            };
            Cell {
                title: field_title(field, language),
                text: text.unwrap_or_default(),
                is_over: field == AssetField::SupportEndsOn
                    && record.support_ends_on.is_some_and(|end| end < today),
            }
        };
        Self {
            id: version.asset.id.to_string(),
            name: record.name.clone(),
            cells: COLUMNS.into_iter().map(cell).collect(),
            is_confirmed: version.evidence.is_some(),
            is_retired: version.retired,
            may_change: may_change && !version.retired,
        }
    }
}

impl ListPage {
    fn heads(&self) -> Vec<Head> {
        let sorted = self.query.sort_field();
        let head = |field: AssetField| {
            let is_up = field == sorted && !self.query.is_descending();
            Head {
                word: field_word(field),
                title: field_title(field, self.page.words.language),
                sorted: match (field == sorted, self.query.is_descending()) {
                    (false, _) => "none",
                    (true, false) => "ascending",
                    (true, true) => "descending",
                },
                address: self.address(field, if is_up { "desc" } else { "" }, 0),
            }
        };
        let fields = [AssetField::Name].into_iter().chain(COLUMNS);
        fields.map(head).collect()
    }

    /// The address of this list, sorted in some way, up to some row.
    fn address(&self, sort: AssetField, order: &str, n_shown: usize) -> String {
        let query = &self.query;
        let n_shown = match n_shown {
            0 => String::new(),
            n_shown => n_shown.to_string(),
        };
        let all = [
            ("q", query.q.as_str()),
            ("kind", &query.kind),
            ("remote", &query.remote),
            ("system", &query.system),
            ("vendor", &query.vendor),
            ("usability", &query.usability),
            ("only", &query.only),
            ("sort", field_word(sort)),
            ("order", order),
            ("shown", &n_shown),
        ];
        let asked = all.into_iter().filter(|(_, value)| !value.is_empty());
        let asked = serde_html_form::to_string(asked.collect::<Vec<_>>());
        format!("/ledger?{}", asked.unwrap_or_default())
    }

    /// Labels for all devices that were found.
    fn labels(&self) -> String {
        let address = self.address(self.query.sort_field(), "", 0);
        address.replacen("/ledger?", "/ledger/labels.pdf?", 1)
    }

    /// Where the next rows are; none after the last.
    fn more(&self) -> Option<String> {
        let next = self.n_shown + ROWS_AT_ONCE;
        let order = if self.query.is_descending() {
            "desc"
        } else {
            ""
        };
        (self.n_shown < self.n_found).then(|| self.address(self.query.sort_field(), order, next))
    }

    fn kinds(&self) -> [(&'static str, &'static str); 5] {
        [
            AssetKind::Server,
            AssetKind::Terminal,
            AssetKind::NetworkDevice,
            AssetKind::Other,
            AssetKind::Unknown,
        ]
        .map(|kind| (kind.as_str(), kind.label(self.page.words.language)))
    }

    fn remotes(&self) -> [(&'static str, &'static str); 3] {
        [
            RemoteMaintenance::Yes,
            RemoteMaintenance::No,
            RemoteMaintenance::Unconfirmed,
        ]
        .map(|said| (said.as_str(), said.label(self.page.words.language)))
    }

    fn onlys(&self) -> [(&'static str, &'static str); 3] {
        [
            ("support_ended", self.page.w("ledger.only_support_ended")),
            ("unconfirmed", self.page.w("ledger.only_unconfirmed")),
            ("retired", self.page.w("ledger.only_retired")),
        ]
    }

    /// Choices of the filters by what stands in the ledger: name, heading, what is there, chosen.
    fn said(
        &self,
    ) -> [(
        &'static str,
        String,
        &std::collections::BTreeSet<String>,
        &str,
    ); 3] {
        let title = |field| field_title(field, self.page.words.language);
        let (list, query) = (&self.list, &self.query);
        [
            (
                "system",
                title(AssetField::System),
                &list.systems,
                &query.system,
            ),
            (
                "vendor",
                title(AssetField::Vendor),
                &list.vendors,
                &query.vendor,
            ),
            (
                "usability",
                title(AssetField::Usability),
                &list.usabilities,
                &query.usability,
            ),
        ]
    }
}

async fn list(
    visit: Visit,
    Query(query): Query<LedgerQuery>,
    Query(window): Query<Window>,
) -> Result<Response, Problem> {
    let workspace = &visit.workspace;
    let list = workspace.ledger_list(&query).await?;
    let may_change = may_change(&visit);
    let from = window.from.unwrap_or(0);
    let n_shown = window
        .shown
        .unwrap_or(0)
        .max(ROWS_AT_ONCE)
        .min(list.found.len());
    let rows = list.found.iter().take(n_shown).skip(from);
    let row = |version| Row::of(version, workspace.today, visit.language, may_change);
    render(&ListPage {
        page: visit.page("ledger.title"),
        rows: rows.map(row).collect(),
        n_found: list.found.len(),
        n_shown,
        may_change,
        query,
        list,
    })
}

#[derive(Deserialize)]
struct Encoding {
    #[serde(default)]
    encoding: String,
}

async fn export_csv(visit: Visit, Query(asked): Query<Encoding>) -> Result<Response, Problem> {
    let encoding = match asked.encoding.as_str() {
        "cp932" => CsvEncoding::Cp932,
        _ => CsvEncoding::Utf8Bom,
    };
    export(&visit, LedgerFormat::Csv(encoding), "csv", "text/csv").await
}

async fn export_xlsx(visit: Visit) -> Result<Response, Problem> {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    export(&visit, LedgerFormat::Xlsx, "xlsx", kind).await
}

async fn export_pdf(visit: Visit) -> Result<Response, Problem> {
    export(&visit, LedgerFormat::Pdf, "pdf", "application/pdf").await
}

async fn export(
    visit: &Visit,
    format: LedgerFormat,
    ending: &str,
    kind: &'static str,
) -> Result<Response, Problem> {
    let workspace = &visit.workspace;
    let (bytes, _) = workspace.ledger_file(format, true).await?;
    let title = visit.words().get("ledger.file");
    let name = format!(
        "{title}-{}-{}.{ending}",
        workspace.institution.name, workspace.today
    );
    Ok(attachment(&name, kind, bytes))
}

#[derive(Deserialize)]
struct Labelled {
    /// These devices; without any, those of the list.
    #[serde(default)]
    ids: Vec<String>,
}

async fn labels_pdf(
    visit: Visit,
    headers: HeaderMap,
    axum_extra::extract::Query(asked): axum_extra::extract::Query<Labelled>,
    Query(query): Query<LedgerQuery>,
) -> Result<Response, Problem> {
    let workspace = &visit.workspace;
    let mut devices = Vec::new();
    for id in asked.ids {
        devices.push(workspace.asset_version(&AssetId::new(id)).await?);
    }
    if devices.is_empty() {
        devices = workspace.ledger_list(&query).await?.found;
    }
    let address = address(&visit, &headers);
    let bytes = workspace
        .asset_labels(devices, address, visit.language)
        .await?;
    let title = visit.words().get("ledger.labels_file");
    let name = format!("{title}-{}.pdf", workspace.today);
    Ok(attachment(&name, "application/pdf", bytes))
}

/// Where a telephone reaches these pages; none if only this machine does.
fn address(visit: &Visit, headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let is_here = ["localhost", "127.", "[::1]"]
        .iter()
        .any(|here| host.starts_with(here));
    let scheme = if visit.app.secure { "https" } else { "http" };
    (!is_here).then(|| format!("{scheme}://{host}"))
}

/// Whoever may do more than read.
fn may_change(visit: &Visit) -> bool {
    visit.entry.roles.iter().any(|role| *role != Role::Viewer)
}
