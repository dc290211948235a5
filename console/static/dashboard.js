// Fetches the figures again every 30 seconds, unless the reader is in the middle of them or has switched it off.
"use strict";
{
  const figures = document.getElementById("angka");
  const live = document.getElementById("langsung");
  const wanted = live && live.querySelector("input");
  const status = live && live.querySelector("[role=status]");

  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };

  const refresh = async () => {
    if (!wanted.checked || document.hidden || figures.contains(document.activeElement)) return;
    try {
      const answer = await fetch(figures.dataset.address + location.search);
      if (answer.redirected) return location.reload(); // the session is over: to the login
      if (!answer.ok) throw new Error(answer.status);
      const text = await answer.text();
      const open = [...figures.querySelectorAll("details[open]")].map((one) => one.id);
      figures.innerHTML = text;
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      say("");
    } catch {
      say("Belum dapat diperbarui; dicoba lagi.");
    }
  };

  if (figures) {
    live.hidden = false;
    setInterval(refresh, 30000);
  }
}
