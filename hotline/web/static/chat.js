// Makes the chat nicer: sends without a reload and looks for answers while the page is seen. All works without it.
"use strict";
(function () {
  const form = document.getElementById("chat");
  const list = document.getElementById("messages");
  const text = document.getElementById("text");
  const file = document.getElementById("file");
  const large = document.getElementById("large");
  const unsent = document.getElementById("unsent");
  const away = document.getElementById("away");
  const EAGER = 300, STEADY = 1000, IDLE = 5000, WORST = 20000; // milliseconds between two looks
  const QUIET = 120; // looks without news before it looks less often: data costs money
  let wait = STEADY, quiet = 0, timer = 0, sending = false;

  function leave(event) {
    event.preventDefault();
    location.replace(away.href); // the chat is not one step back
  }
  away.addEventListener("click", leave);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") { leave(event); } });
  if (!form || !window.fetch) { return; }

  function show(news) {
    list.innerHTML = news.html; // made and escaped by the server
    form.dataset.mark = news.mark;
    if (!sending && unsent.hidden) { form.elements.message.value = news.message; }
    document.querySelector(".end").hidden = false;
    window.scrollTo(0, document.documentElement.scrollHeight);
  }

  async function look() {
    try {
      const answer = await fetch(`${form.action}?after=${form.dataset.mark}`, { headers: { Accept: "application/json" } });
      if (answer.status === 200) { show(await answer.json()); quiet = 0; } else { quiet += 1; }
      wait = quiet > QUIET ? IDLE : quiet < 6 && wait <= EAGER ? EAGER : STEADY;
    } catch {
      wait = Math.min(wait * 2, WORST);
    }
    again();
  }

  function again() {
    clearTimeout(timer);
    if (!document.hidden) { timer = setTimeout(look, wait); }
  }
  document.addEventListener("visibilitychange", () => { wait = STEADY; again(); });

  async function send(button) {
    const data = new FormData(form);
    const typed = button.name !== "press";
    if (!typed) { data.set("press", button.value); }
    const chosen = typed ? file.files[0] : undefined;
    if (!typed) { data.delete("file"); }
    if (sending || (typed && !text.value.trim() && !chosen)) { return; }
    large.hidden = !chosen || chosen.size < file.dataset.max;
    if (!large.hidden) { file.value = ""; return; }
    sending = true;
    let news = null;
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
      if (answer.ok) { news = await answer.json(); }
    } catch { /* no network: said below */ }
    sending = false;
    unsent.hidden = news !== null;
    if (news === null) { unsent.scrollIntoView(); return; } // the message keeps its name, so that it counts once
    if (typed) { text.value = file.value = ""; }
    show(news);
    wait = EAGER; quiet = 0;
    again();
  }

  form.addEventListener("submit", (event) => {
    const button = event.submitter || document.getElementById("send");
    if (button.hasAttribute("formaction")) { return; }
    event.preventDefault();
    send(button);
  });
  if (matchMedia("(pointer: fine)").matches) {
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(form.querySelector("#send")); }
    });
  }
  window.scrollTo(0, document.documentElement.scrollHeight);
  again();
})();
