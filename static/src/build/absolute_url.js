// What hls.js asks the package url-toolkit for; browsers have it.

export function buildAbsoluteURL(base, relative) {
  return new URL(relative, base).href;
}
