//! For which systems there is a statement, and for which not: what a person needs to answer 2-③.

use sonae_domain::edition::{Edition, Item};
use sonae_domain::ids::ControlId;
use sonae_domain::register::{Contract, System, Vendor};

use super::{CONTROL, Failure, StatementView, Workspace};

/// The systems of the institution, with the statements that count.
pub(crate) struct Coverage {
    pub(crate) systems: Vec<SystemStatements>,
    /// Statements that name no system.
    pub(crate) unassigned: Vec<StatementView>,
}

/// One system.
pub(crate) struct SystemStatements {
    pub(crate) name: String,
    pub(crate) vendor: Option<String>,
    /// A contract that is not over covers it.
    pub(crate) has_contract: bool,
    pub(crate) statements: Vec<StatementView>,
}

impl Coverage {
    /// Systems under a contract, and how many of them have a statement.
    pub(crate) fn under_contract(&self) -> (usize, usize) {
        let all = self.systems.iter().filter(|system| system.has_contract);
        let with = all.clone().filter(|system| !system.statements.is_empty());
        (all.count(), with.count())
    }
}

impl Workspace {
    /// Whether an item asks for statements.
    pub(crate) fn asks_for_statements(edition: &Edition, item: &Item) -> bool {
        let control = ControlId::new(CONTROL);
        edition.controls_of(&item.id).any(|id| *id == control)
    }

    /// The systems of the institution, with the statements that count.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn statement_coverage(&self) -> Result<Coverage, Failure> {
        let mut statements = self.statements().await?;
        statements.retain(StatementView::counts_now);
        let vendors = self.kept_by_id::<Vendor>().await?;
        let contracts = self.kept::<Contract>().await?;
        let is_running = |contract: &Contract| contract.ends_on.is_none_or(|end| end >= self.today);
        let running = contracts.iter().map(|kept| &kept.body);
        let running: Vec<&Contract> = running.filter(|contract| is_running(contract)).collect();
        let systems = self.kept::<System>().await?.into_iter().map(|system| {
            // A contract that names no system covers all of its vendor's.
            let covers = |contract: &&&Contract| match contract.systems.is_empty() {
                true => Some(&contract.vendor) == system.body.vendor.as_ref(),
                false => contract.systems.contains(&system.id),
            };
            let speaks = |view: &&StatementView| view.kept.body.systems.contains(&system.id);
            SystemStatements {
                has_contract: running.iter().any(|contract| covers(&contract)),
                statements: statements.iter().filter(speaks).cloned().collect(),
                vendor: system
                    .body
                    .vendor
                    .as_ref()
                    .and_then(|id| Some(vendors.get(id)?.name.clone())),
                name: system.body.name,
            }
        });
        let systems: Vec<SystemStatements> = systems.collect();
        statements.retain(|view| view.systems.is_empty());
        Ok(Coverage {
            systems,
            unassigned: statements,
        })
    }
}
