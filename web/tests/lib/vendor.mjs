// A vendor at its own desk: a data folder of its own, a key and a filled-in form. It shares nothing with the
// institution but files.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { dataFolder, sonae } from "./sonae.mjs";

const PERSON = "青葉 太郎";

/** The vendor's desk; `leave` it afterwards. */
export async function vendorDesk(name) {
  const desk = dataFolder();
  const place = (file) => join(desk.path, file);
  const vendor = (...args) => sonae(desk.path, ["vendor", ...args]);
  const fingerprint = (printed) => printed.match(/(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}/)[0];
  const key = fingerprint(await vendor("key", "--name", name));
  const form = place("form.xlsx");
  await sonae(desk.path, ["answer", "1-1", "はい", "--confirmed-on", "2026-11-10", "--form", "vendor", "--by", PERSON]);
  await sonae(desk.path, ["form", "--form", "vendor", "--form-only", "--out", form]);
  return {
    key,
    /** The signed answer to a request. */
    async answer(request) {
      writeFileSync(place("request.sonae"), request);
      await vendor("answer", place("request.sonae"), "--answers", form, "--by", PERSON, "--out", place("answer.sonae"));
      return readFileSync(place("answer.sonae"));
    },
    /** What it answers for a product, signed. */
    async publish(product, version) {
      await vendor("publish", "--product", product, "--version", version, "--answers", form, "--by", PERSON, "--out", place("product.sonae"));
      return readFileSync(place("product.sonae"));
    },
    leave: desk.remove,
  };
}
