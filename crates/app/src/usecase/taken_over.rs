//! What people took over of all that vendors said, for one form: from answers to requests and from
//! publications for products. Statements of vendors; the institution's own answers are not here.

use std::collections::BTreeMap;

use sonae_domain::answer::Answer;
use sonae_domain::edition::{Edition, Form, Item};
use sonae_domain::ids::RecordId;
use sonae_domain::publication::KeptPublication;
use sonae_domain::register::Vendor;
use sonae_domain::vendor::RequestState;

use super::failure::Failure;
use super::workspace::Workspace;

/// A row of the form as one vendor answered it.
pub(crate) struct TakenRow<'a> {
    pub(crate) item: &'a Item,
    pub(crate) vendor: String,
    /// For which product, where the vendor answered once for all its customers.
    pub(crate) product: Option<String>,
    pub(crate) answer: Answer,
    /// Where it was taken over.
    pub(crate) place: TakenPlace,
}

/// Where a person took a row over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TakenPlace {
    Request(RecordId),
    Publication(RecordId),
}

impl Workspace {
    /// Row by row in the order of the form, and by vendor.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn taken_over<'a>(
        &self,
        edition: &'a Edition,
        form: &'a Form,
    ) -> Result<Vec<TakenRow<'a>>, Failure> {
        let mut requests = self.vendor_requests().await?;
        requests.retain(|view| {
            let is_form = view.request.edition == edition.head.id && view.request.form == form.id;
            is_form && view.state != RequestState::Withdrawn
        });
        let mut publications = self.kept::<KeptPublication>().await?;
        publications
            .retain(|kept| kept.body.edition == edition.head.id && kept.body.form == form.id);
        let vendors: BTreeMap<RecordId, Vendor> = self.kept_by_id().await?;
        let mut rows = Vec::new();
        for item in edition.items_of(&form.id) {
            rows.extend(requests.iter().filter_map(|view| {
                Some(TakenRow {
                    item,
                    vendor: view.vendor.clone(),
                    product: None,
                    answer: view.taken_answer(&item.id)?,
                    place: TakenPlace::Request(view.id.clone()),
                })
            }));
            rows.extend(publications.iter().filter_map(|kept| {
                let vendor = vendors.get(&kept.body.vendor);
                Some(TakenRow {
                    item,
                    vendor: vendor.map(|vendor| vendor.name.clone()).unwrap_or_default(),
                    product: Some(kept.body.product.clone()),
                    answer: kept.body.answer(&item.id)?,
                    place: TakenPlace::Publication(kept.id.clone()),
                })
            }));
        }
        Ok(rows)
    }
}
