// The page of remarks in a package: takes them without a network and saves them as a file of their own.
// No words of its own: what a user reads comes from attributes of the form.
(() => {
  "use strict";
  const form = document.querySelector("#remarks");
  const list = document.querySelector("#list");
  const empty = JSON.parse(form.dataset.file);
  const status = document.querySelector("#status");
  let isSaved = true;

  const say = (words) => {
    status.textContent = words;
  };

  /** A random UUID; the browser's own needs a page from a server. */
  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  const add = (remark) => {
    const one = document.querySelector("#remark").content.cloneNode(true).firstElementChild;
    one.dataset.id = remark?.id ?? newId();
    one.querySelector("[data-item]").value = remark?.item ?? "";
    one.querySelector("[data-text]").value = remark?.text ?? "";
    one.querySelector("[data-due]").value = remark?.due_on ?? "";
    // What was written before keeps its moment and its person, so that it stays the same remark.
    Object.assign(one.dataset, remark ? { at: remark.at, by: remark.by } : {});
    one.addEventListener("input", () => {
      delete one.dataset.at;
      delete one.dataset.by;
    });
    one.querySelector("[data-drop]").addEventListener("click", () => {
      one.remove();
      isSaved = false;
    });
    list.append(one);
    return one;
  };

  const trimmed = (field) => field.value.trim();

  /** The new remarks in which something stands. */
  const filledIn = () =>
    [...list.querySelectorAll("[data-remark]")].filter((one) =>
      ["item", "text", "due"].some((name) => trimmed(one.querySelector(`[data-${name}]`))),
    );

  /** What stands on the page, as the file has it. */
  const written = () => {
    const at = new Date().toISOString();
    const by = trimmed(form.elements.by);
    const remarks = filledIn().map((one) => ({
      id: one.dataset.id,
      item: one.querySelector("[data-item]").value || null,
      text: trimmed(one.querySelector("[data-text]")),
      due_on: one.querySelector("[data-due]").value || null,
      by: one.dataset.by ?? by,
      at: one.dataset.at ?? at,
    }));
    const rechecks = {};
    for (const one of form.querySelectorAll("[data-recheck]")) {
      const id = one.dataset.recheck;
      const settled = form.elements[`settled-${id}`].value;
      const note = trimmed(document.getElementById(`note-${id}`)) || null;
      if (settled) rechecks[id] = { correction: one.dataset.correction || null, settled: settled === "yes", note, by, at };
    }
    return { ...empty, authority: trimmed(form.elements.authority), remarks, rechecks };
  };

  const isWhole = (file) =>
    file.authority &&
    form.elements.by.value.trim() &&
    file.remarks.length + Object.keys(file.rechecks).length > 0 &&
    file.remarks.every((remark) => remark.text);

  const save = () => {
    const file = written();
    if (!isWhole(file)) return say(form.dataset.unfinished);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: "application/json" }));
    link.download = "remarks.sonae";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    isSaved = true;
    for (const [n, one] of filledIn().entries()) {
      const { at, by } = file.remarks[n];
      Object.assign(one.dataset, { at, by });
    }
    say(form.dataset.saved);
  };

  const goOnFrom = async (chosen) => {
    let file;
    try {
      file = JSON.parse(await chosen.text());
    } catch {
      return say(form.dataset.foreign);
    }
    const isOurs = ["format", "institution", "root"].every((key) => file[key] === empty[key]);
    if (!isOurs) return say(form.dataset.foreign);
    form.elements.authority.value = file.authority;
    form.elements.by.value = file.remarks[0]?.by ?? Object.values(file.rechecks)[0]?.by ?? "";
    list.replaceChildren();
    file.remarks.forEach(add);
    for (const [id, recheck] of Object.entries(file.rechecks)) {
      const note = document.getElementById(`note-${id}`);
      if (!note) continue;
      form.elements[`settled-${id}`].value = recheck.settled ? "yes" : "no";
      note.value = recheck.note ?? "";
    }
    say(form.dataset.read);
  };

  document.querySelector("#add").addEventListener("click", () => add().querySelector("[data-item]").focus());
  form.addEventListener("input", () => {
    isSaved = false;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  document.querySelector("#go-on").addEventListener("change", (event) => {
    if (event.target.files[0]) goOnFrom(event.target.files[0]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isSaved) event.preventDefault();
  });
  add();
})();
