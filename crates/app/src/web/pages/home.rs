//! 今日やること: what to do next, in the order of need.

use askama::Template;
use axum::response::Response;

use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visit;

pub(crate) fn open(doors: Doors) -> Doors {
    doors.get("/", show)
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    page: Page,
}

async fn show(visit: Visit) -> Result<Response, Problem> {
    render(&Home {
        page: visit.page("home.title"),
    })
}
