//! Forms as read to the draft of an edition: ids, slugs taken over, sources.

use std::collections::{BTreeMap, BTreeSet};

use sonae_domain::edition::{
    Audience, EditionHead, EditionStatus, Form, Group, Item, Section, SourceDocument, Verification,
    Wording,
};
use sonae_domain::era;
use sonae_domain::ids::{EditionId, FormId, ItemId};

use super::read::{Found, ItemRead, SheetRead};
use super::wording::wording_key;
use crate::labels::tables as labels;

/// The frame and the rows.
pub(super) fn of(
    sheets: Vec<SheetRead>,
    fiscal_year: i16,
    document: SourceDocument,
    previous: &[Item],
) -> (EditionHead, Vec<Item>) {
    let id = EditionId::new(format!("fy{fiscal_year}"));
    let file_name = document.title.clone();
    let source = Source {
        file_name: &file_name,
    };
    let mut slugs = Slugs::of(previous);
    let mut forms: Vec<Form> = Vec::new();
    let mut items = Vec::new();
    for sheet in sheets {
        let form = form(&sheet, &forms, &source);
        slugs.next_form();
        for (n, item) in sheet.items.iter().enumerate() {
            let slug = slugs.take(&form, &item.wording.text, n + 1);
            items.push(self::item(
                item,
                &form,
                format!("{id}/{}/{slug}", form.id),
                &source,
            ));
        }
        forms.push(form);
    }
    let head = EditionHead {
        id,
        label: format!("{}版", era::format_fiscal_year(fiscal_year)),
        issuer: labels::MINISTRY.to_owned(),
        fiscal_year,
        published_on: None,
        status: EditionStatus::Draft,
        replaces: None,
        remark: labels::draft_remark(&file_name),
        sources: vec![document],
        forms,
    };
    (head, items)
}

struct Source<'a> {
    file_name: &'a str,
}

impl Source<'_> {
    fn wording(&self, found: &Found) -> Wording {
        self.wording_of(&found.text, &found.at)
    }

    fn wording_of(&self, text: &str, at: &str) -> Wording {
        Wording {
            text: text.to_owned(),
            verification: Verification::ToVerify,
            source: format!("{}, {at}", self.file_name),
        }
    }
}

fn form(sheet: &SheetRead, others: &[Form], source: &Source<'_>) -> Form {
    let audience = audience(sheet, source.file_name);
    let (id, label) = match audience {
        Audience::Facility => ("facility", "医療機関確認用"),
        Audience::Pharmacy => ("pharmacy", "薬局確認用"),
        Audience::Organisation => ("organisation", "医療機関・薬局確認用"),
        Audience::Vendor => ("vendor", "事業者確認用"),
    };
    let n_same = others
        .iter()
        .filter(|form| form.audience == audience)
        .count();
    let id = if n_same == 0 {
        id.to_owned()
    } else {
        format!("{id}-{}", n_same + 1)
    };
    let printed = sheet
        .labels
        .iter()
        .find(|found| found.text.contains("確認用"));
    let mut sections: Vec<Section> = sheet
        .sections
        .iter()
        .map(|(id, title)| Section {
            id: id.clone(),
            title: source.wording(title),
        })
        .collect();
    number_doubles(sections.iter_mut().map(|section| &mut section.id));
    if sheet.items.iter().any(|item| item.section.is_none()) {
        let title = source.wording_of("", &sheet.sheet);
        sections.insert(
            0,
            Section {
                id: NO_SECTION.to_owned(),
                title,
            },
        );
    }
    let mut groups: Vec<Group> = (1..)
        .zip(&sheet.groups)
        .map(|(n, title)| Group {
            id: group_id(&title.text, n),
            title: source.wording(title),
        })
        .collect();
    number_doubles(groups.iter_mut().map(|group| &mut group.id));
    Form {
        id: FormId::new(id),
        audience,
        label: printed
            .map_or(label, |found| found.text.as_str())
            .to_owned(),
        title: match &sheet.title {
            Some(title) => source.wording(title),
            None => source.wording_of("", &sheet.sheet),
        },
        notes: sheet
            .notes
            .iter()
            .map(|note| source.wording(note))
            .collect(),
        rounds: sheet.rounds,
        has_note_column: sheet.has_note_column,
        sections,
        groups,
    }
}

/// Items above the first section, such as the question whether there is any system.
const NO_SECTION: &str = "0";

/// Ids that stand twice get a number.
fn number_doubles<'a>(ids: impl Iterator<Item = &'a mut String>) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for id in ids {
        let n = seen.entry(id.clone()).or_default();
        *n += 1;
        if *n > 1 {
            *id = format!("{id}-{n}");
        }
    }
}

/// The same ids as in earlier editions, where the title names the same thing.
fn group_id(title: &str, n: usize) -> String {
    [
        ("全般", "general"),
        ("サーバ", "server"),
        ("端末", "terminal"),
        ("ネットワーク", "network"),
    ]
    .into_iter()
    .find(|(word, _)| title.contains(word))
    .map_or_else(|| format!("group-{n}"), |(_, id)| id.to_owned())
}

/// Who answers: by the label on the form, then the sheet's name, the title, the file's name.
fn audience(sheet: &SheetRead, file_name: &str) -> Audience {
    let title = sheet.title.iter().map(|title| title.text.as_str());
    let labels = sheet.labels.iter().map(|label| label.text.as_str());
    let texts: Vec<&str> = labels.chain([sheet.sheet.as_str()]).chain(title).collect();
    let by_label = texts
        .iter()
        .filter(|text| text.contains("確認用"))
        .find_map(|text| named(text));
    by_label
        .or_else(|| texts.iter().find_map(|text| named(text)))
        .or_else(|| named(file_name))
        .unwrap_or(Audience::Organisation)
}

fn named(text: &str) -> Option<Audience> {
    match (
        text.contains("事業者"),
        text.contains("医療機関"),
        text.contains("薬局"),
    ) {
        (true, _, _) => Some(Audience::Vendor),
        (_, true, true) => Some(Audience::Organisation),
        (_, true, false) => Some(Audience::Facility),
        (_, false, true) => Some(Audience::Pharmacy),
        _ => None,
    }
}

fn item(item: &ItemRead, form: &Form, id: String, source: &Source<'_>) -> Item {
    let shift = usize::from(form.sections.first().is_some_and(|s| s.id == NO_SECTION));
    let section = item.section.map_or(0, |section| section + shift);
    let (text, remark) = match item.wording.text.find('※') {
        Some(at) if at > 0 => item.wording.text.split_at(at),
        _ => (item.wording.text.as_str(), ""),
    };
    let remark = (!remark.trim().is_empty()).then(|| remark.trim().to_owned());
    let is_exempt =
        |remark: &String| remark.contains("契約していない") && remark.contains("記入不要");
    Item {
        id: ItemId::new(id),
        form: form.id.clone(),
        section: form
            .sections
            .get(section)
            .map(|s| s.id.clone())
            .unwrap_or_default(),
        group: item
            .group
            .and_then(|group| form.groups.get(group))
            .map(|group| group.id.clone()),
        number: item.number.clone(),
        wording: source.wording_of(text.trim(), &item.wording.at),
        exempt_without_vendor: remark.as_ref().is_some_and(is_exempt),
        remark,
        original: None,
        changed: None,
        guideline: Vec::new(),
    }
}

/// Slugs of a previous edition by wording.
struct Slugs<'a> {
    by_wording: BTreeMap<String, Vec<&'a Item>>,
    /// Slugs of the form at hand.
    used: BTreeSet<String>,
}

impl<'a> Slugs<'a> {
    fn of(previous: &'a [Item]) -> Self {
        let mut by_wording: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
        for item in previous {
            by_wording
                .entry(wording_key(&item.wording.text))
                .or_default()
                .push(item);
        }
        Self {
            by_wording,
            used: BTreeSet::new(),
        }
    }

    fn next_form(&mut self) {
        self.used.clear();
    }

    /// The slug of the same wording on the same form before, or on any form of the same side; the
    /// order tells rows apart that share their wording (サーバ, 端末PC). Otherwise the row's number.
    fn take(&mut self, form: &Form, text: &str, n: usize) -> String {
        let text = text.split('※').next().unwrap_or_default();
        let known = self
            .by_wording
            .get(&wording_key(text))
            .map(Vec::as_slice)
            .unwrap_or_default();
        let is_vendor = |id: &FormId| id.as_str().starts_with("vendor");
        let same_form = known.iter().filter(|item| item.form == form.id);
        let same_side = known
            .iter()
            .filter(|item| is_vendor(&item.form) == is_vendor(&form.id));
        let slug = same_form
            .chain(same_side)
            .filter_map(|item| item.id.as_str().rsplit('/').next())
            .find(|slug| !self.used.contains(*slug))
            .map_or_else(|| format!("row-{n}"), str::to_owned);
        self.used.insert(slug.clone());
        slug
    }
}
