"use strict";

/* Keeps a slider and its input in sync. Only the input is sent. Without a value there is no slider: it would show one. */
withContent((root) => {
  for (const slider of all("[data-slider]:not([data-synced])", root)) {
    const input = document.getElementById(slider.dataset.slider);
    const show = () => (slider.hidden = !input.value.trim());
    slider.dataset.synced = "";
    show();
    input.form.addEventListener("reset", () => setTimeout(show));
    slider.addEventListener("input", () => {
      input.value = slider.value;
    });
    input.addEventListener("input", () => {
      const value = readNumber(input);
      if (value !== null) slider.value = value;
      show();
    });
  }
});

/* A next step is tried in the what-if form, so that its inputs and sliders show it. */
withContent((root) => {
  for (const step of all("form[data-step]", root)) {
    step.addEventListener("submit", (event) => {
      const form = document.querySelector("#what-if form");
      if (!form) return;
      event.preventDefault();
      form.reset();
      for (const { name, value } of all("input[data-change]", step)) {
        form.elements[name].value = value;
        form.elements[name].dispatchEvent(new Event("input", { bubbles: true }));
      }
      form.closest("details")?.setAttribute("open", "");
      document.getElementById("what-if").scrollIntoView({ block: "nearest" });
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
