//! Styles, scripts and pictures, all inside the program. Their names carry their content's hash,
//! so that a browser may keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sonae_domain::evidence::ContentHash;

use super::problem::Problem;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Assets;

/// A file, by the name under which pages ask for it.
struct Asset {
    name: String,
    asked_as: String,
    content_type: &'static str,
}

/// So many digits of the hash tell two versions apart.
const HASH_DIGITS: usize = 12;

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    Assets::iter()
        .filter_map(|name| {
            let file = Assets::get(&name)?;
            let hash = ContentHash::of(&file.data).0;
            let (stem, ending) = name.rsplit_once('.')?;
            Some(Asset {
                asked_as: format!("{stem}.{}.{ending}", hash.get(..HASH_DIGITS)?),
                content_type: content_type(ending),
                name: name.to_string(),
            })
        })
        .collect()
});

fn content_type(ending: &str) -> &'static str {
    match ending {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The path of a file for pages.
pub(crate) fn path(name: &str) -> String {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    let asked_as = asset.map_or(name, |asset| asset.asked_as.as_str());
    format!("/assets/{asked_as}")
}

/// What stands in a file, for a page that must do without a network.
pub(crate) fn text(name: &str) -> String {
    let file = Assets::get(name).map(|file| file.data.into_owned());
    String::from_utf8(file.unwrap_or_default()).unwrap_or_default()
}

/// Serves a file by its name with hash.
pub(crate) async fn show(Path(asked): Path<String>) -> Result<Response, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.asked_as == asked);
    let asset = asset.ok_or(Problem::NotFound)?;
    let file = Assets::get(&asset.name).ok_or(Problem::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, file.data.into_owned()).into_response())
}
