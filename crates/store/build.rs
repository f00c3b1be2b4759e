//! Tells cargo that a new migration file means a new build; `sqlx::migrate!` sees changed files only.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
