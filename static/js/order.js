"use strict";

/* Updates the loan to income and the price while an order form is filled in. */
for (const form of all("form[data-order]")) {
  const { person_income: income, loan_amnt: amount } = form.elements;
  const share = form.querySelector("[data-share]");
  const shareFormat = new Intl.NumberFormat(language, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    useGrouping: false,
    roundingMode: "halfEven",
  });

  /* Loan to yearly income; null if one of them cannot be read. */
  const readShare = () => {
    const [loan, yearly] = [readNumber(amount), readNumber(income)];
    return loan && yearly ? loan / yearly : null;
  };

  const showShare = () => {
    const value = readShare();
    share.textContent = value === null ? "\u2014" : shareFormat.format(value);
  };

  const showPayment = () => {
    const chosen = form.querySelector("input[name=model]:checked");
    for (const part of all("[data-live]", form)) part.hidden = !chosen;
    if (!chosen) return;
    for (const sum of all("[data-sum]", form)) sum.textContent = chosen.dataset[sum.dataset.sum] ?? "";
    for (const part of all("[data-short]", form)) part.hidden = !("unaffordable" in chosen.dataset);
    const button = form.querySelector("[data-pay]");
    button.name = chosen.dataset.missing ? "top_up" : "";
    button.value = chosen.dataset.missing ?? "";
    button.textContent = chosen.dataset.text ?? button.dataset.pay;
  };

  /* Warns beside a value outside the training range, and lists all warnings beside the price. */
  const showCautions = () => {
    const texts = [];
    for (const caution of all("[data-caution]", form)) {
      const input = document.getElementById(caution.id.replace(/_caution$/, ""));
      const value = input === share ? readShare() : readNumber(input);
      // A value that the server has refused has its error.
      const refused = input.closest(".wrong") && input.value === input.defaultValue;
      const outside = value < Number(input.dataset.low) || value > Number(input.dataset.high);
      const unusual = value !== null && !refused && outside;
      const text = unusual ? caution.dataset.caution : "";
      if (caution.textContent !== text) caution.textContent = text;
      if (text) texts.push(text);
    }
    const summary = form.querySelector("[data-cautions]");
    if (!summary) return;
    summary.hidden = !texts.length;
    summary.querySelector("ul").replaceChildren(
      ...texts.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
    );
  };

  for (const show of [showShare, showPayment]) {
    form.addEventListener("input", show);
    show();
  }
  /* A warning moves what is below it: never under a finger or button that is just pressing "Pay". */
  let pressed = false;
  const showCautionsSoon = () => setTimeout(() => pressed || showCautions());
  form.addEventListener("change", showCautionsSoon);
  document.addEventListener("pointerdown", () => (pressed = true));
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      pressed = false;
      showCautionsSoon();
    });
  }
  showCautions();

  /* Enter leads to the next field, and only the button pays. */
  form.addEventListener("keydown", (event) => {
    const input = event.target;
    if (event.key !== "Enter" || event.isComposing || input.tagName !== "INPUT") return;
    event.preventDefault();
    const later = [...form.elements].slice([...form.elements].indexOf(input) + 1);
    const isNext = ({ tabIndex, type, disabled, name }) =>
      tabIndex >= 0 && type !== "hidden" && !disabled && (!name || name !== input.name);
    const next = later.find(isNext);
    const chosen = next?.type === "radio" ? form.querySelector(`input[name=${next.name}]:checked`) : null;
    (chosen ?? next)?.focus();
  });
}
