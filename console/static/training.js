// Keeps the page of a running training up to date; when it has ended, the page is fetched anew with the comparison.
"use strict";
(() => {
  const progress = document.getElementById("progress");
  const set = (id, text) => {
    const element = document.getElementById(id);
    if (element.textContent !== text) element.textContent = text;
  };
  const refresh = async () => {
    try {
      const answer = await fetch(progress.dataset.state, { cache: "no-store" });
      if (answer.ok && !answer.redirected) {
        const now = await answer.json();
        if (now.state !== "running") return location.reload();
        document.getElementById("share").value = now.share;
        set("stage", now.stage);
        set("left", now.left);
        set("log", now.log);
      }
    } catch {
      // The web process may be starting again; the training goes on.
    }
    setTimeout(refresh, 2000);
  };
  setTimeout(refresh, 2000);
})();
