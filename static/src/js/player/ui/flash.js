// A word in the middle of the picture for a moment: what a key has just done. Screen readers are told it too.
import { announce } from "../../shared/toasts.js";

const STAYS_MS = 900;

export function flashes({ find }) {
  const element = find("[data-player-flash]");
  let timer = 0;
  return (text) => {
    clearTimeout(timer);
    element.textContent = text;
    element.hidden = false;
    timer = setTimeout(() => (element.hidden = true), STAYS_MS);
    announce(text);
  };
}
