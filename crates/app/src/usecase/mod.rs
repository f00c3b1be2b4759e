//! What the product does, whichever way it is asked: the only door for `cli` and `web`.

pub(crate) mod answering;
pub(crate) mod calendar;
pub(crate) mod catalog;
pub(crate) mod charts;
pub(crate) mod checklist;
pub(crate) mod collect;
pub(crate) mod deadlines;
pub(crate) mod doors;
pub(crate) mod editions;
pub(crate) mod failure;
mod files;
pub(crate) mod form;
pub(crate) mod import;
pub(crate) mod installation;
pub(crate) mod institutions;
mod judged;
mod judging;
mod labels;
pub(crate) mod ledger;
pub(crate) mod listening;
pub(crate) mod mail;
pub(crate) mod quickstart;
pub(crate) mod reader_process;
mod records;
pub(crate) mod secrets;
pub(crate) mod today;
pub(crate) mod workspace;
