//! Why a use case did not do what it was asked, in the user's words and with the cause kept.

use sonae_domain::edition::Text;

/// What kind of failure it is; decides the exit code and the HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The input was refused: a file, an answer, a name that does not exist.
    Refused,
    /// The file is refused, and must not be kept as a document either: secrets, patients, nothing.
    NeverKept,
    /// Somebody tries too often; later it works again.
    TooMany,
    /// There is no such thing, or it belongs to somebody else: nobody learns which.
    NotFound,
    /// The disk is full; nothing was half-written.
    DiskFull,
    /// The data folder or the database cannot be used.
    Unusable,
    /// Something that should not happen.
    Unexpected,
}

/// A failed use case.
#[derive(Debug, thiserror::Error)]
#[error("{}", text.en)]
pub(crate) struct Failure {
    /// What kind.
    pub(crate) kind: FailureKind,
    /// What happened to which thing, and what to do.
    pub(crate) text: Text,
    /// The field that a person must mend, by its name on the page; none if it is not one field.
    pub(crate) field: Option<&'static str>,
    /// The cause, for the log.
    #[source]
    pub(crate) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Failure {
    pub(crate) fn refused(text: Text) -> Self {
        Self {
            kind: FailureKind::Refused,
            text,
            field: None,
            source: None,
        }
    }

    pub(crate) fn never_kept(text: Text) -> Self {
        Self {
            kind: FailureKind::NeverKept,
            ..Self::refused(text)
        }
    }

    pub(crate) fn too_many(text: Text) -> Self {
        Self {
            kind: FailureKind::TooMany,
            ..Self::refused(text)
        }
    }

    pub(crate) fn not_found(text: Text) -> Self {
        Self {
            kind: FailureKind::NotFound,
            text,
            field: None,
            source: None,
        }
    }

    pub(crate) fn disk_full(text: Text) -> Self {
        Self {
            kind: FailureKind::DiskFull,
            text,
            field: None,
            source: None,
        }
    }

    /// What was refused, for a page that shows it beside what the person typed.
    ///
    /// # Errors
    /// It is a failure of another kind.
    pub(crate) fn refusal(self) -> Result<Text, Self> {
        match self.kind {
            FailureKind::Refused | FailureKind::NeverKept => Ok(self.text),
            _ => Err(self),
        }
    }

    pub(crate) fn unusable(text: Text) -> Self {
        Self {
            kind: FailureKind::Unusable,
            text,
            field: None,
            source: None,
        }
    }

    pub(crate) fn unexpected(text: Text) -> Self {
        Self {
            kind: FailureKind::Unexpected,
            text,
            field: None,
            source: None,
        }
    }

    /// Names the field that a person must mend.
    pub(crate) fn at(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    pub(crate) fn because(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }
}
