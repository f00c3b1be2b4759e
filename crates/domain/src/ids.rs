//! Typed ids, so that one kind of id is never taken for another. No meaning beyond identity here.

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a text that is already known to be such an id.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as text, for storage and output.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_id! {
    /// An edition (年度版) of the checklist, such as `fy2025`.
    EditionId;
    /// A form (様式) of an edition, such as `facility` for 医療機関確認用.
    FormId;
    /// One row of a form (チェック項目), stable across revisions: `fy2025/facility/asset-ledger`.
    ItemId;
    /// What an item asks for, independent of editions: `asset-ledger`.
    ControlId;
    /// A rule that judges facts, the name of its folder: `dormant-accounts`.
    CheckId;
    /// A word of the glossary: `asset-ledger`.
    TermId;
    /// A hospital, clinic, dental clinic, birth centre or pharmacy.
    InstitutionId;
    /// One device in the ledger (機器台帳).
    AssetId;
    /// One piece of evidence (証拠): bytes with source, date and hash.
    EvidenceId;
    /// A person's account, the same in every institution of the installation.
    AccountId;
    /// A role given to a person.
    GrantId;
    /// An access token of a person for programs.
    TokenId;
    /// Something that people keep by hand: a vendor, a contract, a system.
    RecordId;
    /// What a check speaks about: an asset, a host, an account, a backup.
    Subject;
}
