"use strict";

/* Keeps a slider and its input in sync. Only the input is sent. */
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

/* Marks the inputs that have an error, and disables what is used up, after htmx has updated the page. */
document.addEventListener("htmx:afterSettle", () => {
  for (const error of all("#what-if .error")) {
    const input = document.getElementById(error.id.replace(/_error$/, ""));
    input?.setAttribute("aria-invalid", String(!error.hidden));
    error.closest(".field")?.classList.toggle("wrong", !error.hidden);
  }
  // The answer says that no free calculation is left.
  if (!document.querySelector("[data-used-up]")) return;
  for (const inputs of all("#what-if fieldset, #loan-reduction fieldset")) inputs.disabled = true;
});
