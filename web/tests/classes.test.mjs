// Class names are an agreement between templates and CSS; here both sides are compared.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** All files of a folder whose names end so, as one text. */
function textOf(folder, ending) {
  const path = join(root, folder);
  return readdirSync(path)
    .map((name) => {
      if (statSync(join(path, name)).isDirectory()) return textOf(join(folder, name), ending);
      return name.endsWith(ending) ? readFileSync(join(path, name), "utf8") : "";
    })
    .join("\n");
}

// The pages of a package carry their own style.
const css = (textOf("web/css", ".css") + textOf("templates/web", ".css")).replace(/\/\*[^]*?\*\//g, "");
const html = textOf("templates/web", ".html") + textOf("web/patterns", ".html");
const code = textOf("crates/app/src/web", ".rs") + textOf("crates/report/src", ".rs") + textOf("web/js", ".js");

const sorted = (names) => [...new Set(names)].sort();
const styled = sorted([...css.matchAll(/\.(-?[a-z_][\w-]*)/gi)].map(([, name]) => name));

test("every class that a page carries has its style", () => {
  const attributes = [...html.matchAll(/class="([^"]*)"/g)].map(([, value]) => value);
  // What a template puts in by a value stands in the code, and is not known here.
  const words = attributes.flatMap((value) => value.replace(/\{[{%][^]*?[%}]\}/g, " ").split(/\s+/));
  const unknown = sorted(words).filter((name) => name && !styled.includes(name));
  assert.deepEqual(unknown, []);
});

test("every style has a page that carries its class", () => {
  const used = new Set(`${html} ${code}`.match(/[\w-]+/g));
  // htmx sets its own.
  const unused = styled.filter((name) => !used.has(name) && !name.startsWith("htmx-"));
  assert.deepEqual(unused, []);
});
