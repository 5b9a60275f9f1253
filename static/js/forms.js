"use strict";

/* Ignores a second click while a form is being sent. The form's idempotency key prevents a second charge too. */
for (const form of all("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const button = event.submitter ?? form.querySelector("button:not([type=button])");
    if (button.dataset.busy) button.textContent = button.dataset.busy;
    // Later, because a disabled button is not sent.
    setTimeout(() => (button.disabled = true));
  });
}

/* When the browser restores the page, the key is used and the button disabled, so the page is reloaded. */
window.addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("form[data-sent]")) location.reload();
});

/* Shows or hides a password. It is hidden before sending, so that browsers offer to save it. */
for (const button of all("[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  const toggle = () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.hidden = false;
  button.addEventListener("click", toggle);
  input.form.addEventListener("submit", () => {
    if (input.type === "text") toggle();
  });
}

/* A click on a suggested value fills its input. */
for (const link of all("[data-fill]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const input = document.getElementById(link.dataset.fill);
    input.value = link.dataset.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  });
}

/* The button of a large top-up, which is shown once more, does not say that it pays. */
for (const button of all("[data-review-from]")) {
  const { amount } = button.form.elements;
  const read = (inputMode) => readNumber({ value: amount.value, dataset: amount.dataset, inputMode });
  const show = () => {
    const isLarge = (read("numeric") ?? read("decimal") ?? 0) >= Number(button.dataset.reviewFrom);
    button.textContent = isLarge ? button.dataset.review : button.dataset.pay;
  };
  amount.addEventListener("input", show);
  show();
}

/* Reads a typed number by the rules of number_input.py. Returns null if it is ambiguous or not a number. */
function readNumber(input) {
  const trimmed = input.value.replace(/^[ \t\r\n\u00a0\u2000-\u200a\u202f]+|[ \t\r\n\u00a0\u2000-\u200a\u202f]+$/g, "");
  const same = trimmed.replace(/[\u00a0\u2000-\u200a\u202f]/g, " ").replaceAll("\u2019", "'");
  const text = withoutUnit(same, input.dataset.units.split(" ").filter(Boolean));
  const whole = input.inputMode === "numeric";
  const unclear = /^[1-9][0-9]{0,2}([.,])[0-9]{3}$/.exec(text);
  if (unclear && !whole) return Number(text.replace(",", "."));
  if (unclear && !(unclear[1] === "," && language === "en")) return null;
  const grouped = /^[1-9][0-9]{0,2}([ ',.])[0-9]{3}(\1[0-9]{3})*((?!\1)[.,][0-9]+)?$/.exec(text);
  if (whole && /[.,][0-9]{3,}$/.test(grouped ? (grouped[3] ?? "") : text)) return null;
  const plain = (grouped ? text.replaceAll(grouped[1], "") : text).replace(",", ".");
  if (!/^(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(plain)) return null;
  const value = Number(plain);
  return whole && !Number.isInteger(value) ? null : value;
}

function withoutUnit(text, units) {
  for (const unit of units.map((unit) => unit.toLowerCase())) {
    const lower = text.toLowerCase();
    if (lower.startsWith(unit)) return text.slice(unit.length).replace(/^ +/, "");
    if (lower.endsWith(unit)) return text.slice(0, -unit.length).replace(/ +$/, "");
  }
  return text;
}
