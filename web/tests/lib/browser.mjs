// A browser for the tests: pages on phone and desktop, in both themes, and what may not happen there.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const shots = process.env.SONAE_SHOTS ?? join(root, "target/screenshots");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const SIZES = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 900 },
};

/** What WCAG 2.2 A and AA ask and a program can tell. */
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/** Chromium as Debian ships it; close it when the tests are over. */
export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.SONAE_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * A page of its own session. `size` is a name in SIZES or { width, height }; `theme` is what the
 * system says; `scripts: false` switches JavaScript off.
 */
export async function newPage(browser, options = {}) {
  const { size = "desktop", theme = "light", lang = "ja", scripts = true, baseURL } = options;
  const viewport = SIZES[size] ?? size;
  const context = await browser.newContext({
    viewport,
    baseURL,
    colorScheme: theme,
    hasTouch: size === "phone",
    ignoreHTTPSErrors: true,
    isMobile: size === "phone",
    javaScriptEnabled: scripts,
    locale: lang === "ja" ? "ja-JP" : "en-GB",
    reducedMotion: "reduce",
    timezoneId: "Asia/Tokyo",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.sonae = { size: typeof size === "string" ? size : `${viewport.width}`, theme, problems: [] };
  watch(page);
  return page;
}

/** Notes what a browser complains about: errors of scripts, refused content, failed requests. */
function watch(page) {
  const note = (text) => page.sonae.problems.push(text);
  page.on("console", (message) => {
    if (message.type() === "error") note(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => note(`script: ${error.message}`));
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    // A page left while it loads aborts what it still wanted.
    if (why !== "net::ERR_ABORTED") note(`request: ${request.url()} ${why}`);
  });
}

/**
 * Fails when the browser complained since the last call. `expected` are patterns of complaints that
 * belong to the test, such as the 422 of a refused form.
 */
export function noComplaints(page, expected = []) {
  const problems = page.sonae.problems.splice(0);
  const unexpected = problems.filter((text) => !expected.some((pattern) => pattern.test(text)));
  assert.deepEqual(unexpected, [], `${page.url()}: the browser complained`);
}

/**
 * Fails when axe finds anything against WCAG 2.2 AA, and says what, where and why. `only` names rules,
 * where the others were asked already.
 */
export async function checkAxe(page, name, { only = AXE_TAGS } = {}) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(
    (runOnly) => window.axe.run(document, { runOnly, resultTypes: ["violations"], preload: false }),
    only,
  );
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id} (${help})\n    at ${node.target.join(" ")}\n    ${node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message}`),
  );
  const where = `${name}, ${page.sonae.size}, ${page.sonae.theme}`;
  assert.equal(found.length, 0, `axe on ${where}:\n  ${found.join("\n  ")}`);
}

/** Fails when the page scrolls sideways; names what sticks out. */
export async function noSidewaysScroll(page, name) {
  const wide = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const isOut = (element) => element.getBoundingClientRect().right > clientWidth + 1;
    const named = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join(".")}`;
    const out = [...document.querySelectorAll("body *")].filter(isOut).map(named);
    // Words in one line stick out of a box that does not.
    return [`${scrollWidth} px`, ...out.slice(0, 8)];
  });
  assert.deepEqual(wide, [], `${name} at ${page.viewportSize().width} px scrolls sideways`);
}

/** Writes target/screenshots/NAME-SIZE-THEME.png, the whole page. */
export async function shot(page, name) {
  mkdirSync(shots, { recursive: true });
  const { size, theme } = page.sonae;
  await page.screenshot({ path: join(shots, `${name}-${size}-${theme}.png`), fullPage: true });
}
