//! What stands at the foot of a sheet about the history behind it: the short code of a checkpoint, which
//! only helps when it has left the database, or why there is none. Nothing is verified here.

use jiff::Timestamp;
use serde::Serialize;
use sonae_domain::edition::Text;
use sonae_domain::labels::Language;

use crate::error::RenderError;
use crate::{labels, qr};

/// What is known about the history (履歴) on the day of the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryNote {
    /// It holds, and this is its checkpoint (履歴の控え).
    Checkpoint {
        /// Size and the beginning of the root.
        short_code: String,
        /// When it was signed; printed in Japanese time.
        made_at: Timestamp,
    },
    /// There is no checkpoint, and why, in a sentence.
    Missing(Text),
    /// It is not as it was written: which entry, and how. Printed in red.
    Changed(Text),
}

/// What a template gets of it.
#[derive(Debug, Serialize)]
pub(crate) struct NoteContext {
    pub(crate) text: String,
    pub(crate) is_alarm: bool,
    pub(crate) code: Option<CodeContext>,
}

/// The short code, for the eye and for the camera.
#[derive(Debug, Serialize)]
pub(crate) struct CodeContext {
    title: &'static str,
    pub(crate) short_code: String,
    made_at: String,
    pub(crate) qr: String,
    qr_spoken: &'static str,
}

impl HistoryNote {
    /// The short code of the checkpoint, if there is one, and when it was signed.
    pub(crate) fn code(&self, language: Language) -> Option<(&str, String)> {
        match self {
            Self::Checkpoint {
                short_code,
                made_at,
            } => Some((short_code, labels::written_moment(*made_at, language))),
            Self::Missing(_) | Self::Changed(_) => None,
        }
    }

    /// Something is wrong that nobody may overlook.
    pub(crate) fn is_alarm(&self) -> bool {
        matches!(self, Self::Changed(_))
    }

    /// In words, without the code.
    pub(crate) fn text(&self, language: Language) -> String {
        match self {
            Self::Checkpoint { .. } => labels::CHECKPOINT_USE.of(language).to_owned(),
            Self::Missing(why) => why.get(language).to_owned(),
            Self::Changed(what) => labels::history_changed(what.get(language), language),
        }
    }

    /// # Errors
    /// The short code is too long for a QR code.
    pub(crate) fn context(&self, language: Language) -> Result<NoteContext, RenderError> {
        let code = self.code(language).map(|(short_code, made_at)| {
            Ok::<_, RenderError>(CodeContext {
                title: labels::CHECKPOINT.of(language),
                short_code: short_code.to_owned(),
                made_at,
                qr: qr::printed(short_code)?,
                qr_spoken: labels::CHECKPOINT_QR.of(language),
            })
        });
        Ok(NoteContext {
            text: self.text(language),
            is_alarm: self.is_alarm(),
            code: code.transpose()?,
        })
    }
}
