// What a page can do better with a script; without it, everything works by links and forms.
(() => {
  "use strict";

  // "/" puts the cursor into the search field, as on the systems people know.
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const search = document.getElementById("search");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
  });

  // What was typed outlives a lost connection or a closed tab: it is kept in this tab's store
  // until the form has been answered. Passwords and tokens are never kept.
  const key = (form) => "typed:" + form.dataset.keep;
  const kept = (form) => [...form.elements].filter(
    (field) => field.name && !["hidden", "password", "submit", "file"].includes(field.type));
  const remember = (form) => {
    const values = kept(form).map((field) =>
      [field.name, ["radio", "checkbox"].includes(field.type) ? (field.checked ? field.value : null) : field.value]);
    sessionStorage.setItem(key(form), JSON.stringify(values));
  };
  const recall = (form) => {
    const stored = sessionStorage.getItem(key(form));
    if (!stored || form.dataset.fresh === "no") return;
    const values = JSON.parse(stored);
    kept(form).forEach((field, index) => {
      const [name, value] = values[index] || [];
      if (name !== field.name || value === null) return;
      if (["radio", "checkbox"].includes(field.type)) field.checked = field.value === value || field.checked;
      else if (!field.value) field.value = value;
    });
  };
  document.querySelectorAll("form[data-keep]").forEach((form) => {
    recall(form);
    form.addEventListener("input", () => remember(form));
  });
  document.querySelectorAll("[data-forget]").forEach((mark) =>
    sessionStorage.removeItem("typed:" + mark.dataset.forget));

  // A button that was pressed is not pressed again while its answer is on the way.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.once === undefined) return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "yes";
    event.target.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () =>
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent; form.removeAttribute("aria-busy");
    }));

  // A filter that is changed takes effect at once; the button stays for those without a script,
  // and for the keyboard: there each arrow changes a list on the way to what is meant.
  let byKey = false;
  document.addEventListener("keydown", () => { byKey = true; }, true);
  document.addEventListener("pointerdown", () => { byKey = false; }, true);
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-at-once]");
    if (form && !byKey) form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // One box for all rows of a table that can be chosen; without a script each has its own.
  document.querySelectorAll("[data-choose-all]").forEach((place) => {
    const all = document.createElement("input"), label = document.createElement("label");
    const rows = [...place.closest("form").querySelectorAll("input[type=checkbox][name=row]")];
    const count = () => {
      const chosen = rows.filter((row) => row.checked).length;
      all.checked = chosen > 0 && chosen === rows.length;
      all.indeterminate = chosen > 0 && chosen < rows.length;
    };
    all.type = "checkbox";
    all.autocomplete = "off";
    label.append(all, place.dataset.chooseAll);
    place.append(label);
    all.addEventListener("change", () => rows.forEach((row) => { row.checked = all.checked; }));
    rows.forEach((row) => row.addEventListener("change", count));
    window.addEventListener("pageshow", count);
  });

  // After a partial update the errors, if any, are read out; otherwise focus stays where it was.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const errors = event.detail.target.querySelector(".errors");
    if (errors) errors.focus();
  });
})();
