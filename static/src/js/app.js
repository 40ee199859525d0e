// On every page: what a script adds to pages that already work without one.
import { enhanceComboboxes } from "./shared/combobox.js";
import { enhanceDialogs } from "./shared/dialogs.js";
import { enhanceForms } from "./shared/forms.js";
import { whenIdle } from "./shared/idle.js";
import { enhanceMoments } from "./shared/moments.js";
import { enhanceShelves } from "./shared/shelves.js";
import { enhanceThemeMenu } from "./shared/theme.js";
import { enhanceToasts } from "./shared/toasts.js";

enhanceToasts();
enhanceThemeMenu();
enhanceForms();
enhanceComboboxes();
enhanceDialogs();
enhanceShelves();
// The first date costs more than all the rest: what a page is opened for comes before.
whenIdle(() => enhanceMoments());
