// Fetches the page again every two seconds and takes over what is new in it; an answer being typed stays as it is.
"use strict";
const INTERVAL = 2000; // milliseconds

function toEnd(list) { list.scrollTop = list.scrollHeight; }

async function refresh() {
  const answer = await fetch("/", { cache: "no-store" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const phone of fresh.querySelectorAll(".phone")) {
    const shown = document.getElementById(phone.id);
    if (!shown) {
      document.getElementById("phones").append(document.adoptNode(phone));
      continue;
    }
    const [before, after] = [shown, phone].map((section) => section.querySelector(".messages"));
    if (before.innerHTML !== after.innerHTML) {
      before.innerHTML = after.innerHTML;
      toEnd(before);
    }
  }
}

document.querySelectorAll(".messages").forEach(toEnd);
setInterval(() => refresh().catch(() => {}), INTERVAL);
