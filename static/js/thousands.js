"use strict";

/* Groups the thousands of an amount while it is typed. What is not clearly a whole number stays as it is. */
for (const input of all("input[data-grouped]")) {
  const GROUPS = /^(0|[1-9][0-9]*|[1-9][0-9]{0,2}([ \u00a0\u2000-\u200a\u202f',.\u2019])[0-9]{3}(\2[0-9]{3})*)$/;
  let before = "";

  /* The digits before the caret. */
  const caret = () => input.value.slice(0, input.selectionStart).replace(/[^0-9]/g, "").length;

  const show = (digits, at) => {
    const text = grouped(digits);
    if (text.length > input.maxLength || text === input.value) return;
    input.value = text;
    if (document.activeElement !== input) return;
    let place = 0;
    for (let passed = 0; passed < at; place++) if (text[place] !== separator) passed++;
    input.setSelectionRange(place, place);
  };

  /* What came in one piece or was typed with other separators, if there is one way to read it. */
  const showWhole = () => {
    if (GROUPS.test(input.value) && readNumber(input) !== null) show(input.value.replace(/[^0-9]/g, ""), caret());
  };

  const showTyped = ({ inputType = "", data, isComposing }) => {
    if (isComposing) return;
    let digits = input.value.replaceAll(separator, "");
    let at = caret();
    const deleted = inputType.startsWith("delete");
    const ours = isGrouped(before) && /^[0-9]*$/.test(digits) && (deleted || /^[0-9]+$/.test(data ?? ""));
    if (!ours) return showWhole();
    // Only a separator was deleted: the digit beyond it is meant.
    if (deleted && digits === before.replaceAll(separator, "")) {
      if (inputType === "deleteContentBackward") at -= 1;
      digits = digits.slice(0, at) + digits.slice(at + 1);
    }
    show(digits, at);
  };

  input.addEventListener("beforeinput", () => (before = input.value));
  input.addEventListener("input", showTyped);
  input.addEventListener("change", showWhole);
  input.form.addEventListener("formdata", ({ formData }) => formData.set(input.name, portable(input)));
  showWhole();
}
