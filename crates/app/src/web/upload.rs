//! Forms that carry files: fields as typed, and each file kept until a person has decided.

use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use sonae_domain::edition::Text;

use super::problem::Problem;
use super::visit::Visit;

/// Fields and files of one form.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    fields: Vec<(String, String)>,
    /// Tokens of the files that were kept.
    pub(crate) uploads: Vec<String>,
    /// Files that could not be kept, and why.
    pub(crate) refused: Vec<Text>,
}

impl Filled {
    /// Takes a form apart. One file at a time is in memory.
    ///
    /// # Errors
    /// The form is larger than the door lets in, or broken; or a file cannot be kept.
    pub(crate) async fn read(visit: &Visit, mut form: Multipart) -> Result<Self, Problem> {
        let mut filled = Self::default();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(ToOwned::to_owned);
            let bytes = field.bytes().await.map_err(broken)?;
            match file_name {
                // An empty control of a form without a choice.
                Some(file_name) if file_name.is_empty() && bytes.is_empty() => {}
                Some(file_name) => filled.keep(visit, &file_name, bytes.into()).await?,
                None => {
                    let value = String::from_utf8_lossy(&bytes).into_owned();
                    filled.fields.push((name, value));
                }
            }
        }
        Ok(filled)
    }

    /// What was typed into a field; empty where it was not sent.
    pub(crate) fn text(&self, name: &str) -> String {
        self.all(name).next().unwrap_or_default().to_owned()
    }

    /// Everything sent under a name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_name = self.fields.iter().filter(move |(of, _)| of == name);
        of_name.map(|(_, value)| value.as_str())
    }

    async fn keep(&mut self, visit: &Visit, name: &str, bytes: Vec<u8>) -> Result<(), Problem> {
        let account = &visit.person().account;
        match visit.workspace.keep_upload(account, name, bytes).await {
            Ok(token) => self.uploads.push(token),
            Err(failure) => self.refused.push(failure.refusal()?),
        }
        Ok(())
    }
}

fn broken(error: MultipartError) -> Problem {
    Problem::Status(error.status())
}
