// Where the files of a film are had now. An engine goes by addresses of the session that it began with, and by those in
// what it has fetched since; each is made one of the session that is good now.
import { withQuery } from "./playlists.js";

export class Addresses {
  // What addresses begin with, of each session so far, and what they end with.
  #bases = [];
  #marks = new Set();
  #query = "";

  constructor(playback) {
    this.renew(playback);
  }

  /** Go by another session with the same package from now on. */
  renew({ hls_url: url, media_query: query }) {
    this.#bases.unshift(new URL(".", url).href);
    this.#query = query ?? "";
    for (const mark of this.#query.split("&")) this.#marks.add(mark);
  }

  /** Return where this is had. Playlists name files as they lie there; some edges want a signature behind each name. */
  of(url) {
    const base = this.#bases.find((begins) => url.startsWith(begins));
    const [path, asked = ""] = (base ? this.#bases[0] + url.slice(base.length) : url).split("?");
    const kept = asked.split("&").filter((mark) => mark && !this.#marks.has(mark));
    const plain = kept.length > 0 ? `${path}?${kept.join("&")}` : path;
    return this.#query ? withQuery(plain, this.#query) : plain;
  }
}
