// The pattern pages, looked at as every page of the program is.

import { after, before, describe, test } from "node:test";

import { pages, serve } from "../serve.mjs";
import { SIZES, checkAxe, newPage, noComplaints, noSidewaysScroll, openBrowser, shot } from "./lib/browser.mjs";

const WIDTHS = [320, 375, 768, 1280, 1920];

let browser;
let site;

before(async () => {
  browser = await openBrowser();
  site = await serve();
});

after(async () => {
  await browser?.close();
  site?.stop();
});

for (const name of pages) {
  describe(name, () => {
    for (const theme of ["light", "dark"]) {
      for (const size of Object.keys(SIZES)) {
        test(`${size}, ${theme}: axe finds nothing, the browser has no complaint`, async () => {
          const page = await newPage(browser, { size, theme, baseURL: site.url });
          await page.goto(`/${name}`);
          await shot(page, `pattern-${name}`);
          await checkAxe(page, name);
          noComplaints(page);
          await page.context().close();
        });
      }
    }

    test("never scrolls sideways", async () => {
      const page = await newPage(browser, { baseURL: site.url });
      await page.goto(`/${name}`);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        await noSidewaysScroll(page, name);
      }
      await page.context().close();
    });
  });
}
