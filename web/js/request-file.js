// The page of a request file: takes the answer without a network and saves it as a file of its own.
// No words of its own: what a user reads comes from attributes of the form.

(() => {
  "use strict";

  const form = document.querySelector("#answer");
  const status = document.querySelector("#status");
  const { format, institution, request, edition } = form.dataset;
  let isSaved = true;

  const say = (words) => {
    status.textContent = words;
  };

  const typed = () => {
    const fields = {};
    for (const [name, value] of new FormData(form)) (fields[name] ??= []).push(value);
    return fields;
  };

  /** Somebody answers, and at least one item is answered. */
  const isWhole = (fields) =>
    fields.answered_by.some((name) => name.trim() !== "") &&
    Object.keys(fields).some((name) => name.startsWith("value-"));

  const save = () => {
    const fields = typed();
    const version = Number(form.dataset.version);
    const answer = { format, version, institution, request, edition, form: form.dataset.form, fields };
    const file = new Blob([JSON.stringify(answer, null, 1)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${request}.sonae`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    isSaved = true;
    say(isWhole(fields) ? form.dataset.saved : form.dataset.unfinished);
  };

  /** What a file holds; nothing unless it answers this very request. */
  const read = async (file) => {
    try {
      const answer = JSON.parse(await file.text());
      return answer.format === format && answer.request === request ? answer.fields : null;
    } catch {
      return null;
    }
  };

  const goOnFrom = async (file) => {
    const fields = await read(file);
    if (!fields) return say(form.dataset.foreign);
    form.reset();
    for (const field of form.elements) {
      const values = fields[field.name];
      if (!Array.isArray(values)) continue;
      if (field.type === "radio") field.checked = values.includes(field.value);
      else field.value = values[0];
    }
    say(form.dataset.loaded);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  form.addEventListener("input", () => {
    isSaved = false;
    say("");
  });
  document.querySelector("#earlier").addEventListener("change", ({ target }) => {
    if (target.files.length > 0) goOnFrom(target.files[0]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isSaved) event.preventDefault();
  });
})();
