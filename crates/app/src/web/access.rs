//! The committed table of who may do what: route x method x role, `data/access.csv`. Each door is
//! opened by it alone; a route without a row stays shut and fails a test.

use std::collections::BTreeMap;

use axum::http::Method;
use sonae_domain::people::Role;

const TABLE: &str = include_str!("../../../../data/access.csv");

/// Who may pass a door.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// Everybody, signed in or not.
    pub(crate) public: bool,
    /// Everybody who is signed in, even where they have no role.
    pub(crate) signed_in: bool,
    /// Who has one of these roles in the institution of the session.
    pub(crate) roles: Vec<Role>,
}

/// The table, by path and method.
#[derive(Debug, Clone)]
pub(crate) struct AccessTable {
    rows: BTreeMap<(String, Method), Allowed>,
}

/// A row that cannot be read: a mistake of ours, found by the first test that starts.
#[derive(Debug, thiserror::Error)]
#[error("data/access.csv, line {line}: {why}")]
pub(crate) struct BadTable {
    line: usize,
    why: &'static str,
}

impl AccessTable {
    /// Reads the shipped table.
    ///
    /// # Errors
    /// A row has another number of cells, an unknown method, or stands there twice.
    pub(crate) fn shipped() -> Result<Self, BadTable> {
        Self::parse(TABLE)
    }

    fn parse(text: &str) -> Result<Self, BadTable> {
        let mut rows = BTreeMap::new();
        for (at, line) in text.lines().enumerate().skip(1) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let bad = |why| BadTable { line: at + 1, why };
            let cells: Vec<&str> = line.split(',').collect();
            let [method, path, public, signed_in, roles @ ..] = &cells[..] else {
                return Err(bad("too few cells"));
            };
            if roles.len() != Role::ALL.len() {
                return Err(bad("not one cell for each role"));
            }
            let method = Method::from_bytes(method.as_bytes()).map_err(|_| bad("not a method"))?;
            let marked = Role::ALL
                .iter()
                .zip(roles)
                .filter(|(_, cell)| **cell == "x");
            let allowed = Allowed {
                public: *public == "x",
                signed_in: *signed_in == "x",
                roles: marked.map(|(role, _)| *role).collect(),
            };
            if allowed == Allowed::default() {
                return Err(bad("allows nobody"));
            }
            if rows.insert(((*path).to_owned(), method), allowed).is_some() {
                return Err(bad("the route stands there twice"));
            }
        }
        Ok(Self { rows })
    }

    /// Who may pass; nobody where the table has no row.
    pub(crate) fn of(&self, method: &Method, path: &str) -> Option<&Allowed> {
        self.rows.get(&(path.to_owned(), method.clone()))
    }

    /// All routes of the table.
    #[cfg(test)]
    pub(crate) fn routes(&self) -> impl Iterator<Item = (&str, &Method)> {
        self.rows
            .keys()
            .map(|(path, method)| (path.as_str(), method))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_says_too_little_is_refused() {
        let check = |rows: &str, why: &str| {
            let said = AccessTable::parse(&format!("head\n{rows}\n"));
            assert_eq!(said.map(|_| ()).unwrap_err().why, why, "{rows}");
        };
        check("GET,/x,x,x,x", "not one cell for each role");
        check("GET", "too few cells");
        check("G T,/x,x,,,,,,", "not a method");
        check("GET,/x,,,,,,,", "allows nobody");
        check(
            "GET,/x,x,,,,,,\nGET,/x,x,,,,,,",
            "the route stands there twice",
        );
    }
}
