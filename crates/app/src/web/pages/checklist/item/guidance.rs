//! An item in plain words: what is asked, why, what would confirm it, what to say on the telephone.

use sonae_domain::edition::Item;
use sonae_domain::labels::Language;

use crate::usecase::checklist::Checklist;
use crate::web::visit::Visit;

/// One control explained.
pub(super) struct Explained {
    pub(super) what: String,
    pub(super) why: String,
    pub(super) look_at: Vec<String>,
    pub(super) evidence: Vec<String>,
    pub(super) inspector: String,
    pub(super) script: String,
    /// Words of the glossary: id and word.
    pub(super) terms: Vec<(String, String)>,
}

/// What is asked, in a few words.
pub(super) fn title(checklist: &Checklist<'_>, item: &Item, language: Language) -> String {
    let controls = checklist.controls(&item.id);
    let title = controls.first().map(|control| control.title.get(language));
    title.unwrap_or(&item.number).to_owned()
}

pub(super) fn explained(visit: &Visit, checklist: &Checklist<'_>, item: &Item) -> Vec<Explained> {
    let (workspace, language) = (&visit.workspace, visit.language);
    let glossary = &workspace.catalog.glossary;
    let controls = checklist.controls(&item.id).into_iter();
    let explained = |control: &sonae_domain::control::Control| {
        let guidance = language.pick(&control.ja, &control.en);
        let mut terms: Vec<_> = control
            .terms
            .iter()
            .filter_map(|id| glossary.term(id))
            .collect();
        terms.sort_by_key(|term| language.pick(&term.reading, &term.en));
        let person = &visit.person().name;
        Explained {
            what: guidance.what.clone(),
            why: guidance.why.clone(),
            look_at: guidance.look_at.clone(),
            evidence: guidance.evidence.clone(),
            inspector: guidance.inspector.clone(),
            script: workspace.spoken_by(&guidance.vendor_script, person, language),
            terms: terms
                .iter()
                .map(|term| {
                    let word = language.pick(&term.ja, &term.en);
                    (term.id.to_string(), word.clone())
                })
                .collect(),
        }
    };
    controls.map(explained).collect()
}
