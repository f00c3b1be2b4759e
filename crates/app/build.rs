//! New files under `data/` become part of the binary without a clean build.

fn main() {
    println!("cargo::rerun-if-changed=../../data");
}
