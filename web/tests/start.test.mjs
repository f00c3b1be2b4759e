// The program as it first comes up: nothing is set up yet, and every visitor is led to the set-up.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { SIZES, checkAxe, newPage, noComplaints, noSidewaysScroll, openBrowser, shot } from "./lib/browser.mjs";
import { startSonae } from "./lib/sonae.mjs";

let browser;
let sonae;

before(async () => {
  sonae = await startSonae();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await sonae?.stop();
});

for (const theme of ["light", "dark"]) {
  for (const size of Object.keys(SIZES)) {
    test(`the first visit leads to the set-up: ${size}, ${theme}`, async () => {
      const page = await newPage(browser, { size, theme, baseURL: sonae.url });
      await page.goto("/");
      assert.equal(new URL(page.url()).pathname, "/setup");
      await shot(page, "setup");
      await noSidewaysScroll(page, "setup");
      await checkAxe(page, "setup");
      noComplaints(page);
      await page.context().close();
    });
  }
}
