// Serves the pattern pages under the security rules of the program: node serve.mjs [PORT]

import { createServer } from "node:http";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "../crates/app/assets");
const patterns = join(here, "patterns");

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".txt": "text/plain",
};

/** What the program sends with every page. */
const POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/** Names of the pattern pages: `index`, `home`, ... */
export const pages = readdirSync(patterns)
  .filter((name) => name.endsWith(".html") && !name.startsWith("frame"))
  .map((name) => name.slice(0, -".html".length));

/** A page in its frame: the first line of the page says which, and its title. */
function page(name) {
  const text = readFileSync(join(patterns, `${name}.html`), "utf8");
  const [, frame, title] = text.match(/^<!-- (\S+) \| (.+) -->\n/);
  return readFileSync(join(patterns, `${frame}.html`), "utf8")
    .replace("<!-- title -->", title)
    .replace(`<li><a href="/${name}"`, `<li><a href="/${name}" aria-current="page"`)
    .replace("<!-- page -->", () => text);
}

function answer(path) {
  const name = path === "/" ? "index" : path.slice(1);
  if (pages.includes(name)) return { type: ".html", body: page(name) };
  const file = path.startsWith("/assets/") ? join(assets, path.slice("/assets/".length)) : null;
  return file && existsSync(file) ? { type: extname(file), body: readFileSync(file) } : null;
}

/** Starts the server; gives its address. */
export function serve(port = 0) {
  const server = createServer((request, response) => {
    const found = answer(new URL(request.url, "http://x").pathname);
    response.setHeader("Content-Security-Policy", POLICY);
    response.setHeader("Content-Type", `${TYPES[found?.type ?? ".txt"]}; charset=utf-8`);
    response.statusCode = found ? 200 : 404;
    response.end(found?.body ?? "no such page");
  });
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => {
      const url = `http://127.0.0.1:${server.address().port}`;
      resolve({ url, stop: () => server.close() });
    });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { url } = await serve(Number(process.argv[2] ?? 4173));
  console.log(`${pages.length} pattern pages at ${url}`);
}
