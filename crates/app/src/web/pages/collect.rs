//! 証拠の集め方: what to run where, what is read of it and what is not; and this program to take
//! along to other machines.

use askama::Template;
use axum::response::Response;

use crate::usecase::collectors::Collector;
use crate::usecase::evidence::ItemLink;
use crate::web::files::streamed;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visit;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/evidence/collect", show)
        .get("/evidence/collect/sonae", program)
}

#[derive(Template)]
#[template(path = "collect.html")]
struct CollectPage {
    page: Page,
    /// Each with the rows of the own form that it speaks about.
    collectors: Vec<(Collector, Vec<ItemLink>)>,
    /// Where this program runs: `x86_64`.
    machine: &'static str,
}

async fn show(visit: Visit) -> Result<Response, Problem> {
    let workspace = &visit.workspace;
    let items = |collector: &Collector| {
        let formats = collector.formats.iter();
        let mut items: Vec<ItemLink> = formats
            .flat_map(|format| workspace.items_of_format(format))
            .collect();
        items.sort();
        items.dedup();
        items
    };
    let collectors = workspace.catalog.collectors.iter();
    render(&CollectPage {
        page: visit.page("collect.title"),
        collectors: collectors
            .map(|collector| (collector.clone(), items(collector)))
            .collect(),
        machine: std::env::consts::ARCH,
    })
}

async fn program(visit: Visit) -> Result<Response, Problem> {
    let file = visit.workspace.program().await?;
    Ok(streamed("sonae", "application/octet-stream", file))
}
