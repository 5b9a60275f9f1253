"use strict";

/* A file that is dropped on the panel is chosen in its input. Without JavaScript, the input does the same. */
for (const panel of all("[data-drop]")) {
  const input = panel.querySelector("input[type=file]");
  panel.querySelector("[data-drop-hint]").hidden = false;
  const mark = (over) => panel.classList.toggle("over", over);
  panel.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  panel.addEventListener("dragleave", () => mark(false));
  panel.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
}
