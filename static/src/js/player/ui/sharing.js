// The address of the film at this very moment: to the device's own sheet, else to the clipboard.

export async function share({ video, words, flash, player }) {
  const url = addressAt(video.currentTime);
  const title = player.given.title ?? document.title;
  // Who closes the sheet has answered; where the browser forbids it, as in frames of other sites, there is the clipboard.
  const refusal = await navigator.share?.({ title, url }).then(() => "AbortError", ({ name }) => name);
  if (refusal === "AbortError") return;
  const isCopied = await navigator.clipboard?.writeText(url).then(() => true, () => false);
  flash(isCopied ? words.linkCopied : url);
}

/** Return the page's own address, not that of a frame it is embedded by, with the second that is shown. */
function addressAt(seconds) {
  const url = new URL(document.querySelector("link[rel=canonical]")?.href ?? location.href);
  url.search = "";
  url.hash = "";
  if (seconds >= 1) url.searchParams.set("t", String(Math.floor(seconds)));
  return url.href;
}
