// Labelling by keyboard: numbers choose a guess, Enter accepts, marked words go into their field.
"use strict";
(() => {
  const text = document.getElementById("teks");
  const form = document.getElementById("label");
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const key = event.key.toLowerCase();
    const button = document.querySelector(`[data-alt="${CSS.escape(key)}"]`);
    const field = document.querySelector(`[data-focus="${CSS.escape(key)}"]`);
    if (button) button.click();
    if (field) field.focus();
    if (button || field) event.preventDefault();
  });
  if (!form) return;

  const intent = document.getElementById("intent");
  const read = document.getElementById("terbaca");
  const names = [...document.querySelectorAll("#intents option")].map((option) => option.value);
  const fitting = () => {
    const words = intent.value.toLowerCase().split(/\s+/).filter(Boolean);
    const exact = names.find((name) => name.toLowerCase() === intent.value.trim().toLowerCase());
    return words.length ? exact || names.find((name) => words.every((word) => name.toLowerCase().includes(word))) : "";
  };
  const show = () => {
    const found = fitting();
    read.textContent = !intent.value.trim() ? "" : found ? `Enter: ${found}` : "Tidak ada maksud seperti itu.";
  };
  intent.addEventListener("input", show);
  form.addEventListener("submit", () => {
    intent.value = fitting() || intent.value;
  });
  const typing = (element) => element.matches("input:not([type=radio]), select") && (element !== intent || intent.value);
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || typing(event.target)) return;
    const guess = /^[1-9]$/.test(event.key) && document.getElementById(`guess-${event.key}`);
    if (!guess) return;
    guess.checked = true;
    intent.value = "";
    event.preventDefault();
  });

  const marking = document.getElementById("tandai-kata");
  marking.hidden = false;
  // Chromium gives a field that is readonly no cursor, and so no selection by keyboard.
  text.readOnly = false;
  text.setAttribute("aria-readonly", "true");
  text.inputMode = "none";
  text.addEventListener("beforeinput", (event) => event.preventDefault());
  const mark = (button) => {
    const words = text.value.slice(text.selectionStart, text.selectionEnd).trim();
    const field = document.getElementById(button.dataset.field);
    if (!words) return;
    // The one service or office has one place; of the others there may be several.
    const several = button.dataset.field.startsWith("words_") && field.value.trim();
    field.value = several ? `${field.value.trim()}; ${words}` : words;
    const details = field.closest("details");
    if (details) details.open = true;
    const named = document.getElementById(button.dataset.field.replace("_words", ""));
    (named && !named.value ? named : intent).focus();
  };
  for (const button of marking.querySelectorAll("[data-key]")) {
    button.addEventListener("click", () => mark(button));
  }
  text.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit();
    }
    const button = marking.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!button) return;
    event.preventDefault();
    mark(button);
  });
})();
