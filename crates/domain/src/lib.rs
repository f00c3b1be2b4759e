//! The pure heart of Sonae: editions, items, answers, facts, verdicts and standings.
//! No file, clock, database or network is touched here; time and settings are arguments.

pub mod answer;
pub mod canonical;
pub mod checkpoint;
pub mod control;
pub mod disclosure;
pub mod edition;
pub mod era;
pub mod evidence;
pub mod fact;
pub mod glossary;
pub mod ids;
pub mod inspection;
pub mod judgement;
pub mod labels;
pub mod ledger;
pub mod lookup;
pub mod merkle;
pub mod package;
pub mod people;
pub mod pseudonyms;
pub mod publication;
pub mod register;
pub mod signed;
mod signs;
pub mod standing;
pub mod vendor;
pub mod vendor_file;
pub mod vendor_key;
pub mod verdict;
