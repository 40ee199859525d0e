// Moments in the viewer's own time zone. The server wrote them in the portal's, and said so.

const LONG = { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { day: "numeric", month: "short" };

export function enhanceMoments(root = document) {
  root.querySelectorAll("time[data-moment]").forEach((element) => {
    const at = new Date(element.dateTime);
    const options = element.dataset.moment === "day" ? DAY : LONG;
    const isThisYear = at.getFullYear() === new Date().getFullYear();
    const year = isThisYear || options === DAY ? {} : { year: "numeric" };
    element.textContent = new Intl.DateTimeFormat(language(), { ...options, ...year }).format(at);
  });
}

/** Days come before months, as on the rest of the page. */
export function language() {
  const { lang } = document.documentElement;
  return lang === "en" ? "en-GB" : lang;
}
