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

  for (const show of [showShare, showPayment]) {
    form.addEventListener("input", show);
    show();
  }
}
