// ---- what plots show: figures of the last minutes, by pool
const SPAN = 120000;      // of the plots at most, in ms
const LEAST_SPAN = 20000;
const LATELY = 2000;      // rates and waits are those of so many ms, so that they can be read
const GAP = 5000;         // between two snapshots: what was meanwhile is not known
const past = new Map();

/** The figures that only grow. */
function totalsOf(pool) {
  const s = pool.view.stats;
  return { granted: s.granted, failed: s.errors + refusals(pool), waits: pool.view.wait_time.classes };
}
/** Requests that were not granted a connection. A breaker refuses before they come to the pool. */
function refusals(pool) {
  return pool.view.stats.refused + pool.view.stats.timed_out + pool.view.operations_breaker.refused;
}
function remember(pool, now) {
  let known = past.get(pool.pool);
  if (!known || known.began !== pool.began_unix_ms) {
    known = { began: pool.began_unix_ms, points: [] };
    past.set(pool.pool, known);
  }
  const points = known.points;
  const t = pool.at_unix_ms;
  // One that is old was made before somebody watched; a pool that did not answer has left its figures of before.
  if (now - t > GAP || !pool.pool_answers || (points.length && t <= points[points.length - 1].t)) return;
  const point = {
    t, totals: totalsOf(pool), in_use: pool.view.stats.in_use, waiting: pool.view.stats.waiting,
    rtt: pool.health.state === 'unavailable' ? null : pool.health.round_trip_mean_ms || null, calls: null, failed: null, wait: null, wait50: null,
  };
  const since = points.findLast(p => p.t <= t - LATELY) || points[0];
  if (since) addRates(point, since, pool.view.wait_time.longest_ms);
  points.push(point);
  while (points[0].t < t - SPAN) points.shift();
}
/** What happened from one point to a later one. */
function addRates(to, from, longest) {
  const grown = key => Math.max(0, to.totals[key] - from.totals[key]) / (to.t - from.t) * 1000;
  to.calls = grown('granted');
  to.failed = grown('failed');
  const waits = to.totals.waits.map((n, i) => Math.max(0, n - from.totals.waits[i]));
  to.wait = quantile(waits, 0.99, longest);
  to.wait50 = quantile(waits, 0.5, longest);
}
/** The newest figure of that name, null if it is not known. */
function newest(points, key) { return points.length ? points[points.length - 1][key] : null; }
