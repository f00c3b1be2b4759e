//! 今日やること: what to do next, in the order of need, and how the checklist stands.

use askama::Template;
use axum::response::Response;
use jiff::civil::Date;
use sonae_domain::answer::InstitutionKind;
use sonae_domain::labels::Language;
use sonae_domain::people::Role;
use sonae_domain::standing::Standing;

use crate::usecase::charts::{self, Drawn};
use crate::usecase::checklist::WhichForm;
use crate::usecase::today::{ItemNow, Situation, Task, TaskKind};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::values::Badge;
use crate::web::visit::Visit;

pub(crate) fn open(doors: Doors) -> Doors {
    doors.get("/", show)
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    page: Page,
    /// What the form is called: 令和7年度版 医療機関確認用.
    form: String,
    is_hospital: bool,
    next: Option<ItemNow>,
    n_items: usize,
    n_answered: usize,
    standings: Vec<(Standing, usize)>,
    sections: Drawn,
    coverage: Option<Drawn>,
    tasks: Vec<Task>,
    today: Date,
}

impl Home {
    fn language(&self) -> Language {
        self.page.words.language
    }

    /// The badge of a task: the word of the standing that gives it its colour, and what it says.
    fn badge(&self, task: &Task) -> (&'static str, &'static str) {
        match task.kind {
            TaskKind::Contradicted => ("contradicted", self.page.w("home.contradicted")),
            TaskKind::Overdue => ("overdue", self.page.w("home.overdue")),
            TaskKind::TargetMissing => ("target_missing", self.page.w("home.target_missing")),
            TaskKind::Ended => ("stale", self.page.w("home.ended")),
            TaskKind::Undated => ("planned", self.page.w("home.undated")),
            TaskKind::Soon => ("planned", self.page.w("home.soon")),
            TaskKind::Later => ("planned", self.page.w("home.later")),
            TaskKind::ReadyToConfirm => ("ready_to_confirm", self.page.w("home.ready")),
            TaskKind::Unanswered => ("unanswered", self.page.w("home.unanswered")),
            TaskKind::LedgerEmpty | TaskKind::UnlistedDevices => {
                ("unanswered", self.page.w("home.ledger"))
            }
            TaskKind::NoSecondFactor | TaskKind::GrantEnding => {
                ("planned", self.page.w("home.people"))
            }
        }
    }

    fn figures(&self) -> impl Iterator<Item = (Badge, usize)> + '_ {
        let figure =
            |(standing, n): &(Standing, usize)| (Badge::of(*standing, self.language()), *n);
        self.standings.iter().map(figure)
    }
}

async fn show(visit: Visit) -> Result<Response, Problem> {
    let workspace = &visit.workspace;
    let checklist = workspace.judge(&WhichForm::default(), None).await?;
    workspace.keep_summary(&checklist).await?;
    let for_administrator = visit.entry.roles.contains(&Role::Administrator);
    let situation = workspace.situation(&checklist, for_administrator).await?;
    render(&Home {
        page: visit.page("home.title"),
        form: format!("{} {}", checklist.edition.head.label, checklist.form.label),
        is_hospital: workspace.institution.kind == InstitutionKind::Hospital,
        next: situation.next_unanswered().cloned(),
        n_items: situation.items.len(),
        n_answered: situation.items.len() - situation.n_of(Standing::Unanswered),
        standings: standings(&situation),
        sections: charts::standings(&checklist, visit.language)?,
        coverage: charts::coverage(&checklist, visit.language)?,
        tasks: situation.tasks(workspace.today),
        today: workspace.today,
    })
}

/// How many items stand how; who does not stand anywhere is left out.
fn standings(situation: &Situation) -> Vec<(Standing, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for item in &situation.items {
        *counts.entry(item.standing).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}
