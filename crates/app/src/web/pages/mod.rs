//! The pages, a file an area: each opens its doors, and its handlers fill templates.

pub(crate) mod backup;
pub(crate) mod checklist;
pub(crate) mod collect;
pub(crate) mod contradictions;
pub(crate) mod deadlines;
pub(crate) mod documents;
pub(crate) mod doors;
pub(crate) mod editions;
pub(crate) mod elsewhere;
pub(crate) mod evidence;
pub(crate) mod forms;
pub(crate) mod glossary;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod institutions;
pub(crate) mod ledger;
pub(crate) mod mail;
pub(crate) mod me;
pub(crate) mod people;
pub(crate) mod registers;
pub(crate) mod second_factor;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod vendor_answer;
pub(crate) mod vendor_file;
mod vendor_form;
pub(crate) mod vendor_requests;
