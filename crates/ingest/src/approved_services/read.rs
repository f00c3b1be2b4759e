//! Rows of the list to rows of `approved_services`. When in doubt, nothing is approved.

use sonae_domain::evidence::Reading;
use sonae_domain::fact::{FactRows, FactValue};

use super::detect::{self, Field};
use crate::findings::Findings;
use crate::labels::tables as labels;
use crate::table::{self, Cells, List, Row, Scope, folded};
use crate::{Input, ReadError};

const COLUMNS: [&str; 7] = [
    "asset_name",
    "kind",
    "protocol",
    "port",
    "service",
    "reason",
    "approved_on",
];

/// Reads every sheet that is such a list.
pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    let table = table::load(super::FORMAT, input.bytes, Scope::All)?;
    let mut findings = Findings::default();
    let lists = table::lists(
        &table,
        &detect::words(),
        detect::is_approvals,
        &mut findings,
    );
    if lists.is_empty() {
        return Err(ReadError::UnknownFormat);
    }
    table::refuse_no_rows(super::FORMAT, &lists)?;
    let mut facts = FactRows::new("approved_services", &COLUMNS);
    for list in &lists {
        for row in list.rows {
            facts
                .rows
                .extend(read_row(list, row, &mut findings).unwrap_or_default());
        }
    }
    Ok(Reading {
        format: super::FORMAT.to_owned(),
        reader_version: super::READER.version,
        source: super::FORMAT.to_owned(),
        collector: super::FORMAT.to_owned(),
        command: None,
        target: None,
        collected_at: None,
        facts: vec![facts],
        assets: Vec::new(),
        findings: findings.into_vec(),
    })
}

/// One row a protocol, or nothing after a finding that says why.
fn read_row(
    list: &List<'_, Field>,
    row: &Row,
    findings: &mut Findings,
) -> Option<Vec<Vec<FactValue>>> {
    let cells = &mut list.cells(row, findings)?;
    let asset_name = needed(cells, list, Field::AssetName, ("機器名", "asset name"))?;
    let reason = needed(cells, list, Field::Reason, ("理由", "reason"))?;
    needed(
        cells,
        list,
        Field::ApprovedOn,
        ("確認日", "day of the review"),
    )?;
    let approved_on = cells.day(list.header(Field::ApprovedOn))?;
    let kind = kind(cells, list)?;
    let port = port(cells, list)?;
    let service = cells.text(list.header(Field::Service));
    if port.is_none() && service.is_none() {
        cells.row_unread(labels::approval_lacks(
            "ポートまたはサービス名",
            "port or service name",
        ));
        return None;
    }
    let protocols = protocols(cells, list)?;
    if port.is_some() && protocols.is_empty() {
        cells.row_unread(labels::approval_lacks("プロトコル", "protocol"));
        return None;
    }
    let protocols: Vec<FactValue> = match protocols {
        [] => vec![FactValue::Null],
        some => some
            .iter()
            .map(|protocol| FactValue::from(*protocol))
            .collect(),
    };
    let asset_name = if is_every(&asset_name) {
        "*".to_owned()
    } else {
        asset_name
    };
    let row = |protocol| {
        vec![
            asset_name.clone().into(),
            kind.into(),
            protocol,
            port.into(),
            service.clone().into(),
            reason.clone().into(),
            approved_on.to_string().into(),
        ]
    };
    Some(protocols.into_iter().map(row).collect())
}

/// A text without which a row approves nothing.
fn needed(
    cells: &mut Cells<'_>,
    list: &List<'_, Field>,
    field: Field,
    (ja, en): (&str, &str),
) -> Option<String> {
    let text = cells.text(list.header(field));
    if text.is_none() {
        cells.row_unread(labels::approval_lacks(ja, en));
    }
    text
}

fn is_every(name: &str) -> bool {
    matches!(
        folded(name).as_str(),
        "*" | "全て" | "すべて" | "全機器" | "全部"
    )
}

/// The kind, `Some(None)` for any; nothing if it cannot be told, since a guess would approve more.
fn kind(cells: &mut Cells<'_>, list: &List<'_, Field>) -> Option<Option<&'static str>> {
    let header = list.header(Field::Kind);
    let Some((text, header)) = cells.text(header).zip(header) else {
        return Some(None);
    };
    match folded(&text).as_str() {
        "サーバ" | "サーバー" | "server" => Some(Some("server")),
        "端末" | "端末pc" | "pc" | "パソコン" | "terminal" => Some(Some("terminal")),
        "*" | "全て" | "すべて" => Some(None),
        _ => {
            cells.unread(header, labels::approval_kind_unknown(&text));
            None
        }
    }
}

fn port(cells: &mut Cells<'_>, list: &List<'_, Field>) -> Option<Option<i64>> {
    let header = list.header(Field::Port);
    let Some((text, header)) = cells.text(header).zip(header) else {
        return Some(None);
    };
    match folded(&text).parse::<u16>() {
        Ok(port) if port > 0 => Some(Some(i64::from(port))),
        _ => {
            cells.unread(header, labels::not_a_port(&text));
            None
        }
    }
}

fn protocols(cells: &mut Cells<'_>, list: &List<'_, Field>) -> Option<&'static [&'static str]> {
    let header = list.header(Field::Protocol);
    let Some((text, header)) = cells.text(header).zip(header) else {
        return Some(&[]);
    };
    match folded(&text).as_str() {
        "tcp" => Some(&["tcp"]),
        "udp" => Some(&["udp"]),
        "tcp/udp" | "tcp・udp" | "tcp,udp" | "tcp、udp" | "tcpudp" => Some(&["tcp", "udp"]),
        _ => {
            cells.unread(header, labels::protocol_unknown(&text));
            None
        }
    }
}
