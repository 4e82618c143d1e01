// Waits until nothing that a redraw would close is open: a dialog, a popover, a menu, a calendar. Then says so, once.

const OPEN = "[role=dialog], [data-testid=stPopoverBody], [role=listbox], [role=menu], [data-baseweb=calendar]";
const LOOK_AGAIN_MS = 250;
const watches = new Map();

function isOpen(node) {
  return !node.closest("[hidden], [aria-hidden=true]") && node.getClientRects().length > 0;
}

function handsAreBusy() {
  return [...document.querySelectorAll(OPEN)].some(isOpen);
}

function stop(key) {
  clearInterval(watches.get(key));
  watches.delete(key);
}

export default function ({ setTriggerValue, key }) {
  stop(key);
  const look = () => {
    if (handsAreBusy()) return;
    stop(key);
    setTriggerValue("rested", Date.now());
  };
  watches.set(key, setInterval(look, LOOK_AGAIN_MS));
  look();
  return () => stop(key);
}
