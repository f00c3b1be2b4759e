//! LDIF (RFC 2849) as `ldapsearch`, `ldbsearch` and `ldifde` export it from a directory.
//!
//! Supported: users, computers, groups and the domain object of Active Directory and Samba; people
//! of `OpenLDAP` (`uid`, `authTimestamp`, `pwdChangedTime`, `employeeNumber`); folded lines, base64,
//! comments, `changetype: add`; whether the server said that the export is complete.
//! Unsupported: changes other than `add`, values by URL, fine-grained password settings, password
//! policies of `OpenLDAP`, managed service accounts and trusts, which are no people.
//! Refused as a whole: files with password hashes or passwords.

mod accounts;
mod detect;
mod entry;
mod lines;
mod memberships;
mod read;
#[cfg(test)]
mod tests;

pub(crate) const READER: crate::Reader = crate::Reader {
    format: "ldif",
    version: 1,
    detect: detect::detect,
    read: read::read,
};
