"use strict";

/* Closes the account menu on Escape or on a click outside. */
function accountMenu(account) {
  document.addEventListener("click", (event) => {
    if (!account.contains(event.target)) account.open = false;
  });
  account.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    account.open = false;
    account.querySelector("summary").focus();
  });
}

/* Scrolls the menu to the current page's entry, because the menu is wider than a phone's screen. */
function currentEntryInView(strip) {
  const current = strip.querySelector("[aria-current]");
  if (!current) return;
  strip.scrollLeft = current.offsetLeft - strip.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
}

for (const account of all("details.account")) accountMenu(account);
currentEntryInView(document.querySelector(".menu ul"));
