// The large numbers of now.
import { shareAt } from "./kinds.js";
import { sayCount, sayDelay, sayRate, sayShare } from "./numbers.js";

/** Return how to show a second, and how to begin anew with the peak of before. */
export function createGauges(section) {
  let most = 0;

  function begin({ peak, peak_is_sealed: isSealed }) {
    most = peak;
    markPeak(isSealed);
  }

  function show(columns) {
    const last = columns.at.length - 1;
    const latest = (name) => columns[name]?.[last];
    put("viewers", sayCount(latest("viewers")));
    put("sessions", sayCount(latest("sessions")));
    put("egress", sayRate(latest("egress_bps")));
    put("rebuffering", sayShare(shareAt(columns, last)));
    put("latency", sayDelay(latest("latency_ms")));
    put("errors", sayCount((columns.errors ?? []).reduce((sum, count) => sum + (count ?? 0), 0)));
    if ((latest("viewers") ?? 0) > most) {
      most = latest("viewers");
      markPeak(false);
    }
    put("peak", sayCount(most));
  }

  function markPeak(isSealed) {
    section.querySelector('[data-gauge="peak"] [data-gauge-note]').hidden = isSealed;
  }

  function put(name, text) {
    const place = section.querySelector(`[data-gauge="${name}"] [data-gauge-value]`);
    if (place && place.textContent !== text) place.textContent = text;
  }

  return { begin, show };
}
