// Which engine plays: hls.js wherever it can; the browser by itself where it cannot, as on an iPhone; dash.js where
// neither can, and where somebody asks for it with `?engine=dash`.
import { DashEngine } from "./dash_engine.js";
import { HlsEngine } from "./hls_engine.js";
import { NativeEngine } from "./native_engine.js";

const ENGINES = { hls: HlsEngine, native: NativeEngine, dash: DashEngine };

/** Return an engine for a video element, and whether it can play anything here. */
export function createEngine(video, tell) {
  const asked = ENGINES[new URL(location.href).searchParams.get("engine")];
  const Engine = [asked, ...Object.values(ENGINES)].find((engine) => engine?.isSupported(video));
  return { engine: new (Engine ?? NativeEngine)(video, tell), isSupported: Engine !== undefined };
}
