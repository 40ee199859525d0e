// Lighthouse on each of the addresses named; prints one JSON list of scores and what kept them from being full.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const CATEGORIES = ["performance", "accessibility", "seo"];
const METRICS = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"];
// On a busy machine a trace may lack its beginning, and there is nothing to score.
const ATTEMPTS = 3;
const [, , ...addresses] = process.argv;

const chrome = await launch({
  chromePath: process.env.CHROME_PATH,
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  const reports = [];
  for (const address of addresses) reports.push(await reportOf(address));
  console.log(JSON.stringify(reports));
} finally {
  chrome.kill();
}

async function reportOf(address, attempts = ATTEMPTS) {
  const { lhr } = await lighthouse(address, { port: chrome.port, onlyCategories: CATEGORIES, logLevel: "error" });
  if (lhr.runtimeError && attempts > 1) return reportOf(address, attempts - 1);
  if (lhr.runtimeError) throw new Error(`${address}: ${lhr.runtimeError.message}`);
  return {
    address,
    version: lhr.lighthouseVersion,
    scores: Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(lhr.categories[name].score * 100)])),
    metrics: Object.fromEntries(METRICS.map((name) => [name, lhr.audits[name].numericValue])),
    bytes: lhr.audits["total-byte-weight"]?.numericValue ?? 0,
    // Which audits cost points, the weightiest first.
    findings: CATEGORIES.flatMap((name) => findingsOf(lhr, lhr.categories[name])),
  };
}

function findingsOf(lhr, category) {
  return category.auditRefs
    .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 0.9)
    .sort((one, other) => other.weight - one.weight)
    .map(({ id }) => ({
      audit: id,
      score: lhr.audits[id].score,
      shown: lhr.audits[id].displayValue ?? "",
      where: (lhr.audits[id].details?.items ?? []).slice(0, 3).map((item) => item.node?.snippet ?? item.url ?? ""),
    }));
}
