// Counts the timers on between two loads of the page. The server's clock is the one that counts.
"use strict";
(function () {
  const words = document.body.dataset;
  const ahead = Number(words.now) * 1000 - Date.now(); // how far the server's clock is ahead of this one
  const due = document.querySelectorAll("time[data-due]");
  if (!words.now || !due.length) { return; }

  function span(minutes) {
    return minutes < 60 ? words.minutes.replace("{minutes}", minutes)
      : words.hours.replace("{hours}", Math.floor(minutes / 60)).replace("{minutes}", minutes % 60);
  }
  function tick() {
    for (const time of due) {
      const left = Number(time.dataset.due) * 1000 - Date.now() - ahead;
      if (Math.abs(left) >= 2 * 86400000) { continue; } // days don't tick
      time.textContent = (left < 0 ? words.late : words.left).replace("{time}", span(Math.floor(Math.abs(left) / 60000)));
      if (left < 0) { (time.closest(".line") || time.parentElement).classList.add("late"); }
    }
  }
  setInterval(tick, 5000);
})();
