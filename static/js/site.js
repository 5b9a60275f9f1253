"use strict";

/* Comfort on top of pages that work without it. Nothing here decides anything: the server checks all. */

const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/* Times in the reader's own zone; the server writes UTC. */
function localTimes(root) {
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
  for (const time of all("time[data-local]", root)) {
    const at = new Date(time.dateTime);
    time.title = time.textContent;
    time.textContent = time.dataset.local === "clock" ? clock.format(at) : `${day.format(at).replace(" г.", "\u00a0г.")}, ${clock.format(at)}`;
    time.removeAttribute("data-local");
  }
}

function countdowns() {
  for (const span of all("[data-countdown]")) {
    const end = new Date(span.dataset.countdown);
    const tick = () => {
      const left = Math.round((end - Date.now()) / 1000);
      if (left <= 0) {
        span.textContent = `· ${span.dataset.over}`;
        clearInterval(timer);
        return;
      }
      span.textContent = `· ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} ${span.dataset.left}`;
    };
    const timer = setInterval(tick, 1000);
    tick();
  }
}

function copyButtons() {
  if (!navigator.clipboard) return;
  for (const button of all("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      const label = button.textContent;
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
}

/* A second click while the first is on its way does nothing. The form's key guards the money anyway. */
function sendOnce() {
  for (const form of all("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      const button = form.querySelector("button:not([type=button])");
      button.disabled = true;
      if (button.dataset.busy) button.textContent = button.dataset.busy;
    });
  }
  /* Back from a later page: the form has a used key and a dead button, a fresh one has neither. */
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && document.querySelector("form[data-sent]")) location.reload();
  });
}

/* What has been typed survives an expired session, a change of language and a trip to the top-up. */
const storage = {
  read: (name) => { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } },
  write: (name, value) => { try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* full or off */ } },
  forget: (name) => { try { sessionStorage.removeItem(name); } catch { /* off */ } },
  clear: () => { try { sessionStorage.clear(); } catch { /* off */ } },
};

function drafts() {
  for (const done of all("[data-clear-draft]")) storage.forget(done.dataset.clearDraft);
  for (const form of all("form[data-clear-drafts]")) form.addEventListener("submit", storage.clear);
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const name = form.dataset.draft;
  const kept = () => [...form.elements].filter((input) => input.name && input.type !== "hidden" && !input.readOnly);
  const draft = "restore" in form.dataset ? storage.read(name) : null;
  if (draft) {
    for (const input of kept()) {
      if (!(input.name in draft)) continue;
      if (input.type !== "radio") input.value = draft[input.name];
      else if (!input.disabled && input.value === draft.model) input.checked = true;
    }
    const notice = document.querySelector("[data-restored]");
    notice.hidden = !Object.keys(draft).some((key) => key !== "model" && draft[key]);
  }
  for (const link of all("[data-discard]")) link.addEventListener("click", () => storage.forget(name));
  const save = () => {
    const values = kept().filter((input) => input.type !== "radio" || input.checked);
    storage.write(name, Object.fromEntries(values.map((input) => [input.name, input.value])));
  };
  form.addEventListener("input", save);
  form.addEventListener("submit", save);
}

/* Reads a whole amount as the server does; anything else is left to the server. */
function whole(text) {
  const compact = text.replace(/[\s\u00a0\u202f']/g, "");
  if (/^[1-9]\d{0,2}(\.\d{3})+$/.test(compact)) return null;
  const plain = /^\d{1,3}(,\d{3})+$/.test(compact) ? compact.replaceAll(",", "") : compact.replace(",", ".");
  return /^\d+(\.0*)?$/.test(plain) ? Number(plain) : null;
}

function order() {
  const form = document.querySelector("form[data-order]");
  if (!form) return;
  const { person_income: income, loan_amnt: amount, loan_percent_income: share } = form.elements;
  const money = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2, useGrouping: true });
  const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 4, useGrouping: false });
  const currency = document.querySelector("#balance strong").textContent.split("\u00a0").pop();
  const shown = (minor) => `${money.format(minor / 100)}\u00a0${currency}`.replace("-", "\u2212").replaceAll(" ", "\u00a0");
  const update = () => {
    const [top, bottom] = [whole(amount.value), whole(income.value)];
    share.value = top && bottom ? plain.format(top / bottom) : "";
    const chosen = form.querySelector("input[name=model]:checked");
    for (const part of all("[data-live]", form)) part.hidden = !chosen;
    if (!chosen) return;
    const after = form.dataset.balance - chosen.dataset.price;
    form.querySelector("[data-sum=price]").textContent = shown(chosen.dataset.price);
    form.querySelector("[data-sum=after]").textContent = shown(after);
    form.querySelector("[data-short]").hidden = after >= 0;
  };
  form.addEventListener("input", update);
  update();
}

function fillers() {
  for (const link of all("[data-fill]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const input = document.getElementById(link.dataset.fill);
      input.value = link.dataset.value;
      input.focus();
    });
  }
}

/* What was typed into a password can be looked at; it is sent hidden, so that browsers offer to keep it. */
function reveals() {
  for (const button of all("[data-reveal]")) {
    const input = document.getElementById(button.dataset.reveal);
    const toggle = () => {
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
    };
    button.hidden = false;
    button.addEventListener("click", toggle);
    input.form.addEventListener("submit", () => { if (input.type === "text") toggle(); });
  }
}

/* The account menu closes by Escape and by a click elsewhere, as people expect of a menu. */
function menu() {
  const account = document.querySelector("details.account");
  if (!account) return;
  document.addEventListener("click", (event) => { if (!account.contains(event.target)) account.open = false; });
  account.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    account.open = false;
    account.querySelector("summary").focus();
  });
}

/* A poll that was sent on to the log-in page means that the session is over. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  if (new URL(xhr.responseURL).pathname !== new URL(pathInfo.requestPath, location).pathname) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
document.addEventListener("htmx:load", (event) => {
  const root = event.detail.elt.parentNode ?? document;
  localTimes(root);
  sliders(root);
});

/* A slider and the input that it belongs to show the same; the input alone is sent. */
function sliders(root) {
  for (const slider of all("[data-slider][hidden]", root)) {
    const input = document.getElementById(slider.dataset.slider);
    slider.hidden = false;
    slider.addEventListener("input", () => { input.value = slider.value; });
    input.addEventListener("input", () => {
      const value = Number(input.value.replace(/[\s\u00a0\u202f']/g, "").replace(",", "."));
      if (input.value && Number.isFinite(value)) slider.value = value;
    });
  }
}
/* An error that came beside a field belongs to its input. */
document.addEventListener("htmx:afterSettle", () => {
  for (const error of all("#what-if .error")) {
    const input = document.getElementById(error.id.replace(/_error$/, ""));
    input?.setAttribute("aria-invalid", String(!error.hidden));
    error.closest(".field")?.classList.toggle("wrong", !error.hidden);
  }
});

function printing() {
  for (const button of all("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}

/* On a phone the menu is wider than the screen: the present page's entry is brought into view. */
function menuInView() {
  const strip = document.querySelector(".menu ul");
  const here = strip.querySelector("[aria-current]");
  if (here) strip.scrollLeft = here.offsetLeft - strip.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
}

localTimes(document);
sliders(document);
printing();
menuInView();
countdowns();
copyButtons();
sendOnce();
drafts();
order();
fillers();
reveals();
menu();
document.querySelector("[data-focus]")?.focus();
