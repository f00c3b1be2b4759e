//! The key of a vendor beside its request: whose fingerprint to compare, and that a person did.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use sonae_domain::ids::RecordId;
use sonae_domain::signed::PublicKey;
use sonae_domain::vendor::VendorAnswer;
use sonae_domain::vendor_key::{KeyTrust, VendorKey};

use super::vendor_requests::{path_of, refuse};
use crate::usecase::register_forms::Typed;
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visit;

pub(crate) fn open(doors: Doors) -> Doors {
    doors.post("/settings/requests/{record}/key", confirm)
}

/// The keys of a vendor in words.
pub(super) struct KeysShown {
    pub(super) known: KeyShown,
    /// Who compared the fingerprint, and when.
    pub(super) confirmed: Option<String>,
    /// Another key, with which something came that was set aside.
    pub(super) offered: Option<KeyShown>,
}

/// A key as two people compare it.
pub(super) struct KeyShown {
    pub(super) name: String,
    pub(super) fingerprint: String,
}

impl KeyShown {
    fn of(key: &PublicKey) -> Self {
        Self {
            name: key.name().to_owned(),
            fingerprint: key.fingerprint(),
        }
    }
}

impl KeysShown {
    /// None where nothing signed ever came from the vendor.
    pub(super) async fn of(visit: &Visit, vendor: &RecordId) -> Result<Option<Self>, Problem> {
        let known = visit.workspace.vendor_key(vendor).await?;
        let words = visit.words();
        Ok(known.map(|known| {
            let VendorKey {
                key,
                confirmed,
                offered,
            } = known.body;
            Self {
                known: KeyShown::of(&key),
                confirmed: confirmed.map(|confirmed| {
                    let at = words.moment(confirmed.at);
                    words.with("people.by", &[("at", &at), ("by", &confirmed.by)])
                }),
                offered: offered.as_ref().map(KeyShown::of),
            }
        }))
    }
}

/// What is said of the signature of an answer, by the keys of its words: in short, and in a sentence.
pub(super) async fn signature(
    visit: &Visit,
    vendor: &RecordId,
    answer: &VendorAnswer,
) -> Result<(&'static str, &'static str), Problem> {
    let words = visit.words();
    let known = visit.workspace.vendor_key(vendor).await?;
    let known = known.map(|known| known.body);
    let trust = answer.signed_by().map(|key| {
        let known = known.as_ref();
        known.map_or(KeyTrust::Other, |known| known.trust(key))
    });
    let (short, sentence) = match trust {
        Some(KeyTrust::Confirmed) => ("requests.signed", "requests.signed_text"),
        Some(KeyTrust::Unconfirmed) => ("requests.signed_unknown", "requests.signed_unknown_text"),
        Some(KeyTrust::Other) => ("requests.signed_before", "requests.signed_before_text"),
        None if known.is_some() => ("requests.unsigned", "requests.unsigned_although"),
        None => ("requests.unsigned", "requests.unsigned_text"),
    };
    Ok((words.get(short), words.get(sentence)))
}

async fn confirm(
    visit: Visit,
    Path(record): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (id, typed) = (RecordId::new(record), Typed::of(typed));
    let view = visit.workspace.vendor_request(&id).await?;
    let by = &visit.person().name;
    let confirmed = visit
        .workspace
        .confirm_key(&view.request.vendor, typed.one("fingerprint"), by);
    match confirmed.await {
        Ok(()) => {
            let place = format!("{}?done=key_confirmed", path_of(&id));
            Ok(Redirect::to(&place).into_response())
        }
        Err(failure) => refuse(&visit, &id, failure).await,
    }
}
