//! A tree of SVG elements and its way to text.
//! The XML writer escapes whatever is put in; there is no way to put markup in as text.

use std::fmt::Display;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesStart, BytesText, Event};

/// An element with its attributes, and either text or other elements inside.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    start: BytesStart<'static>,
    text: Option<String>,
    children: Vec<Element>,
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            start: BytesStart::new(name),
            text: None,
            children: Vec::new(),
        }
    }

    /// An element whose look is decided by the style sheet.
    pub(crate) fn of_class(name: &'static str, class: &str) -> Self {
        Self::new(name).with("class", class)
    }

    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Self {
        let value = printable(&value.to_string());
        self.start.push_attribute((name, value.as_str()));
        self
    }

    /// A coordinate or a size, to a tenth of a pixel.
    pub(crate) fn at(self, name: &str, pixels: f64) -> Self {
        self.with(name, number(pixels))
    }

    pub(crate) fn saying(mut self, text: &str) -> Self {
        self.text = Some(printable(text));
        self
    }

    pub(crate) fn holding(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    /// The element as text, without a prolog, so that it can stand inside a page.
    pub(crate) fn to_text(&self) -> io::Result<String> {
        let mut writer = Writer::new(Vec::new());
        self.write(&mut writer)?;
        String::from_utf8(writer.into_inner()).map_err(io::Error::other)
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        if self.text.is_none() && self.children.is_empty() {
            return writer.write_event(Event::Empty(self.start.borrow()));
        }
        writer.write_event(Event::Start(self.start.borrow()))?;
        if let Some(text) = &self.text {
            writer.write_event(Event::Text(BytesText::new(text)))?;
        }
        for child in &self.children {
            child.write(writer)?;
        }
        writer.write_event(Event::End(self.start.to_end()))
    }
}

/// A picture that a screen reader announces by its title and, if there is one, its description.
/// The id is the caller's, because ids must differ on a page.
pub(crate) fn picture(
    id: &str,
    class: &str,
    (width, height): (f64, f64),
    (title, description): (&str, Option<&str>),
) -> Element {
    let title_id = format!("{id}-title");
    let description_id = format!("{id}-desc");
    let labelled_by = match description {
        Some(_) => format!("{title_id} {description_id}"),
        None => title_id.clone(),
    };
    let title = Element::new("title").with("id", title_id).saying(title);
    let description =
        description.map(|text| Element::new("desc").with("id", description_id).saying(text));
    Element::of_class("svg", class)
        .with("xmlns", "http://www.w3.org/2000/svg")
        .with("role", "img")
        .with("aria-labelledby", labelled_by)
        .at("width", width)
        .at("height", height)
        .with(
            "viewBox",
            format!("0 0 {} {}", number(width), number(height)),
        )
        .holding([title])
        .holding(description)
}

fn number(pixels: f64) -> String {
    let text = format!("{pixels:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// XML has no place for control characters, escaped or not.
fn printable(text: &str) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(blank).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[test]
    fn what_is_put_in_stays_text() {
        let check = |text: &str, expected: Expect| {
            let element = Element::of_class("g", text)
                .at("x", 1.0)
                .holding([Element::new("text").at("y", 2.04).saying(text)]);
            expected.assert_eq(&element.to_text().unwrap());
        };
        check(
            "受付",
            expect![[r#"<g class="受付" x="1"><text y="2">受付</text></g>"#]],
        );
        check(
            "</text><script>alert('&\"')",
            expect![[
                r#"<g class="&lt;/text&gt;&lt;script&gt;alert(&apos;&amp;&quot;&apos;)" x="1"><text y="2">&lt;/text&gt;&lt;script&gt;alert(&apos;&amp;&quot;&apos;)</text></g>"#
            ]],
        );
        check(
            "a\u{0}b\nc",
            expect![[r#"<g class="a b c" x="1"><text y="2">a b c</text></g>"#]],
        );
    }
}
