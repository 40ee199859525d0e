// The editors' desk starts dark, as the portal does. Unfold keeps what a person chooses under this key.
const KEY = "adminTheme";

try {
  if (localStorage.getItem(KEY) === null) localStorage.setItem(KEY, JSON.stringify("dark"));
} catch {
  // Storage is closed to us: Unfold then follows the device.
}
