// ---- lists are made anew only if they say something else
const shown = new Map();
function changed(id, data) {
  const text = JSON.stringify(data);
  if (shown.get(id) === text) return false;
  shown.set(id, text);
  return true;
}
function list(id, items, make, empty) {
  if (!changed(id, items)) return;
  const lines = items.slice().reverse().map(item => element('li', '', ...make(item)));
  $(id).replaceChildren(...(lines.length ? lines : [element('li', 'none-yet', empty)]));
}
function time(ms) {
  const made = element('time', '', clock(ms));
  made.dateTime = new Date(ms).toISOString();
  made.title = new Date(ms).toLocaleString();
  return made;
}
function sub(text) { return element('div', 'sub', text); }
