"use strict";

/* Helpers for all pages. Pages work without JavaScript, and the server validates all input. */

const language = document.documentElement.lang;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/* What separates groups of thousands, as the server writes them. */
const separator = language === "en" ? "," : "\u00a0";
const grouped = (digits) => (digits.startsWith("0") ? digits : digits.replace(/\B(?=([0-9]{3})+$)/g, separator));
const isGrouped = (text) => /^[0-9]*$/.test(text.replaceAll(separator, "")) && text === grouped(text.replaceAll(separator, ""));
/* The value of an input as another language reads it too: thousands that the page has grouped are not grouped. */
const portable = ({ value, dataset }) =>
  "grouped" in dataset && isGrouped(value) ? value.replaceAll(separator, "") : value;

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
