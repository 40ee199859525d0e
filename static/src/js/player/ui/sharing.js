// The address of the film at this very moment: to the device's own sheet, else to the clipboard.

export async function share({ video, words, flash, player }) {
  const url = addressAt(video.currentTime);
  try {
    if (navigator.share) {
      await navigator.share({ title: player.given.title ?? document.title, url });
    } else {
      await navigator.clipboard.writeText(url);
      flash(words.linkCopied);
    }
  } catch {
    // Who closed the sheet has answered. Where the clipboard is forbidden, the address itself is shown.
    if (!navigator.share) flash(url);
  }
}

/** Return the page's own address, not that of a frame it is embedded by, with the second that is shown. */
function addressAt(seconds) {
  const url = new URL(document.querySelector("link[rel=canonical]")?.href ?? location.href);
  url.search = "";
  url.hash = "";
  if (seconds >= 1) url.searchParams.set("t", String(Math.floor(seconds)));
  return url.href;
}
