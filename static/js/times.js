"use strict";

/* Shows times in the reader's time zone, in the form in which the server shows them. The server sends UTC. */
const dayFormat = new Intl.DateTimeFormat(language, { dateStyle: "long" });
const clockFormat = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function dayText(at) {
  const parts = Object.fromEntries(dayFormat.formatToParts(at).map((part) => [part.type, part.value]));
  return `${parts.day} ${parts.month} ${parts.year}`;
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
