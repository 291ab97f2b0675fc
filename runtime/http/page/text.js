// ---- figures and states as people read them
const whole = new Intl.NumberFormat('en');
function count(n) { return n < 1e6 ? whole.format(Math.round(n)) : (n / 1e6).toFixed(2) + ' M'; }
function rate(n) { return n >= 100 ? count(n) : n >= 10 ? n.toFixed(0) : n.toFixed(1); }
function parts(ms) {
  if (ms === null || !isFinite(ms)) return ['–', ''];
  if (ms === 0) return ['0', 'ms'];
  if (ms < 1) return [(ms * 1000).toFixed(0), 'µs'];
  if (ms < 10) return [ms.toFixed(1), 'ms'];
  if (ms < 1000) return [ms.toFixed(0), 'ms'];
  return [(ms / 1000).toFixed(ms < 10000 ? 2 : 1), 's'];
}
function span(ms) { return parts(ms).join(' ').trim(); }
function long(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return s + ' s';
  if (s < 3600) return Math.floor(s / 60) + ' min ' + (s % 60) + ' s';
  if (s < 86400) return Math.floor(s / 3600) + ' h ' + (Math.floor(s / 60) % 60) + ' min';
  return Math.floor(s / 86400) + ' d ' + (Math.floor(s / 3600) % 24) + ' h';
}
function clock(ms) { return new Date(ms).toLocaleTimeString('en-GB'); }

let bounds = []; // of the classes that durations are counted in, in ms; /stats has them

/** The time that a share of those counted in classes stays below, guessed within its class. */
function quantile(classes, share, longest) {
  const all = classes.reduce((a, b) => a + b, 0);
  if (!all) return null;
  let before = 0;
  for (let i = 0; i < classes.length; ++i) {
    if (before + classes[i] >= share * all && classes[i]) {
      if (i >= bounds.length) return longest;
      const low = i ? bounds[i - 1] : 0;
      return Math.min(low + (bounds[i] - low) * (share * all - before) / classes[i], longest || Infinity);
    }
    before += classes[i];
  }
  return longest;
}
const TONES = {
  healthy: 'good', closed: 'good', degraded: 'warn', half_open: 'warn', disabled: 'warn',
  unavailable: 'bad', open: 'bad', forced_open: 'bad',
};
function tone(state) { return TONES[state] || 'idle'; }
/** Who has the lease: actors without a name have a number still. */
function borrower(lease) {
  return lease.borrower ? (lease.borrower_name || 'actor') + ' ' + lease.borrower : 'somebody';
}
function words(name) { return String(name).replace(/_/g, ' '); }
function pill(state) { return element('span', 'pill ' + tone(state), words(state)); }
