// Says below the choice of a crontab, in the admin, what the chosen one means.
const meanings = JSON.parse(document.getElementById("readable-crontabs").textContent);
const choice = document.getElementById("id_crontab");
const help = document.querySelector(".field-crontab .help div") || document.querySelector(".field-crontab .help");
const translation = document.querySelector(".field-crontab_translation");
if (translation) translation.hidden = true;
if (choice && help) {
  const meaning = document.createElement("p");
  help.append(meaning);
  choice.addEventListener("change", () => { meaning.textContent = meanings[choice.value] || ""; });
}
