"use strict";

/* Updates the loan to income and the price while an order form is filled in. */
for (const form of all("form[data-order]")) {
  const { person_income: income, loan_amnt: amount, loan_percent_income: share } = form.elements;
  const shareFormat = new Intl.NumberFormat(language, { maximumFractionDigits: 4, useGrouping: false });

  const showShare = () => {
    const [loan, yearly] = [readNumber(amount), readNumber(income)];
    share.value = loan && yearly ? shareFormat.format(loan / yearly) : "";
  };

  const showPayment = () => {
    const chosen = form.querySelector("input[name=model]:checked");
    for (const part of all("[data-live]", form)) part.hidden = !chosen;
    if (!chosen) return;
    for (const sum of all("[data-sum]", form)) sum.textContent = chosen.dataset[sum.dataset.sum];
    form.querySelector("[data-short]").hidden = !("unaffordable" in chosen.dataset);
  };

  /* Warns beside a value outside the training range, and lists all warnings beside the price. */
  const showCautions = () => {
    const [loan, yearly] = [readNumber(amount), readNumber(income)];
    const texts = [];
    for (const caution of all("[data-caution]", form)) {
      const input = document.getElementById(caution.id.replace(/_caution$/, ""));
      const value = input !== share ? readNumber(input) : loan && yearly ? loan / yearly : null;
      const unusual = value !== null && (value < Number(input.dataset.low) || value > Number(input.dataset.high));
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
}
