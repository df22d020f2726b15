// What every page of the desk does with scripts; each module stands for one behaviour and survives swaps.
import "./elements/local_time.js";
import "./elements/menu.js";
import "./elements/copy.js";
import "./elements/once.js";
import "./elements/keys.js";
import "./elements/walk.js";
import "./elements/composer.js";
import "./elements/letter_frame.js";
import "./elements/thread.js";
import "./elements/ticket_list.js";
import "./elements/swaps.js";
import "./elements/presence.js";
import "./elements/back.js";
import "./elements/rail.js";
import "./elements/steady.js";
import "./elements/live_page.js";
