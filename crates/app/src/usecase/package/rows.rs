//! Whether the rows of a package's form are all of its edition and print what it prints, and whether their
//! standings follow from the verdicts.

use std::collections::{BTreeMap, BTreeSet};

use sonae_domain::answer::Answer;
use sonae_domain::edition::Edition;
use sonae_domain::ids::{CheckId, EvidenceId, ItemId};
use sonae_domain::judgement::{Case, ItemStanding};
use sonae_domain::standing::{EvidenceState, standing};
use sonae_domain::vendor::asks_vendors;
use sonae_domain::verdict::{CheckVerdict, Coverage, Verdict, worst};

use super::PROGRAM;
use super::contents::{Contents, FormItem};
use super::verify::Untrusted;
use crate::usecase::catalog::Catalog;
use crate::usecase::judging::is_of_no_file;

/// What checks said, by id.
pub(super) type Verdicts = BTreeMap<CheckId, CheckVerdict>;

/// How much of the form this program could make again. That standings follow from the verdicts of the
/// checks that a row names is compared in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowsCompared {
    /// Its rows, what they print, and which checks speak about them.
    Whole,
    /// Not which checks speak about a row: another version of the program wrote it.
    Printed,
    /// Not the rows either: the edition is none that this program has.
    Standings,
}

/// Compares all rows with what this program makes of the edition and the verdicts.
///
/// # Errors
/// A row is missing or too many, or says something else.
pub(super) fn compare_rows(
    contents: &Contents,
    verdicts: &Verdicts,
) -> Result<RowsCompared, Untrusted> {
    let said = &contents.form;
    for item in &said.items {
        if !follows(contents, item, verdicts) {
            return Err(Untrusted::Row(item.item.clone()));
        }
    }
    let catalog = Catalog::load().ok();
    let known = catalog.as_ref().and_then(|catalog| {
        let edition = catalog.editions.get(&said.edition)?;
        Some((catalog, edition, edition.form(&said.form)?))
    });
    let Some((catalog, edition, form)) = known else {
        return Ok(RowsCompared::Standings);
    };
    let ids = edition.items_of(&form.id).map(|item| &item.id);
    if !ids.eq(said.items.iter().map(|item| &item.item)) {
        return Err(Untrusted::Rows);
    }
    let is_same_program = contents.about.program == PROGRAM;
    let standings = match is_same_program {
        true => judged_again(contents, catalog, edition, verdicts),
        false => said.items.iter().map(standing_said).collect(),
    };
    for (item, standing) in said.items.iter().zip(&standings) {
        let again = FormItem::of(edition, form, standing, item.reason.clone());
        let again = again.map(|again| FormItem {
            answers: item.answers.clone(),
            evidence: item.evidence.clone(),
            ..again
        });
        if again.as_ref() != Some(item) {
            return Err(Untrusted::Row(item.item.clone()));
        }
    }
    Ok(match is_same_program {
        true => RowsCompared::Whole,
        false => RowsCompared::Printed,
    })
}

/// Whether verdict, standing and evidence of a row are those that the verdicts of its checks give. A row of
/// which a part is for people to judge stays unknown where all its checks are met.
fn follows(contents: &Contents, item: &FormItem, verdicts: &Verdicts) -> bool {
    let (form, as_of) = (&contents.form, contents.about.as_of);
    let of_checks = item.checks.iter();
    let of_checks = of_checks.map(|check| verdicts.get(check).map(|said| said.verdict));
    let worst = worst(of_checks.map(|verdict| verdict.unwrap_or(Verdict::Unknown)));
    let for_people = worst == Verdict::Met && item.verdict == Verdict::Unknown;
    let state = EvidenceState::from(item.verdict);
    let may_be_exempt = !asks_vendors(form.institution.vendor_contract);
    let mut standings = [false, may_be_exempt]
        .into_iter()
        .map(|is_exempt| standing(latest(item), state, is_exempt, as_of));
    (item.verdict == worst || for_people)
        && standings.any(|standing| standing == item.standing)
        && item.evidence.iter().eq(&evidence_of(item, verdicts))
}

/// The evidence of which the verdicts of a row's checks speak.
fn evidence_of(item: &FormItem, verdicts: &Verdicts) -> BTreeSet<EvidenceId> {
    let verdicts = item.checks.iter().filter_map(|id| verdicts.get(id));
    let rows = verdicts.flat_map(|verdict| &verdict.rows);
    let ids = rows.filter_map(|row| row.evidence_id.clone());
    ids.filter(|id| !is_of_no_file(id)).collect()
}

fn judged_again(
    contents: &Contents,
    catalog: &Catalog,
    edition: &Edition,
    verdicts: &Verdicts,
) -> Vec<ItemStanding> {
    let form = &contents.form;
    let answers = form.items.iter();
    let answers: BTreeMap<ItemId, Answer> = answers
        .filter_map(|item| Some((item.item.clone(), latest(item)?.clone())))
        .collect();
    let case = Case {
        edition,
        controls: &catalog.controls,
        verdicts,
        institution: &form.institution,
        answers: &answers,
        as_of: contents.about.as_of,
    };
    case.judge(&form.form)
}

fn standing_said(item: &FormItem) -> ItemStanding {
    ItemStanding {
        item: item.item.clone(),
        answer: latest(item).cloned(),
        verdict: item.verdict,
        standing: item.standing,
        decided_by: None,
        coverage: Coverage::default(),
        checks: item.checks.clone(),
    }
}

fn latest(item: &FormItem) -> Option<&Answer> {
    item.answers.iter().max_by_key(|answer| answer.round)
}
