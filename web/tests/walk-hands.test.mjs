// The main path by thumb on a phone, and by keyboard alone at a desk.

import assert from "node:assert/strict";

import { checkAxe, noSidewaysScroll } from "./lib/browser.mjs";
import { firstVisit, itemNumber, walk } from "./lib/walk.mjs";

/** WCAG 2.2 asks 24 CSS px; a thumb likes more. */
const THUMB_PX = 44;

walk("by thumb: three items on a phone", async ({ visit, step }) => {
  const page = await visit({ size: "phone" });
  const tap = async (target) => {
    const box = await target.boundingBox();
    assert.ok(box.height >= THUMB_PX, `${await target.innerText()} is ${box.height} px high`);
    await target.tap();
  };

  await step("the first visit", () => firstVisit(page));

  await step("the big button leads to the first item", async () => {
    await tap(page.getByRole("link", { name: /続きから答える/ }));
    assert.equal(await itemNumber(page), "1-①");
  });

  for (const [number, value] of [["1-①", "はい"], ["2-①", "いいえ"], ["2-②", "はい"]]) {
    await step(`${number} ${value}`, async () => {
      assert.equal(await itemNumber(page), number);
      await tap(page.locator(".choice").filter({ hasText: new RegExp(`^${value}`) }));
      if (value === "いいえ") await page.getByLabel("目標日").fill("R9.3.31");
      await noSidewaysScroll(page, number);
      await tap(page.getByRole("button", { name: "保存して次へ" }));
      await page.getByText(`保存しました。${number} ${value}`).waitFor();
    });
  }

  await step("the menu leads to the checklist", async () => {
    await page.getByRole("button", { name: "メニュー" }).tap();
    const menu = page.getByRole("navigation", { name: "メインメニュー" });
    await tap(menu.getByRole("link", { name: "チェックリスト" }));
    await page.getByText("19項目中 3項目に回答").waitFor();
    await noSidewaysScroll(page, "checklist");
  });
});

walk("by keyboard alone: two items", async ({ visit, step }) => {
  const page = await visit();
  const press = (key) => page.keyboard.press(key);

  /** Presses Tab until the focus is on what has these words, and sees it all the way. */
  const tabTo = async (words) => {
    for (let n = 0; n < 60; n += 1) {
      await press("Tab");
      const at = await page.evaluate(focused);
      if (!at) continue;
      assert.ok(at.isSeen, `the focus is seen on ${at.words}`);
      if (words.test(at.words)) return;
    }
    assert.fail(`Tab never reached ${words}`);
  };

  await step("the first visit", () => firstVisit(page));

  await step("the first Tab skips to the contents", async () => {
    await page.goto("/");
    await tabTo(/^本文へ移動/);
    await press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  });

  await step("Enter opens the first item", async () => {
    await tabTo(/^続きから答える/);
    await press("Enter");
    await page.waitForURL("**/checklist/**");
    assert.equal(await itemNumber(page), "1-①");
  });

  await step("Space chooses はい, Enter saves", async () => {
    await tabTo(/^はい/);
    await press("Space");
    await tabTo(/^備考/);
    await page.keyboard.type("院長");
    await tabTo(/^保存して次へ/);
    await press("Enter");
    await page.getByText("保存しました。1-① はい").waitFor();
    assert.equal(await itemNumber(page), "2-①");
  });

  await step("arrows choose いいえ, and its date comes next", async () => {
    await tabTo(/^はい/);
    await press("ArrowDown");
    assert.ok(await page.getByRole("radio", { name: /^いいえ/ }).isChecked());
    await tabTo(/^目標日/);
    await page.keyboard.type("R9.3.31");
    await press("Enter");
    await page.getByText("保存しました。2-① いいえ").waitFor();
    await checkAxe(page, "item, saved");
  });

  await step("Tab leads out to the forms", async () => {
    await tabTo(/^様式・印刷/);
    await press("Enter");
    await page.getByRole("heading", { name: "様式・印刷" }).waitFor();
    await tabTo(/^PDFで保存/);
  });
});

/** In the page: what has the focus, by its words, and whether a person sees it. */
function focused() {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const label = at.labels?.[0];
  const words = (label ?? at).innerText.trim().replaceAll(/\s+/g, " ");
  const frame = label?.classList.contains("choice") ? label : at;
  const box = frame.getBoundingClientRect();
  const styles = [at, frame].map((element) => getComputedStyle(element));
  const isMarked = styles.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  const isInView = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return { words, isSeen: isMarked && isInView };
}
