// Builds what the program embeds: crates/app/assets from css/, js/, icons/ and the kept packages.
//
//   node build.mjs           writes the files
//   node build.mjs --check   writes nothing; fails when a file is not what the sources build

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { browserslistToTargets, bundleAsync } from "lightningcss";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "../crates/app/assets");
const packages = join(here, "node_modules");

/** The oldest browsers that still run on machines found in hospitals: the last Edge for Windows 8. */
const BROWSERS = ["chrome 109", "edge 109", "firefox 115", "safari 15.6"];

/** Packages whose code or values end up in the program, and where their licence text is. */
const SHIPPED = ["@digital-go-jp/design-tokens", "htmx.org"];

const read = (...path) => readFileSync(join(...path), "utf8");

/** All of our CSS and the tokens in one small file. `@import "package/file"` means a package. */
async function css() {
  const { code } = await bundleAsync({
    filename: join(here, "css/sonae.css"),
    minify: true,
    targets: browserslistToTargets(BROWSERS),
    resolver: {
      resolve: (specifier, from) =>
        specifier.startsWith(".") ? join(dirname(from), specifier) : join(packages, specifier),
      read: (path) => readFileSync(path, "utf8"),
    },
  });
  return `${code}\n`;
}

/** One file with all icons, used as `icons.svg#name`. Each file in icons/ is a 24 x 24 drawing. */
function icons() {
  const symbols = readdirSync(join(here, "icons"))
    .filter((name) => name.endsWith(".svg"))
    .sort()
    .map((name) => {
      const drawing = read(here, "icons", name).replace(/^<svg[^>]*>|<\/svg>\s*$/g, "").trim();
      return `<symbol id="${basename(name, ".svg")}" viewBox="0 0 24 24">${drawing}</symbol>`;
    });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

function licences() {
  const parts = SHIPPED.map((name) => {
    const { version, license } = JSON.parse(read(packages, name, "package.json"));
    return `${name} ${version} (${license})\n\n${read(packages, name, "LICENSE").trim()}\n`;
  });
  const intro = "Parts of other people that these files contain, with their licences.\n";
  return [intro, ...parts].join(`\n${"-".repeat(80)}\n\n`);
}

async function built() {
  return {
    "LICENSES.txt": licences(),
    "htmx.min.js": read(packages, "htmx.org/dist/htmx.min.js"),
    "icons.svg": icons(),
    "logo.svg": read(here, "logo.svg"),
    "request-file.js": read(here, "js/request-file.js"),
    "sonae.css": await css(),
    "sonae.js": read(here, "js/sonae.js"),
  };
}

/** Names of files that differ from what stands in the assets folder, and of files too many there. */
function differing(files) {
  const there = readdirSync(assets);
  const same = (name) => there.includes(name) && read(assets, name) === files[name];
  return [
    ...Object.keys(files).filter((name) => !same(name)),
    ...there.filter((name) => !(name in files)),
  ];
}

mkdirSync(assets, { recursive: true });
const files = await built();
if (process.argv.includes("--check")) {
  const names = differing(files);
  if (names.length > 0) {
    console.error(`not what web/ builds: ${names.join(", ")}. Run \`npm run build\` in web/.`);
    process.exit(1);
  }
  console.log("the assets are what web/ builds");
} else {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(assets, name), text);
    console.log(`${relative(join(here, ".."), join(assets, name))}: ${Buffer.byteLength(text)} bytes`);
  }
}
