"use strict";

/* Helpers for all pages. Pages work without JavaScript, and the server validates all input. */

const language = document.documentElement.lang;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/* Calls `prepare` with the page now, and with each part that htmx loads later. */
function withContent(prepare) {
  prepare(document);
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentNode ?? document));
}

for (const button of all("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

document.querySelector("[data-focus]")?.focus();
