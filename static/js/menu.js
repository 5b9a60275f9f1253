"use strict";

/* The account menu closes with Escape and with a click elsewhere. */
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

/* On a phone the menu is wider than the screen: the current page's entry is brought into view. */
function currentEntryInView(strip) {
  const current = strip.querySelector("[aria-current]");
  if (!current) return;
  strip.scrollLeft = current.offsetLeft - strip.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
}

for (const account of all("details.account")) accountMenu(account);
currentEntryInView(document.querySelector(".menu ul"));
