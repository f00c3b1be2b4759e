// Every page of the access table: in both languages, both themes, on phone and desktop, for axe, for
// sideways scrolling, for what the browser complains about; and a picture of each.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { checkAxe, newPage, noComplaints, noSidewaysScroll, openBrowser, shot } from "./lib/browser.mjs";
import { furnish } from "./lib/furnish.mjs";
import { startSonae } from "./lib/sonae.mjs";
import { HANAKO, accept, addColleague, logIn } from "./lib/walk.mjs";

const SABURO = { name: "備え 三郎", login: "saburo", password: "tokei bunko 58 yama" };

/** What is no page by itself, and why. */
const NO_PAGE = [
  [/^\/api\//, "for programs"],
  [/^\/(healthz|assets\/|calendar\/)/, "for programs"],
  [/\.(pdf|csv|xlsx|html|sonae|zip)$|\/raw$|^\/evidence\/collect\/sonae$|^\/settings\/backup\/file$|^\/history\/checkpoint\/note$/, "saved as a file"],
  [/^\/(inspect\/\{code\}\/(files|documents)\/|evidence\/documents\/\{id\}\/original$)/, "a file, shown as large as the screen"],
  [/^\/ledger\/\{asset\}\/(quick|row)$/, "a row within a page, in the walk of the hospital"],
  [/^\/setup$/, "shown before the first account only, in start.test.mjs"],
];

/** Pages of somebody who gave the password and not yet the code. */
const HALF = ["/login", "/login/code", "/welcome/{token}"];

/** Pages of somebody without a second factor. */
const NEW = ["/me/second-factor", "/me/second-factor/totp"];

const table = readFileSync(new URL("../../data/access.csv", import.meta.url), "utf8");
const routes = table
  .split("\n")
  .filter((line) => line.startsWith("GET,"))
  .map((line) => line.split(",")[1])
  .filter((route) => !NO_PAGE.some(([pattern]) => pattern.test(route)));

let browser;
let sonae;
let addresses;
const cookies = {};

before(async () => {
  [sonae, browser] = await Promise.all([startSonae(), openBrowser()]);
  const visit = async (who, act) => {
    const page = await newPage(browser, { baseURL: sonae.url });
    await act(page);
    cookies[who] = await page.context().cookies();
    await page.context().close();
  };
  let link;
  await visit("member", async (page) => {
    addresses = await furnish(page, sonae.data);
    link = await addColleague(page, SABURO, /^閲覧者/);
  });
  await visit("new", (page) => accept(page, link, SABURO));
  await visit("half", async (page) => {
    await page.goto("/login");
    await logIn(page, HANAKO);
    await page.waitForURL("**/login/code**");
  });
});

after(async () => {
  await browser?.close();
  await sonae?.stop();
});

const VIEWS = ["ja", "en"].flatMap((lang) => ["phone", "desktop"].map((size) => ({ lang, size })));

describe("every page", { concurrency: 2 }, () => {
  for (const { lang, size } of VIEWS) {
    test(`${lang}, ${size}`, { timeout: 300_000 }, async (t) => {
      const pages = {};
      for (const [who, own] of Object.entries(cookies)) {
        pages[who] = await newPage(browser, { baseURL: sonae.url, size, lang });
        await pages[who].context().addCookies([...own, { name: "sonae_language", value: lang, url: sonae.url }]);
      }
      for (const route of routes) await t.test(route, () => look(pages[whoSees(route)], route, lang, size));
      for (const page of Object.values(pages)) await page.context().close();
    });
  }
});

function whoSees(route) {
  if (HALF.includes(route)) return "half";
  return NEW.includes(route) ? "new" : "member";
}

async function look(page, route, lang, size) {
  const address = addresses[route] ?? route;
  assert.doesNotMatch(address, /\{/, `${route} needs an address in lib/furnish.mjs or a reason in NO_PAGE`);
  const name = nameOf(route);
  await theme(page, "light");
  const response = await page.goto(address);
  assert.equal(response.status(), 200, address);
  assert.equal(new URL(page.url()).pathname, new URL(address, sonae.url).pathname, "no redirect");
  const said = await page.evaluate(() => ({ lang: document.documentElement.lang, text: document.body.innerText }));
  assert.equal(said.lang, lang);
  assert.doesNotMatch(said.text, /\ufffd/, `${route}: a sentence is missing`);
  await noSidewaysScroll(page, name);
  await checkAxe(page, `${name}, ${lang}`);
  if (lang === "ja") await shot(page, name);
  else if (size === "desktop") await shot(page, `${name}-en`);
  await theme(page, "dark");
  // Nothing but colours depends on the theme.
  await checkAxe(page, `${name}, ${lang}`, { only: ["color-contrast"] });
  if (lang === "ja") await shot(page, name);
  noComplaints(page);
}

function theme(page, colorScheme) {
  page.sonae.theme = colorScheme;
  return page.emulateMedia({ colorScheme });
}

/** `/ledger/{asset}/edit` is `ledger-asset-edit`. */
const nameOf = (route) => route.replaceAll(/[{}]/g, "").split("/").filter(Boolean).join("-") || "home";
