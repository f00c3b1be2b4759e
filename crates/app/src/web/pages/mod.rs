//! The pages, a file an area: each opens its doors, and its handlers fill templates.

pub(crate) mod doors;
pub(crate) mod editions;
pub(crate) mod home;
pub(crate) mod me;
pub(crate) mod people;
pub(crate) mod registers;
pub(crate) mod second_factor;
pub(crate) mod settings;
pub(crate) mod setup;
