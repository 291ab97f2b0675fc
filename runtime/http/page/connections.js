// ---- connections: each keeps its place for as long as it lives
const MOST_SLOTS = 500;
const places = new Map();
function place(pool) {
  let taken = places.get(pool.pool);
  if (!taken) places.set(pool.pool, taken = []);
  const alive = new Set(pool.view.connections.map(c => c.connection));
  for (let i = 0; i < taken.length; ++i) if (!alive.has(taken[i])) taken[i] = 0;
  for (const one of pool.view.connections)
    if (!taken.includes(one.connection)) {
      const free = taken.indexOf(0);
      if (free < 0) taken.push(one.connection); else taken[free] = one.connection;
    }
  while (taken.length && !taken[taken.length - 1]) taken.pop();
  return taken;
}
function fillSlot(slot, connection, lease) {
  let cls = 'slot none', right = '', second = '', third = '', name = 'free place';
  if (connection) {
    name = '#' + connection.connection;
    cls = 'slot ' + connection.state;
    second = connection.state === 'pending' ? 'being made' : words(connection.state);
    third = 'for ' + long(connection.age_ms);
  }
  if (lease) {
    if (!lease.dedicated && lease.threshold_ms > 0 && lease.held_ms > lease.threshold_ms) cls = 'slot overdue';
    right = span(lease.held_ms);
    second = lease.operation || 'unnamed ' + lease.use;
    third = borrower(lease);
  }
  if (slot.className !== cls) slot.className = cls;
  setText(slot.name, name); setText(slot.right, right); setText(slot.second, second); setText(slot.third, third);
  slot.title = lease ? [name, second, third, lease.use + ' for ' + right, lease.where].filter(Boolean).join('\n') : [name, second, third].filter(Boolean).join('\n');
}
function showSlots(pool) {
  const stats = pool.view.stats;
  const taken = place(pool);
  const number = Math.min(Math.max(stats.max_size, taken.length), MOST_SLOTS);
  const box = $('slots');
  box.classList.toggle('many', number > 60);
  while (box.children.length > number) box.lastChild.remove();
  while (box.children.length < number) {
    const slot = element('div', 'slot none');
    slot.name = element('b'); slot.right = element('span'); slot.second = element('div'); slot.third = element('div');
    slot.append(element('div', '', slot.name, slot.right), slot.second, slot.third);
    box.append(slot);
  }
  const byId = new Map(pool.view.connections.map(c => [c.connection, c]));
  const lent = new Map(pool.view.leases.map(l => [l.connection, l]));
  for (let i = 0; i < number; ++i) {
    const connection = taken[i] ? byId.get(taken[i]) : null;
    fillSlot(box.children[i], connection, connection ? lent.get(connection.connection) : null);
  }
  setText($('connections-note'), stats.in_use + ' lent, ' + stats.available + ' available, ' + (stats.pending + stats.checking)
    + ' in the making, at most ' + stats.max_size + (stats.max_size > MOST_SLOTS ? ' (' + MOST_SLOTS + ' shown)' : ''));
}
