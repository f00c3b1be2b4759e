//! Which institution a form was shown for. It stands in the form's action, so that it travels with
//! every kind of form, through signing in as well, and without a script. It permits nothing: it is
//! compared with the institution of the session.

use sonae_domain::ids::InstitutionId;

/// The part of the query that names the institution.
const NAME: &str = "institution";

/// A form's action that names its institution, besides what the action says already.
pub(crate) fn addressed(action: &str, institution: &InstitutionId) -> String {
    let (path, query) = action.split_once('?').unwrap_or((action, ""));
    let named = serde_html_form::to_string([(NAME, institution.as_str())]).unwrap_or_default();
    match query.is_empty() {
        true => format!("{path}?{named}"),
        false => format!("{path}?{query}&{named}"),
    }
}

/// The institution that a path with a query names.
pub(crate) fn named(place: &str) -> Option<InstitutionId> {
    let query = place.split_once('?')?.1;
    let parts: Vec<(String, String)> = serde_html_form::from_str(query).ok()?;
    let (_, id) = parts.into_iter().find(|(name, _)| name == NAME)?;
    Some(InstitutionId::new(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_names_its_institution_and_keeps_the_rest() {
        let check = |action: &str, id: &str, expected: &str| {
            let id = InstitutionId::new(id);
            assert_eq!(addressed(action, &id), expected);
            assert_eq!(named(expected), Some(id), "{expected}");
        };
        check("/ledger/new", "a", "/ledger/new?institution=a");
        check("/x?round=2", "a", "/x?round=2&institution=a");
        check("/x", "a&b", "/x?institution=a%26b");
        assert_eq!(named("/x"), None);
        assert_eq!(named("/x?round=2"), None);
    }
}
