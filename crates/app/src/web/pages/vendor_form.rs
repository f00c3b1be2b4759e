//! The fields of 事業者確認用 as a vendor fills them in, and as the institution types them from a
//! returned paper: the same for both.

use jiff::civil::Date;
use sonae_domain::answer::AnswerValue;
use sonae_domain::edition::{Verification, Wording};
use sonae_domain::labels::{Label, Language};
use sonae_domain::ledger::RemoteMaintenance;

use super::setup::Choice;
use crate::usecase::first_visit::day;
use crate::usecase::register_forms::Typed;
use crate::usecase::vendor_answers::{Mend, Questions, field_of};
use crate::web::values::wire;
use crate::web::words::Words;

/// All that must be mended, each at its field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mended(Vec<(String, String)>);

impl Mended {
    pub(super) fn of(mends: Vec<Mend>, language: Language) -> Self {
        let told = mends.into_iter();
        Self(
            told.map(|mend| (mend.field, mend.text.get(language).to_owned()))
                .collect(),
        )
    }

    /// What is refused as a whole.
    pub(super) fn said(sentence: &str) -> Self {
        Self(vec![("main".to_owned(), sentence.to_owned())])
    }

    /// Field and sentence.
    pub(super) fn all(&self) -> &[(String, String)] {
        &self.0
    }

    /// What is wrong with a field.
    pub(super) fn at(&self, field: &str) -> Option<&str> {
        let mut all = self.0.iter();
        let found = all.find(|(of, _)| of == field)?;
        Some(&found.1)
    }
}

/// The form with what was typed into it.
pub(super) struct FormFields {
    pub(super) edition: String,
    pub(super) edition_label: String,
    pub(super) form_label: String,
    pub(super) title: String,
    pub(super) title_unverified: bool,
    pub(super) groups: Vec<GroupFields>,
    pub(super) devices: Vec<DeviceFields>,
    pub(super) n_devices_more: usize,
    pub(super) answered_by: String,
    pub(super) confirmed_on: String,
    /// The same day, written out.
    pub(super) confirmed_shown: String,
    pub(super) other_devices: String,
    pub(super) usb: String,
    pub(super) passwords: String,
}

/// Rows that stand under one line of the form.
pub(super) struct GroupFields {
    pub(super) section: String,
    pub(super) title: Option<String>,
    pub(super) items: Vec<ItemFields>,
}

/// A row of the form.
pub(super) struct ItemFields {
    pub(super) number: String,
    pub(super) wording: String,
    pub(super) unverified: bool,
    pub(super) remark: Option<String>,
    /// Names of the fields.
    pub(super) value: String,
    pub(super) target: String,
    pub(super) note: String,
    pub(super) choices: Vec<Choice>,
    pub(super) target_on: String,
    /// The same day, written out.
    pub(super) target_shown: String,
    pub(super) note_typed: String,
}

impl ItemFields {
    /// The word of the answer chosen; empty where none is.
    pub(super) fn answer(&self) -> &str {
        let mut choices = self.choices.iter();
        let chosen = choices.find(|choice| choice.is_chosen);
        chosen.map_or("", |choice| &choice.label)
    }
}

/// A device that the vendor is asked about.
pub(super) struct DeviceFields {
    pub(super) name: String,
    pub(super) model: String,
    /// Names of the fields.
    pub(super) remote: String,
    pub(super) how: String,
    pub(super) choices: Vec<Choice>,
    pub(super) how_typed: String,
}

impl DeviceFields {
    /// The word of the answer chosen; empty where none is.
    pub(super) fn answer(&self) -> &str {
        let mut choices = self.choices.iter();
        let chosen = choices.find(|choice| choice.is_chosen);
        chosen.map_or("", |choice| &choice.label)
    }
}

impl FormFields {
    pub(super) fn of(
        questions: &Questions<'_>,
        typed: &Typed,
        today: Date,
        language: Language,
    ) -> Self {
        let form = questions.form;
        let confirmed_on = match typed.one("confirmed_on") {
            "" => today.to_string(),
            typed => typed.to_owned(),
        };
        Self {
            edition: questions.edition.head.id.to_string(),
            edition_label: questions.edition.head.label.clone(),
            form_label: form.label.clone(),
            title: form.title.text.clone(),
            title_unverified: is_unverified(&form.title),
            groups: groups(questions, typed, language),
            devices: devices(questions, typed, language),
            n_devices_more: questions.n_devices_more,
            answered_by: typed.one("answered_by").to_owned(),
            confirmed_shown: written_out(&confirmed_on, language),
            confirmed_on,
            other_devices: typed.one("other_devices").to_owned(),
            usb: typed.one("usb").to_owned(),
            passwords: typed.one("duties").to_owned(),
        }
    }

    /// How many rows have no answer.
    pub(super) fn n_open(&self) -> usize {
        let items = self.groups.iter().flat_map(|group| &group.items);
        items.filter(|item| item.answer().is_empty()).count()
    }
}

/// A day as it is written everywhere; what is no day stays as it was typed.
fn written_out(typed: &str, language: Language) -> String {
    match day(typed, "confirmed_on") {
        Ok(Some(day)) => Words::of(language).day(day),
        Ok(None) | Err(_) => typed.to_owned(),
    }
}

/// Whether a wording still has to be compared with the official file.
pub(super) fn is_unverified(wording: &Wording) -> bool {
    wording.verification != Verification::Verified
}

fn groups(questions: &Questions<'_>, typed: &Typed, language: Language) -> Vec<GroupFields> {
    let form = questions.form;
    let mut groups: Vec<GroupFields> = Vec::new();
    let mut last = None;
    for item in &questions.items {
        let here = Some((&item.section, &item.group));
        if last != here {
            let section = form.sections.iter().find(|it| it.id == item.section);
            let title = form
                .groups
                .iter()
                .find(|it| Some(&it.id) == item.group.as_ref());
            groups.push(GroupFields {
                section: section.map(|it| it.title.text.clone()).unwrap_or_default(),
                title: title.map(|it| it.title.text.clone()),
                items: Vec::new(),
            });
            last = here;
        }
        let handle = questions.edition.handle(item);
        let (value, target) = (field_of("value", &handle), field_of("target", &handle));
        let note = field_of("note", &handle);
        let mut values = vec![AnswerValue::Yes, AnswerValue::No];
        values.extend(
            item.exempt_without_vendor
                .then_some(AnswerValue::NotRequired),
        );
        if let Some(group) = groups.last_mut() {
            group.items.push(ItemFields {
                number: item.number.clone(),
                wording: item.wording.text.clone(),
                unverified: is_unverified(&item.wording),
                remark: item.remark.clone(),
                choices: choices(&values, typed.one(&value), language),
                target_on: typed.one(&target).to_owned(),
                target_shown: written_out(typed.one(&target), language),
                note_typed: typed.one(&note).to_owned(),
                value,
                target,
                note,
            });
        }
    }
    groups
}

fn devices(questions: &Questions<'_>, typed: &Typed, language: Language) -> Vec<DeviceFields> {
    let words = Words::of(language);
    let all = [
        RemoteMaintenance::Yes,
        RemoteMaintenance::No,
        RemoteMaintenance::Unconfirmed,
    ];
    let fields = questions.devices.iter().map(|(id, record)| {
        let remote = field_of("remote", id.as_str());
        let how = field_of("how", id.as_str());
        let choices = all.map(|value| Choice {
            is_chosen: wire(value) == typed.one(&remote),
            label: words.remote(value).to_owned(),
            value: wire(value),
        });
        DeviceFields {
            name: record.name.clone(),
            model: record.model.clone().unwrap_or_default(),
            how_typed: typed.one(&how).to_owned(),
            choices: choices.into(),
            remote,
            how,
        }
    });
    fields.collect()
}

fn choices(values: &[AnswerValue], typed: &str, language: Language) -> Vec<Choice> {
    let choice = |value: &AnswerValue| Choice {
        is_chosen: wire(*value) == typed,
        label: value.label(language).to_owned(),
        value: wire(*value),
    };
    values.iter().map(choice).collect()
}

impl Words {
    /// What a vendor may say about a device; it does not know where an institution would look.
    pub(super) fn remote(self, value: RemoteMaintenance) -> &'static str {
        match value {
            RemoteMaintenance::Unconfirmed => self.get("vendor.unknown"),
            known => known.label(self.language),
        }
    }
}
