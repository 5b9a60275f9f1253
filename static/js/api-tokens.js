"use strict";

/* The time until an access token expires. */
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
