//! Below the form 事業者確認用: what people took over of all that vendors said, with the way back to where
//! they did. It is beside the institution's own answers, never among them.

use sonae_domain::edition::{Audience, Edition, Form};
use sonae_domain::labels::Label;

use crate::usecase::taken_over::{TakenPlace, TakenRow};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// A row of the form as one vendor answered it, in words.
pub(super) struct Taken {
    pub(super) number: String,
    pub(super) wording: String,
    pub(super) vendor: String,
    pub(super) href: String,
    pub(super) answer: &'static str,
    pub(super) confirmed_on: String,
    pub(super) target_on: String,
    pub(super) note: String,
}

/// None on a form that no vendor fills in.
pub(super) async fn taken(
    visit: &Visit,
    edition: &Edition,
    form: &Form,
) -> Result<Option<Vec<Taken>>, Problem> {
    if form.audience != Audience::Vendor {
        return Ok(None);
    }
    let rows = visit.workspace.taken_over(edition, form).await?;
    Ok(Some(
        rows.into_iter().map(|row| shown(visit, row)).collect(),
    ))
}

fn shown(visit: &Visit, row: TakenRow<'_>) -> Taken {
    let words = visit.words();
    let product = row.product.map(|product| format!(" {product}"));
    Taken {
        number: row.item.number.clone(),
        wording: row.item.wording.text.clone(),
        vendor: format!("{}{}", row.vendor, product.unwrap_or_default()),
        href: match row.place {
            TakenPlace::Request(id) => format!("/settings/requests/{id}"),
            TakenPlace::Publication(id) => format!("/settings/publications/{id}"),
        },
        answer: row.answer.value.label(visit.language),
        confirmed_on: words.day(row.answer.confirmed_on),
        target_on: row
            .answer
            .target_on
            .map(|day| words.day(day))
            .unwrap_or_default(),
        note: row.answer.note.unwrap_or_default(),
    }
}
