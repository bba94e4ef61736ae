// The page works without this. It opens windows above the conversation instead of on a page of
// their own, lets "/" go to the field, and shows what the documents say after an edit.
"use strict";

const dialog = document.getElementById("dialog");

async function fill(form) {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById("window") || page.getElementById("main");
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.className = "close";
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(close, ...found.childNodes);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.opens")) return;
  event.preventDefault();
  fill(event.target).catch(() => event.target.submit());
});

dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close(); // beside the window
});

document.addEventListener("keydown", (event) => {
  const field = document.getElementById("q");
  if (event.key !== "/" || !field || dialog.open || event.target.matches("input")) return;
  event.preventDefault();
  field.focus();
});

// An edit of the documents: shown at once, unless somebody is writing or reads a window.
async function look() {
  if (document.hidden) return;
  const state = await (await fetch("/state")).json();
  if (state.corpus === document.body.dataset.corpus) return;
  const field = document.getElementById("q");
  if (dialog.open || (field && field.value)) document.getElementById("changed").hidden = false;
  else location.reload();
}

if (document.body.dataset.corpus) setInterval(() => look().catch(() => {}), 1000);
