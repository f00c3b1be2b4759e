//! What a browser sees of a page: its links and its forms. Our own markup only, in which every
//! attribute is quoted and no tag is left open.

/// A form as a browser would send it if nobody touched it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) is_post: bool,
    pub(super) takes_files: bool,
    pub(super) fields: Vec<(String, String)>,
}

/// An opening tag, from behind its `<` to before its `>`.
type Tag<'a> = &'a str;

/// Where the page leads within the site.
pub(super) fn links(page: &str) -> Vec<String> {
    let own = |tag: Tag<'_>| attribute(tag, "href").filter(|to| to.starts_with('/'));
    tags(page).filter_map(own).collect()
}

pub(super) fn forms(page: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    for part in page.split("<form").skip(1) {
        let Some((head, rest)) = part.split_once('>') else {
            continue;
        };
        let inside = rest.split("</form>").next().unwrap_or_default();
        let is = |name: &str, value: &str| attribute(head, name).as_deref() == Some(value);
        forms.push(Form {
            action: attribute(head, "action").unwrap_or_default(),
            is_post: is("method", "post"),
            takes_files: is("enctype", "multipart/form-data"),
            fields: fields(inside),
        });
    }
    forms
}

/// Every choice of a field counts as made, because each may carry an id.
fn fields(form: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut list = None;
    for tag in tags(form) {
        let value = || attribute(tag, "value").unwrap_or_default();
        let name = attribute(tag, "name");
        match tag.split_ascii_whitespace().next().unwrap_or_default() {
            "select" => list = name,
            "option" => fields.extend(list.clone().map(|name| (name, value()))),
            "input" | "button" | "textarea" => fields.extend(name.map(|name| (name, value()))),
            _ => {}
        }
    }
    fields
}

fn tags(markup: &str) -> impl Iterator<Item = Tag<'_>> {
    let parts = markup.split('<').skip(1);
    parts.filter_map(|part| part.split_once('>').map(|(tag, _)| tag))
}

fn attribute(tag: Tag<'_>, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&#38;", "&").replace("&amp;", "&"))
}

#[test]
fn a_page_is_read_as_a_browser_reads_it() {
    let page = r#"<a class="x" href="/a?b=1&amp;c=2">A</a><a href="https://b">B</a>
        <form method="post" action="/save?institution=x" enctype="multipart/form-data">
        <input type="hidden" name="id" value="i-1"><select name="of"><option value="">-</option>
        <option value="v-1" selected>V</option></select><button>S</button></form>"#;
    assert_eq!(links(page), ["/a?b=1&c=2"]);
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = Form {
        action: "/save?institution=x".to_owned(),
        is_post: true,
        takes_files: true,
        fields: vec![field("id", "i-1"), field("of", ""), field("of", "v-1")],
    };
    assert_eq!(forms(page), [expected]);
}
