// How hls.js loads: it is given what the page has asked for already, if it has, and asks for everything else itself.
import { take } from "./ahead.js";

/** Return a loader class for hls.js, built on one of its own. */
export function earlyLoader(Loader) {
  return class EarlyLoader extends Loader {
    #early;

    load(context, config, callbacks) {
      this.#early = context.rangeEnd ? undefined : take(context.url);
      if (!this.#early) {
        super.load(context, config, callbacks);
        return;
      }
      Object.assign(this, { context, callbacks });
      const { request, askedAt, firstAt } = this.#early;
      Object.assign(this.stats.loading, { start: askedAt, first: firstAt });
      const finish = () => this.#early && this.#finish(context, config, callbacks);
      if (request.readyState === XMLHttpRequest.DONE) {
        queueMicrotask(finish);
      } else {
        // What comes slowly is given up for less: hls.js judges by these.
        request.addEventListener("progress", (event) => this.#early && this.#count(event));
        request.addEventListener("loadend", finish);
      }
    }

    abort() {
      if (this.#callOff()) this.stats.aborted = true;
      super.abort();
    }

    destroy() {
      this.#callOff();
      super.destroy();
    }

    #callOff() {
      const early = this.#early;
      this.#early = undefined;
      early?.request.abort();
      return early !== undefined;
    }

    #count({ loaded, total }) {
      this.stats.loading.first = this.#early.firstAt;
      Object.assign(this.stats, { loaded, total });
    }

    #finish(context, config, callbacks) {
      const { stats } = this;
      const { request } = this.#early;
      const { askedAt, firstAt, endAt } = timesOf(this.#early);
      this.#early = undefined;
      if (request.status !== 200 || request.response === null) {
        // Asked anew, it is tried again as often as anything is, and its failure has a reason.
        Object.assign(stats.loading, { start: 0, first: 0, end: 0 });
        super.load(context, config, callbacks);
        return;
      }
      // As if it were here this moment: how long it lay here says nothing of the line.
      const end = performance.now();
      Object.assign(stats.loading, { start: end - (endAt - askedAt), first: end - (endAt - firstAt), end });
      stats.loaded = stats.total = request.response.byteLength ?? request.response.length;
      stats.bwEstimate = (stats.total * 8000) / Math.max(endAt - firstAt, 1);
      const answer = { url: request.responseURL, data: request.response, code: request.status };
      callbacks.onSuccess(answer, stats, context, request);
    }
  };
}

/** Return when it was asked for, began and ended: on a busy page the events that tell of it come late. */
function timesOf({ request, askedAt, firstAt, endAt }) {
  const timing = performance.getEntriesByName(request.responseURL, "resource").at(-1);
  // Zero where the origin does not let the page know.
  if (!timing?.responseStart) return { askedAt, firstAt, endAt };
  return { askedAt: timing.requestStart, firstAt: timing.responseStart, endAt: timing.responseEnd };
}
