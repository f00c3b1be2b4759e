// Small helps on top of pages that work without them. web/README.md says which attribute does what.
// No words of its own: what a user reads comes from attributes of the page.

(() => {
  "use strict";

  /** Calls `act` on the root itself and on everything in it that fits. */
  const each = (root, selector, act) => {
    if (root.matches?.(selector)) act(root);
    root.querySelectorAll(selector).forEach(act);
  };

  const show = (element) => {
    element.hidden = false;
  };
  const hide = (element) => {
    element.hidden = true;
  };

  /** A place to remember things. It may be switched off or full; then nothing is remembered. */
  const memory = (storage) => {
    const attempt = (act) => {
      try {
        return act(window[storage]);
      } catch {
        return null;
      }
    };
    return {
      get: (key) => attempt((store) => JSON.parse(store.getItem(`sonae:${key}`))),
      set: (key, value) => attempt((store) => store.setItem(`sonae:${key}`, JSON.stringify(value))),
      remove: (key) => attempt((store) => store.removeItem(`sonae:${key}`)),
      keys: () =>
        (attempt((store) => Object.keys(store)) ?? [])
          .filter((key) => key.startsWith("sonae:"))
          .map((key) => key.slice("sonae:".length)),
      clear: () => attempt((store) => store.clear()),
    };
  };
  const session = memory("sessionStorage");
  const local = memory("localStorage");

  // --- What is typed outlives a lost session or connection.

  const KEEPABLE = "input:not([type=password], [type=file], [type=hidden]), select, textarea";

  const fieldsOf = (form) => [...form.querySelectorAll(KEEPABLE)].filter((field) => field.name);
  const isTick = (field) => field.type === "checkbox" || field.type === "radio";

  const keep = (form) => {
    const values = fieldsOf(form).map((field) => ({
      name: field.name,
      value: field.value,
      ticked: isTick(field) ? field.checked : null,
    }));
    const draft = { values, name: form.dataset.draft, href: form.getAttribute("action") };
    session.set(`draft:${form.dataset.keep}`, draft);
  };

  const restore = (form) => {
    let changed = false;
    const fields = fieldsOf(form);
    for (const { name, value, ticked } of session.get(`draft:${form.dataset.keep}`)?.values ?? []) {
      const at = fields.findIndex(
        (field) => field.name === name && (ticked === null || field.value === value),
      );
      if (at < 0) continue;
      // Several fields may have one name; each takes one value, in their order.
      const [field] = fields.splice(at, 1);
      changed ||= ticked === null ? field.value !== value : field.checked !== ticked;
      if (ticked === null) field.value = value;
      else field.checked = ticked;
    }
    each(form, "[data-restored]", (notice) => {
      notice.hidden = !changed;
    });
  };

  const forget = (key) => (key === "*" ? session.clear() : session.remove(`draft:${key}`));

  /** Names the items of this institution that wait here to be saved, each with its page. */
  const showDrafts = (notice) => {
    const drafts = session
      .keys()
      .filter((key) => key.startsWith(`draft:${notice.dataset.drafts}/`))
      .map((key) => session.get(key))
      .filter((draft) => draft?.name);
    const links = drafts.flatMap(({ name, href }) => [
      " ",
      Object.assign(document.createElement("a"), { href, textContent: name }),
    ]);
    notice.querySelector("[data-n-drafts]").textContent = drafts.length;
    notice.querySelector("[data-draft-links]").replaceChildren(...links);
    notice.hidden = drafts.length === 0;
  };

  // --- One press, one request.

  const once = (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sending = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
    each(form, "[data-sending-notice]", show);
  };

  const again = (form) => {
    delete form.dataset.sending;
    each(form, "[data-sending-notice]", hide);
    each(form, "[aria-busy]", (button) => button.removeAttribute("aria-busy"));
  };

  // --- Files dropped on the frame go to its file control.

  const drop = (frame) => {
    const input = frame.querySelector("input[type=file]");
    const mark = (over) => () => frame.classList.toggle("is-over", over);
    frame.addEventListener("dragover", mark(true));
    frame.addEventListener("dragleave", mark(false));
    frame.addEventListener("drop", (event) => {
      mark(false)();
      if (event.dataTransfer.files.length === 0) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    input.addEventListener("change", () => {
      if (frame.dataset.drop === "send" && input.files.length > 0) input.form.requestSubmit();
    });
  };

  /** A file dropped beside the frame would replace the page, and what is typed on it. */
  const stay = (event) => {
    if (document.querySelector("[data-drop]")) event.preventDefault();
  };

  // --- Which columns of a table are shown, remembered in this browser.

  const hiddenColumns = (name) => local.get(`columns:${name}`) ?? [];

  const showColumns = (table) => {
    const hidden = hiddenColumns(table.dataset.columns);
    [...table.tHead.rows[0].cells].forEach((head, index) => {
      const hide = hidden.includes(head.dataset.column);
      for (const row of table.rows) row.cells[index]?.toggleAttribute("hidden", hide);
    });
  };

  const columnBox = (table, head) => {
    const name = table.dataset.columns;
    const { column } = head.dataset;
    const box = Object.assign(document.createElement("input"), {
      type: "checkbox",
      checked: !hiddenColumns(name).includes(column),
    });
    box.addEventListener("change", () => {
      const others = hiddenColumns(name).filter((other) => other !== column);
      local.set(`columns:${name}`, box.checked ? others : [...others, column]);
      showColumns(table);
    });
    const label = Object.assign(document.createElement("label"), { className: "check" });
    label.append(box, head.textContent);
    return label;
  };

  const columnChooser = (place) => {
    const table = document.querySelector(`table[data-columns="${place.dataset.columnsFor}"]`);
    if (!table || place.firstElementChild) return;
    const chooser = document.createElement("details");
    const summary = document.createElement("summary");
    const list = document.createElement("div");
    chooser.className = "column-chooser";
    summary.className = "button";
    summary.textContent = place.dataset.label;
    table.tHead.querySelectorAll("th[data-column]").forEach((head) => list.append(columnBox(table, head)));
    chooser.append(summary, list);
    place.append(chooser);
  };

  // --- A key chooses an answer, unless one is typing or has switched keys off.

  const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";

  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // Where the switch is not seen, nobody could turn keys off.
    if (!document.querySelector("[data-keys]:checked")?.offsetParent) return;
    if (event.target.closest(TYPING)) return;
    const key = CSS.escape(event.key.toLowerCase());
    const target = document.querySelector(`[data-key="${key}"]`);
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.click();
  };

  const keySwitch = (box) => {
    box.checked = local.get("keys") ?? true;
    box.addEventListener("change", () => local.set("keys", box.checked));
    box.closest("[hidden]")?.removeAttribute("hidden");
  };

  // --- Copying.

  const copy = async (button) => {
    const source = document.querySelector(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    } catch {
      // Plain http on a LAN has no clipboard of the modern kind.
      if (source.select) source.select();
      else window.getSelection().selectAllChildren(source);
      if (!document.execCommand("copy")) return;
    }
    button.setAttribute("aria-live", "polite");
    button.textContent = button.dataset.done;
  };

  // --- Passkeys: options from the server, the authenticator's reply back to it.

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

  const toText = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");

  const withBytes = (credential) => ({ ...credential, id: toBytes(credential.id) });

  const create = ({ publicKey }) =>
    navigator.credentials.create({
      publicKey: {
        ...publicKey,
        challenge: toBytes(publicKey.challenge),
        user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
        excludeCredentials: (publicKey.excludeCredentials ?? []).map(withBytes),
      },
    });

  const get = ({ publicKey }) =>
    navigator.credentials.get({
      publicKey: {
        ...publicKey,
        challenge: toBytes(publicKey.challenge),
        allowCredentials: (publicKey.allowCredentials ?? []).map(withBytes),
      },
    });

  /** The parts of a reply that are bytes, by the names that the standard gives them. */
  const BYTES = ["attestationObject", "authenticatorData", "clientDataJSON", "signature", "userHandle"];

  const asJson = (credential) => {
    const parts = BYTES.filter((name) => credential.response[name]);
    const response = parts.map((name) => [name, toText(credential.response[name])]);
    return {
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      extensions: credential.getClientExtensionResults(),
      response: {
        ...Object.fromEntries(response),
        transports: credential.response.getTransports?.(),
      },
    };
  };

  const post = async (path, body) => {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  };

  const passkey = async (form) => {
    const { options, finish, failed } = form.dataset;
    const fault = form.querySelector("[data-passkey-error]");
    fault.hidden = true;
    try {
      const fields = Object.fromEntries(new FormData(form));
      const asked = await post(options, fields);
      const credential = await (form.dataset.passkey === "register" ? create(asked) : get(asked));
      const { next } = await post(finish, { ...fields, credential: asJson(credential) });
      window.location.assign(next);
    } catch {
      again(form);
      fault.textContent = failed;
      fault.hidden = false;
    }
  };

  // --- Everything together, for the page and for what htmx puts into it.

  const enhance = (root) => {
    each(root, "[data-kept]", (mark) => forget(mark.dataset.kept));
    each(root, "form[data-keep]", restore);
    each(root, "[data-drafts]", showDrafts);
    each(root, "[data-drop]", drop);
    each(root, "table[data-columns]", showColumns);
    each(root, "[data-columns-for]", columnChooser);
    each(root, "[data-keys]", keySwitch);
    each(root, "[data-print]", show);
    if (window.PublicKeyCredential) each(root, "form[data-passkey]", show);
  };

  const trouble = (yes) => () =>
    each(document, "[data-trouble]", (notice) => {
      notice.hidden = !yes;
    });

  const on = (type, act, capture = false) => document.addEventListener(type, act, capture);

  on("input", (event) => {
    const form = event.target.closest("form[data-keep]");
    if (form) keep(form);
  });
  on("reset", (event) => {
    if (event.target.dataset.keep) forget(event.target.dataset.keep);
  });
  on("submit", once, true);
  on("submit", (event) => {
    if (!event.target.matches("form[data-passkey]")) return;
    event.preventDefault();
    passkey(event.target);
  });
  on("keydown", press);
  on("click", (event) => {
    const button = event.target.closest("[data-copy], [data-print]");
    if (button?.dataset.copy) copy(button);
    else if (button) window.print();
  });
  on("dragover", stay);
  on("drop", stay);
  on("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-once]");
    if (form) again(form);
  });
  on("htmx:sendError", trouble(true));
  on("htmx:responseError", trouble(true));
  on("htmx:afterOnLoad", trouble(false));
  on("htmx:load", (event) => {
    if (event.target !== document.body) enhance(event.target);
  });
  // A page taken back out of the browser's memory has its buttons free again.
  window.addEventListener("pageshow", () => each(document, "form[data-once]", again));

  enhance(document);
  document.querySelector(".error-summary")?.focus();
})();
