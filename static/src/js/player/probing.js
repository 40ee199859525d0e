// Some engines say that something failed and not why. The same request, made by hand, is answered with the reason.
import { codeOf, failureOfMedia } from "./failures.js";

/** Return the failure that the manifest of a playback meets with now; "" if it is there. */
export async function probeFailure({ lifetime }, url) {
  const isPastTime = lifetime.isOver;
  try {
    const response = await fetch(url, { cache: "no-store", credentials: "omit" });
    if (response.ok) return "";
    const code = codeOf(await response.text());
    return failureOfMedia({ status: response.status, code, isManifest: true, isPastTime });
  } catch {
    return failureOfMedia({ status: 0, code: "", isManifest: true, isPastTime });
  }
}
