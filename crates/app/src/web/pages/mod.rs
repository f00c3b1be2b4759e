//! The pages, a file an area: each opens its doors, and its handlers fill templates.

pub(crate) mod deadlines;
pub(crate) mod doors;
pub(crate) mod home;
pub(crate) mod institutions;
pub(crate) mod mail;
