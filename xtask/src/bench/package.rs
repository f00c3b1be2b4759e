//! The inspection package of a clinic, and of an institution with 3,000 devices whose ledger and directory
//! were imported with the bundles of some: built, and verified from its bytes alone.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::hospital::{self, Size};
use super::measure::{Call, measure};
use super::{Calls, World, gzip, seed};

/// A whole ledger, with what a hundred machines said of themselves.
const N_BUNDLES: usize = 100;

/// Two files, the ledger and the directory, stand before the bundles.
const N_OTHERS: usize = 2;

pub(super) fn build_clinic(world: &World, run: usize) -> Result<Calls> {
    build(world, "clinic", hospital::SMALL, run)
}

pub(super) fn verify_clinic(world: &World, _: usize) -> Result<Calls> {
    verify(world, "clinic", hospital::SMALL)
}

pub(super) fn build_ledger(world: &World, run: usize) -> Result<Calls> {
    build(world, "ledger", hospital::LARGE, run)
}

pub(super) fn verify_ledger(world: &World, _: usize) -> Result<Calls> {
    verify(world, "ledger", hospital::LARGE)
}

fn build(world: &World, name: &str, size: Size, run: usize) -> Result<Calls> {
    let out = world.fresh(&format!("package-{name}"), run);
    Ok(Calls {
        product: world.sonae.build_package(&data(world, name, size)?, &out),
        reference: gzip(&world.ledger_utf8()?),
    })
}

fn verify(world: &World, name: &str, size: Size) -> Result<Calls> {
    let package = world.folder.join(format!("{name}.zip"));
    if !package.exists() {
        let data = data(world, name, size)?;
        measure(&world.sonae.build_package(&data, &package), &world.folder)?;
    }
    Ok(Calls {
        product: world.sonae.verify_package(&package),
        reference: Call::new("sha256sum").path(&package),
    })
}

/// A data folder with the files of an institution, and an answer to every item.
fn data(world: &World, name: &str, size: Size) -> Result<PathBuf> {
    let data = world.folder.join(format!("data-package-{name}"));
    if !data.exists() {
        let files = hospital::write(&world.folder.join(name), size)?;
        let files: Vec<PathBuf> = files.into_iter().take(N_OTHERS + N_BUNDLES).collect();
        measure(&world.sonae.import(&data, &files), &world.folder)?;
        answer_all(world, &data)?;
    }
    Ok(data)
}

fn answer_all(world: &World, data: &Path) -> Result<()> {
    for item in seed::items(crate::root())? {
        measure(&world.sonae.answer(data, &item), &world.folder)?;
    }
    Ok(())
}
