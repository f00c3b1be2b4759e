//! What the evidence says about an item: each check with its subjects, sentences and files, and the
//! documents that people put to it.

use sonae_domain::ids::{CheckId, EvidenceId};
use sonae_domain::judgement::ItemStanding;
use sonae_domain::verdict::{CheckRow, Verdict};

use crate::usecase::checklist::Checklist;
use crate::usecase::documents::DocumentView;
use crate::web::values::Badge;
use crate::web::visit::Visit;

/// Subjects shown of a check, the worst first; a link shows the rest.
const SUBJECTS_MAX: usize = 10;

/// Everything known about an item.
pub(super) struct Evidence {
    pub(super) verdict: Badge,
    /// `530件中 412件を確認`, where checks speak about it.
    pub(super) coverage: Option<String>,
    pub(super) checks: Vec<CheckSaid>,
    pub(super) documents: Vec<Paper>,
    /// How many subjects are not shown.
    pub(super) n_more: usize,
}

/// What one check says.
pub(super) struct CheckSaid {
    pub(super) title: String,
    pub(super) explanation: String,
    pub(super) verdict: Badge,
    pub(super) rows: Vec<RowSaid>,
}

/// What a check says about one subject.
pub(super) struct RowSaid {
    pub(super) subject: String,
    pub(super) verdict: Badge,
    pub(super) reason: String,
    pub(super) file: Option<File>,
}

/// The evidence behind it.
pub(super) struct File {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) day: String,
}

/// A document that people put to the item.
pub(super) struct Paper {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) note: Option<String>,
    pub(super) valid_until: Option<String>,
    pub(super) is_over: bool,
}

impl Evidence {
    pub(super) fn of(
        visit: &Visit,
        checklist: &Checklist<'_>,
        standing: &ItemStanding,
        documents: &[DocumentView],
        all: bool,
    ) -> Self {
        let n_max = if all { usize::MAX } else { SUBJECTS_MAX };
        let n_rows = |id: &CheckId| {
            checklist
                .judged
                .verdicts
                .get(id)
                .map_or(0, |s| s.rows.len())
        };
        let n_more = standing
            .checks
            .iter()
            .map(|id| n_rows(id).saturating_sub(n_max));
        let checks = standing.checks.iter();
        let n_in_scope = standing.coverage.n_in_scope();
        let coverage = standing.decided_by.is_some().then(|| {
            let n_met = standing.coverage.n_met;
            let places: [(&str, &dyn std::fmt::Display); 2] = [("n", &n_in_scope), ("met", &n_met)];
            visit.words().with("item.coverage", &places)
        });
        Self {
            verdict: Badge::of(standing.verdict, visit.language),
            coverage,
            n_more: n_more.sum(),
            checks: checks
                .filter_map(|id| check_said(visit, checklist, id, n_max))
                .collect(),
            documents: documents.iter().map(|view| paper(visit, view)).collect(),
        }
    }
}

fn check_said(
    visit: &Visit,
    checklist: &Checklist<'_>,
    id: &CheckId,
    n_max: usize,
) -> Option<CheckSaid> {
    let check = checklist.check(id)?;
    let said = checklist.judged.verdicts.get(id);
    let rows = said.map_or(&[][..], |said| &said.rows);
    let verdict = said.map_or(Verdict::Unknown, |said| said.verdict);
    let row = |row: &CheckRow| RowSaid {
        subject: checklist.subject_name(&row.subject).to_owned(),
        verdict: Badge::of(row.verdict, visit.language),
        reason: checklist.row_reason(id, row, visit.language),
        file: row
            .evidence_id
            .as_ref()
            .and_then(|id| file(visit, checklist, id)),
    };
    Some(CheckSaid {
        title: check.title.get(visit.language).to_owned(),
        explanation: check.explanation.get(visit.language).to_owned(),
        verdict: Badge::of(verdict, visit.language),
        rows: rows.iter().take(n_max).map(row).collect(),
    })
}

fn file(visit: &Visit, checklist: &Checklist<'_>, id: &EvidenceId) -> Option<File> {
    let evidence = checklist.judged.evidence.get(id)?;
    Some(File {
        href: format!("/evidence/{id}"),
        name: evidence.file_name.clone(),
        day: visit.words().day(evidence.effective_on),
    })
}

fn paper(visit: &Visit, view: &DocumentView) -> Paper {
    let document = &view.document;
    Paper {
        href: format!("/evidence/documents/{}", view.id),
        title: document.title.clone(),
        note: document.note.clone(),
        valid_until: document.valid_until.map(|day| visit.words().day(day)),
        is_over: view.is_expired,
    }
}
