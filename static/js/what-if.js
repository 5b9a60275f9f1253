"use strict";

/* A slider and its input show the same number; only the input is sent. */
withContent((root) => {
  for (const slider of all("[data-slider][hidden]", root)) {
    const input = document.getElementById(slider.dataset.slider);
    slider.hidden = false;
    slider.addEventListener("input", () => {
      input.value = slider.value;
    });
    input.addEventListener("input", () => {
      const value = readNumber(input);
      if (value !== null) slider.value = value;
    });
  }
});

/* An error that came beside a field belongs to its input. */
document.addEventListener("htmx:afterSettle", () => {
  for (const error of all("#what-if .error")) {
    const input = document.getElementById(error.id.replace(/_error$/, ""));
    input?.setAttribute("aria-invalid", String(!error.hidden));
    error.closest(".field")?.classList.toggle("wrong", !error.hidden);
  }
});
