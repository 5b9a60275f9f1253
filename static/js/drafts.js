"use strict";

/* Saves the inputs of an order form, for an expired session, a change of language, or a top-up. */

/* Calls `use` with the browser's storage. Returns null if the storage is full or disabled. */
function withStorage(use) {
  try {
    return use(sessionStorage);
  } catch {
    return null;
  }
}

const forgetDraft = (name) => withStorage((storage) => storage.removeItem(name));
/* The review of an order has what was typed in hidden inputs. */
const isTyped = (input) => input.name && (input.type !== "hidden" || "typed" in input.dataset);
const draftInputs = (form) => [...form.elements].filter(isTyped);

function restoreDraft(form) {
  const draft = withStorage((storage) => JSON.parse(storage.getItem(form.dataset.draft)));
  // A form that was sent may be paid, so its inputs do not move to another form.
  if (!draft || (draft.sent && draft.sent !== form.elements.request_key.value)) return;
  for (const input of draftInputs(form)) {
    if (!(input.name in draft)) continue;
    if (input.type !== "radio") input.value = draft[input.name];
    else if (!input.disabled && input.value === draft[input.name]) input.checked = true;
  }
  const typed = Object.keys(draft).some((key) => key !== "model" && key !== "sent" && draft[key]);
  document.querySelector("[data-restored]").hidden = !typed;
}

function saveDraft(form, sent) {
  const inputs = draftInputs(form).filter((input) => input.type !== "radio" || input.checked);
  const values = Object.fromEntries(inputs.map((input) => [input.name, portable(input)]));
  if (sent) values.sent = form.elements.request_key.value;
  withStorage((storage) => storage.setItem(form.dataset.draft, JSON.stringify(values)));
}

for (const done of all("[data-clear-draft]")) forgetDraft(done.dataset.clearDraft);
for (const form of all("form[data-clear-drafts]")) {
  form.addEventListener("submit", () => withStorage((storage) => storage.clear()));
}
for (const form of all("form[data-draft]")) {
  if ("restore" in form.dataset) restoreDraft(form);
  // The server says that what is in the form was refused or waits for its review, so it is not paid.
  if ("unpaid" in form.dataset) saveDraft(form, false);
  form.addEventListener("input", () => saveDraft(form, false));
  form.addEventListener("submit", () => saveDraft(form, true));
  for (const link of all("[data-discard]")) {
    link.addEventListener("click", () => forgetDraft(form.dataset.draft));
  }
}
