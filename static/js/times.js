"use strict";

/* Shows times in the reader's time zone. The server sends UTC. */
const dayFormat = new Intl.DateTimeFormat(language, { dateStyle: "long" });
const clockFormat = new Intl.DateTimeFormat(language, { timeStyle: "short" });

/* A text after the year, as in "2026 г.", gets a non-breaking space. */
function dayText(at) {
  const parts = dayFormat.formatToParts(at).map((part) => part.value);
  const last = parts.pop().replace(" ", "\u00a0");
  return parts.join("") + last;
}

withContent((root) => {
  for (const time of all("time[data-local]", root)) {
    const at = new Date(time.dateTime);
    const clock = clockFormat.format(at);
    time.title = time.textContent;
    time.textContent = time.dataset.local === "clock" ? clock : `${dayText(at)}, ${clock}`;
    time.removeAttribute("data-local");
  }
});
