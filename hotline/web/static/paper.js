// The button is for those who do not know where the browser hides printing; without scripts there is none.
"use strict";
(function () {
  const button = document.querySelector("[data-print]");
  button.hidden = false;
  button.addEventListener("click", function () { window.print(); });
})();
