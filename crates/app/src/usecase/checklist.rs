//! Judging a form: current facts, checks, answers, and one standing per item with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use sonae_domain::answer::{Answer, AnswerValue, InstitutionKind};
use sonae_domain::control::Control;
use sonae_domain::edition::{Audience, Edition, Form, Item};
use sonae_domain::ids::{CheckId, EditionId, EvidenceId, FormId, ItemId, Subject};
use sonae_domain::judgement::{Case, ItemStanding};
use sonae_domain::labels::{Label, Language};
use sonae_domain::lookup::{self, LookupError};
use sonae_domain::standing::Standing;
use sonae_domain::verdict::{CheckHead, CheckRow, Verdict};
use sonae_judge::Check;
use sonae_store::Answered;

use super::failure::Failure;
use super::judged::{Basis, Judged};
use super::judging::NO_EVIDENCE;
use super::labels;
use super::workspace::Workspace;

/// Which form to judge or print; nothing means the institution's own of the newest edition.
#[derive(Debug, Clone, Default)]
pub(crate) struct WhichForm {
    pub(crate) form: Option<String>,
    pub(crate) edition: Option<String>,
}

/// A judged form with everything needed to say why.
pub(crate) struct Checklist<'a> {
    pub(crate) edition: &'a Edition,
    pub(crate) form: &'a Form,
    pub(crate) as_of: Date,
    pub(crate) standings: Vec<ItemStanding>,
    /// Every round's latest answer, also of rounds that were not judged by.
    pub(crate) answers: Vec<Answer>,
    pub(crate) judged: Arc<Judged>,
    /// The last change, in the institution's journal.
    pub(crate) last_entry: i64,
    workspace: &'a Workspace,
}

impl Workspace {
    /// Finds the form that a user means.
    ///
    /// # Errors
    /// No such edition or form.
    pub(crate) fn form(&self, which: &WhichForm) -> Result<(&Edition, &Form), Failure> {
        let edition = match &which.edition {
            Some(id) => self.catalog.editions.get(&EditionId::new(id.as_str())),
            None => self.catalog.newest_edition(),
        };
        let edition = edition.ok_or_else(|| {
            let known = self.catalog.editions.keys().map(EditionId::as_str);
            Failure::refused(labels::unknown_edition(which.edition.as_deref(), known))
        })?;
        let form = match &which.form {
            Some(id) => edition.form(&FormId::new(id.as_str())),
            None => own_form(edition, self.institution.kind),
        };
        form.map(|form| (edition, form)).ok_or_else(|| {
            let known = edition.head.forms.iter().map(|form| form.id.as_str());
            Failure::refused(labels::unknown_form(
                which.form.as_deref(),
                &edition.head.id,
                known,
            ))
        })
    }

    /// Finds the row that a user means.
    ///
    /// # Errors
    /// No such row, or several with the same number.
    pub(crate) fn item<'a>(
        &self,
        edition: &'a Edition,
        form: &'a Form,
        typed: &str,
    ) -> Result<&'a Item, Failure> {
        lookup::find(edition, &form.id, typed).map_err(|error| {
            Failure::refused(match error {
                LookupError::Unknown => {
                    let known = edition.items_of(&form.id).map(|item| edition.handle(item));
                    labels::unknown_item(typed, known)
                }
                LookupError::Ambiguous(items) => {
                    labels::ambiguous_item(typed, items.iter().map(|item| edition.handle(item)))
                }
            })
        })
    }

    /// A telephone script in the name of the institution, as a pharmacy or clinic speaks.
    pub(crate) fn addressed(&self, script: &str, language: Language) -> String {
        let is_pharmacy = self.institution.kind == InstitutionKind::Pharmacy;
        let named = self.institution.name != labels::INSTITUTION_UNNAMED;
        let name = match (named, is_pharmacy) {
            (true, _) => self.institution.name.as_str(),
            (false, true) => labels::PHARMACY_UNNAMED,
            (false, false) => return script.to_owned(),
        };
        if language == Language::En {
            return script.to_owned();
        }
        let script = labels::SCRIPT_CALLERS
            .iter()
            .fold(script.to_owned(), |script, caller| {
                script.replace(caller, name)
            });
        match is_pharmacy {
            true => script.replace(labels::SCRIPT_OWN.0, labels::SCRIPT_OWN.1),
            false => script,
        }
    }

    /// A telephone script as this person says it.
    pub(crate) fn spoken_by(&self, script: &str, person: &str, language: Language) -> String {
        self.addressed(script, language)
            .replace(labels::SCRIPT_PERSON, person)
    }

    /// Judges a form as of today, by the answers up to a round, or all.
    ///
    /// # Errors
    /// No such form, or the store or a check fails.
    pub(crate) async fn judge(
        &self,
        which: &WhichForm,
        round: Option<u8>,
    ) -> Result<Checklist<'_>, Failure> {
        self.judge_answers(which, self.answered().await?, round)
            .await
    }

    /// The same by answers that the caller has read.
    ///
    /// # Errors
    /// See [`Workspace::judge`].
    pub(crate) async fn judge_answers(
        &self,
        which: &WhichForm,
        answered: Answered,
        round: Option<u8>,
    ) -> Result<Checklist<'_>, Failure> {
        let (edition, form) = self.form(which)?;
        let basis = Basis {
            generation: answered.generation,
            day: self.today,
        };
        let judged = self.judged(edition, form, basis).await?;
        let checklist = Checklist {
            edition,
            form,
            as_of: self.today,
            standings: Vec::new(),
            answers: answered.answers,
            judged,
            last_entry: answered.last_entry,
            workspace: self,
        };
        Ok(checklist.stood(round))
    }

    /// What the checks of a form say, as they said it before if nothing that they see has changed.
    /// The basis was read before anything else is: what changes while we judge makes the next reader
    /// judge again.
    async fn judged(
        &self,
        edition: &Edition,
        form: &Form,
        basis: Basis,
    ) -> Result<Arc<Judged>, Failure> {
        let about = (
            self.institution.id.clone(),
            edition.head.id.clone(),
            form.id.clone(),
        );
        let cache = &self.installation.judged;
        if let Some(judged) = cache.get(&about, basis).filter(|_| self.as_of.is_none()) {
            return Ok(judged);
        }
        let assets = self.ledger().await?;
        let evidence = self.evidence_by_id().await?;
        let checks = self.checks_of(edition, form);
        let said = self.run_checks(checks, &assets, &evidence).await?;
        let by_id = said.verdicts.into_iter();
        let judged = Arc::new(Judged {
            verdicts: by_id
                .map(|verdict| (verdict.check.clone(), verdict))
                .collect(),
            evidence,
            subjects: said.subjects,
        });
        if self.as_of.is_none() {
            cache.keep(about, basis, &judged);
        }
        Ok(judged)
    }

    /// The checks that speak about a form.
    pub(super) fn checks_of(&self, edition: &Edition, form: &Form) -> Vec<Check> {
        let ids: BTreeSet<&CheckId> = edition
            .items_of(&form.id)
            .flat_map(|item| edition.controls_of(&item.id))
            .filter_map(|control| self.catalog.controls.get(control))
            .flat_map(|control| &control.checks)
            .collect();
        ids.into_iter()
            .filter_map(|id| self.catalog.checks.get(id))
            .cloned()
            .collect()
    }
}

/// The answer of the latest round by row, up to a round or at all.
fn latest_by_item(answers: &[Answer], round: Option<u8>) -> BTreeMap<ItemId, Answer> {
    let counts = |answer: &&Answer| round.is_none_or(|round| answer.round <= round);
    let mut latest: BTreeMap<ItemId, Answer> = BTreeMap::new();
    for answer in answers.iter().filter(counts) {
        let known = latest.get(&answer.item);
        if known.is_none_or(|known| known.round <= answer.round) {
            latest.insert(answer.item.clone(), answer.clone());
        }
    }
    latest
}

fn own_form(edition: &Edition, kind: InstitutionKind) -> Option<&Form> {
    let own = match kind {
        InstitutionKind::Pharmacy => Audience::Pharmacy,
        _ => Audience::Facility,
    };
    let with = |audience| {
        edition
            .head
            .forms
            .iter()
            .find(|form| form.audience == audience)
    };
    with(own).or_else(|| with(Audience::Organisation))
}

impl Checklist<'_> {
    /// The same answers beside what checks say on other grounds.
    pub(super) fn judged_anew(self, judged: Judged) -> Self {
        let judged = Arc::new(judged);
        Self { judged, ..self }.stood(None)
    }

    /// With the standings that follow from verdicts and the answers up to a round.
    fn stood(mut self, round: Option<u8>) -> Self {
        let case = Case {
            edition: self.edition,
            controls: &self.workspace.catalog.controls,
            verdicts: &self.judged.verdicts,
            institution: &self.workspace.institution,
            answers: &latest_by_item(&self.answers, round),
            as_of: self.as_of,
        };
        self.standings = case.judge(&self.form.id);
        self
    }

    /// What people call a subject: the asset's name, the host's name, else the subject itself.
    pub(crate) fn subject_name<'a>(&'a self, subject: &'a Subject) -> &'a str {
        self.judged
            .subjects
            .get(subject.as_str())
            .map_or(subject.as_str(), String::as_str)
    }

    /// The row of the form.
    pub(crate) fn item(&self, standing: &ItemStanding) -> Option<&Item> {
        self.edition.item(&standing.item)
    }

    /// The controls behind a row.
    pub(crate) fn controls(&self, item: &ItemId) -> Vec<&Control> {
        self.edition.item(item).map_or_else(Vec::new, |item| {
            self.workspace.catalog.controls_of(self.edition, item)
        })
    }

    /// What the file of a check says.
    pub(crate) fn check(&self, id: &CheckId) -> Option<&CheckHead> {
        self.workspace.catalog.checks.get(id).map(Check::head)
    }

    /// One sentence: why the evidence says what it says.
    pub(crate) fn reason(&self, standing: &ItemStanding, language: Language) -> String {
        let answer = standing.answer.as_ref().map(|answer| answer.value);
        if answer == Some(AnswerValue::NotRequired) && standing.standing == Standing::Contradicted {
            let by_rule = self
                .item(standing)
                .is_some_and(|item| item.exempt_without_vendor);
            return labels::not_exempt(language, by_rule).to_owned();
        }
        let Some(check) = standing.decided_by.as_ref() else {
            let controls = self.controls(&standing.item);
            let person = controls
                .iter()
                .find_map(|control| control.person_reason.as_ref());
            let person = person.map(|text| text.get(language)).unwrap_or_default();
            return labels::person_judges(language, person);
        };
        let rows = self
            .judged
            .verdicts
            .get(check)
            .map(|verdict| verdict.rows.as_slice());
        match rows {
            None | Some([]) => labels::no_evidence(language).to_owned(),
            Some(rows @ [worst, ..]) => {
                let alike = rows
                    .iter()
                    .filter(|row| row.verdict == worst.verdict)
                    .count();
                let n_more = alike.saturating_sub(1);
                let sentence = self.row_reason(check, worst, language);
                labels::worst_of(
                    language,
                    self.subject_name(&worst.subject),
                    &sentence,
                    n_more,
                )
            }
        }
    }

    /// The sentence of one row of a check.
    pub(crate) fn row_reason(&self, check: &CheckId, row: &CheckRow, language: Language) -> String {
        let Some(check) = self.check(check) else {
            return row.reason.code.clone();
        };
        if row.reason.code == sonae_judge::INCOMPLETE {
            return self.incomplete_reason(row, language);
        }
        let sentence = sonae_judge::check_reason(check, &row.reason, language);
        let evidence = row.evidence_id.as_ref();
        match row.verdict {
            Verdict::Stale => labels::stale_reason(language, &sentence, check.valid_days),
            Verdict::NotMet if self.is_old(evidence, check.valid_days) => {
                labels::still_not_met(language, &sentence, check.valid_days)
            }
            Verdict::Unknown if evidence.is_some_and(|id| id.as_str() == NO_EVIDENCE) => {
                labels::only_written(language, &sentence)
            }
            _ => sentence,
        }
    }

    fn is_old(&self, evidence: Option<&EvidenceId>, valid_days: i32) -> bool {
        let evidence = evidence.and_then(|id| self.judged.evidence.get(id));
        evidence.is_some_and(|of| (self.as_of - of.effective_on).get_days() > valid_days)
    }

    fn incomplete_reason(&self, row: &CheckRow, language: Language) -> String {
        if row.subject.as_str() == labels::LEDGER_SUBJECT {
            return labels::no_ledger(language).to_owned();
        }
        let arg = |name: &str| row.reason.args.get(name).and_then(|arg| arg.as_str());
        let table = arg("table").unwrap_or_default();
        let title = self.workspace.catalog.table(table);
        let title = title.map_or(table, |table| table.title.get(language));
        labels::incomplete(language, title, arg("detail").unwrap_or_default())
    }

    /// `412/530`, or nothing where only a person can tell.
    pub(crate) fn coverage(&self, standing: &ItemStanding) -> String {
        match (
            standing.decided_by.is_some(),
            standing.coverage.n_in_scope(),
        ) {
            (false, _) => String::new(),
            (true, n) => format!("{}/{n}", standing.coverage.n_met),
        }
    }

    /// How many rows stand how, in the order of the standings.
    pub(crate) fn counts(&self, language: Language) -> Vec<(String, usize)> {
        let mut counts = BTreeMap::new();
        for standing in &self.standings {
            *counts.entry(standing.standing).or_insert(0) += 1;
        }
        counts
            .into_iter()
            .map(|(standing, n)| (standing.label(language).to_owned(), n))
            .collect()
    }
}
