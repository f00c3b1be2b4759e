//! What people note on a question that the vendor did not answer はい or 対象外: the risk, what is
//! done about it, who assessed it and when.

use std::collections::BTreeMap;

use sonae_domain::disclosure::{
    DisclosureAnswer, DisclosureRisk, DisclosureRow, DisclosureStatement,
};
use sonae_domain::ids::RecordId;

use super::{Failure, Kept, Person, Saved, Seen, StatementDetail, Workspace, labels, not_there};
use crate::usecase::answering::refuse_secret;
use crate::usecase::first_visit::{day, filled};

/// A note as a person types it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TypedRisk {
    /// The version that the person saw; none for a new one.
    pub(crate) version: Option<i64>,
    pub(crate) risk: String,
    pub(crate) measure: String,
    pub(crate) assessed_by: String,
    pub(crate) assessed_on: String,
}

impl TypedRisk {
    pub(crate) fn of(risk: &Kept<DisclosureRisk>) -> Self {
        Self {
            version: Some(risk.version),
            risk: risk.body.risk.clone(),
            measure: risk.body.measure.clone(),
            assessed_by: risk.body.assessed_by.clone(),
            assessed_on: risk.body.assessed_on.to_string(),
        }
    }
}

impl Workspace {
    /// An empty note, with what was noted on the same question of the statement before. Whoever
    /// saves it says so anew.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn new_risk(
        &self,
        detail: &StatementDetail,
        row: &DisclosureRow,
        by: &Person,
    ) -> Result<TypedRisk, Failure> {
        let mut typed = TypedRisk {
            assessed_by: by.name.clone(),
            assessed_on: self.today.to_string(),
            ..TypedRisk::default()
        };
        if let Some((older, _)) = &detail.older {
            let asked = older.kept.body.rows.iter();
            let at = asked.clone().position(|old| old.question == row.question);
            let notes = self.risks_of(&older.id).await?;
            if let Some(note) = at.and_then(|at| notes.get(&at)) {
                typed.risk.clone_from(&note.body.risk);
                typed.measure.clone_from(&note.body.measure);
            }
        }
        Ok(typed)
    }

    /// Keeps a note, unless somebody was faster.
    ///
    /// # Errors
    /// Something is missing, there is no such question to assess, or the store fails.
    pub(crate) async fn save_risk(
        &self,
        statement: &RecordId,
        position: usize,
        typed: &TypedRisk,
        by: &Person,
    ) -> Result<Saved<Kept<DisclosureRisk>>, Failure> {
        let kept = self.kept_one::<DisclosureStatement>(statement).await?;
        assessed_row(&kept.body, position)?;
        let said = |text: &str, field: &'static str| {
            let text = filled(text);
            let missing = || Failure::refused(labels::risk_field_missing(field)).at(field);
            let text = text.ok_or_else(missing)?;
            refuse_secret(Some(&text)).map_err(|failure| failure.at(field))?;
            Ok::<String, Failure>(text)
        };
        let missing =
            || Failure::refused(labels::risk_field_missing("assessed_on")).at("assessed_on");
        let risk = DisclosureRisk {
            statement: statement.clone(),
            position,
            risk: said(&typed.risk, "risk")?,
            measure: said(&typed.measure, "measure")?,
            assessed_by: said(&typed.assessed_by, "assessed_by")?,
            assessed_on: day(&typed.assessed_on, "assessed_on")?.ok_or_else(missing)?,
        };
        if risk.assessed_on > self.today {
            let why = labels::assessed_in_future(risk.assessed_on, self.today);
            return Err(Failure::refused(why).at("assessed_on"));
        }
        let seen = Seen {
            id: RecordId::new(format!("{statement}-{position}")),
            version: typed.version,
        };
        if seen.version.is_some() {
            self.kept_one::<DisclosureRisk>(&seen.id).await?;
        }
        self.keep(&seen, &risk, &by.name).await
    }

    /// The notes on a statement, by position of the question.
    pub(super) async fn risks_of(
        &self,
        statement: &RecordId,
    ) -> Result<BTreeMap<usize, Kept<DisclosureRisk>>, Failure> {
        let risks = self.kept::<DisclosureRisk>().await?.into_iter();
        let own = risks.filter(|risk| risk.body.statement == *statement);
        Ok(own.map(|risk| (risk.body.position, risk)).collect())
    }
}

/// A question that asks for an assessment.
///
/// # Errors
/// There is none at this position, or it was answered はい or 対象外.
pub(crate) fn assessed_row(
    statement: &DisclosureStatement,
    position: usize,
) -> Result<&DisclosureRow, Failure> {
    let row = statement
        .rows
        .get(position)
        .filter(|row| matches!(row.answer, DisclosureAnswer::No | DisclosureAnswer::Unread));
    row.ok_or_else(not_there)
}
