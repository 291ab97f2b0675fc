// ---- what happened, and what is set
function showOperations(report) {
  if (!changed('operations', report.operations)) return;
  const most = Math.max(1, ...report.operations.map(o => o.succeeded.total_ms + o.failed.total_ms));
  const rows = report.operations.map(o => {
    const classes = o.succeeded.classes.map((n, i) => n + o.failed.classes[i]);
    const longest = Math.max(o.succeeded.longest_ms, o.failed.longest_ms);
    const bar = element('span', 'bar');
    bar.style.width = Math.max(1, 100 * (o.succeeded.total_ms + o.failed.total_ms) / most) + '%';
    const row = element('tr', '', element('td', '', o.operation || '(unnamed)', bar),
      element('td', '', count(o.succeeded.count + o.failed.count)),
      element('td', '', span(quantile(classes, 0.5, longest))), element('td', '', span(quantile(classes, 0.99, longest))),
      element('td', 'wide', span(longest)), element('td', 'wide' + (o.slow ? ' warn' : ''), count(o.slow)),
      element('td', o.failed.count ? 'bad' : '', count(o.failed.count)));
    return row;
  });
  if (!rows.length) {
    const cell = element('td', 'none-yet', 'No command ran yet.');
    cell.colSpan = 7;
    rows.push(element('tr', '', cell));
  }
  $('operations').tBodies[0].replaceChildren(...rows);
}
function showLogs(pool) {
  const report = pool.view.operations;
  setText($('slow-note'), report.slow_lines_suppressed ? count(report.slow_lines_suppressed) + ' more were counted only' : '');
  list('slow', report.latest_slow, q => [time(q.at_unix_ms), element('b', q.failed ? 'bad' : '', span(q.took_ms)), ' ' + (q.operation || '(unnamed)'),
    sub(q.command + ' on ' + q.database + (q.collection ? '.' + q.collection : '') + ', ' + q.server + ', connection #' + q.connection),
    element('code', '', q.shape)], 'No slow query.');
  setText($('leaks-note'), pool.leaks.suspected ? pool.leaks.suspected + ' suspected, ' + pool.leaks.out_now + ' still out' : '');
  list('leaks', pool.leaks.latest, l => [time(l.lease.since_unix_ms), element('b', l.outcome === 'out' ? 'bad' : '', words(l.outcome)), ' '
    + (l.lease.operation || '(unnamed)') + ', held ' + span(l.lease.held_ms),
    sub('by ' + borrower(l.lease) + (l.lease.where ? ' at ' + l.lease.where : ''))], 'No leak is suspected.');
  list('health', pool.health.changes, c => [time(c.at_unix_ms), pill(c.to), sub('was ' + c.from + (c.causes.length ? ': ' + c.causes.join('; ') : ''))], 'No change yet.');
  list('restarts', pool.restarts, r => [time(r.at_unix_ms), element('b', '', r.part), sub(r.cause)], 'No part was restarted.');
  setText($('restarts-note'), pool.view.stats.restarts + ' in all');
  showParts(pool.parts);
  showBreakers(pool);
}
function showParts(parts) {
  if (changed('parts', parts))
    $('parts').tBodies[0].replaceChildren(...parts.map(p => element('tr', '', element('td', '', p.name),
      element('td', p.runs ? 'good' : 'bad', p.runs ? 'runs' : 'waits for its restart'),
      element('td', '', count(p.restarts)), element('td', '', count(p.waiting)))));
}
function showBreakers(pool) {
  const both = [['operations', pool.view.operations_breaker], ['establishing', pool.establishing_breaker]];
  if (changed('breakers', both))
    $('breakers').replaceChildren(...both.map(([name, b]) => element('div', 'breaker', element('span', '', name), pill(b.state),
      element('span', 'sub', (b.calls ? Math.round(100 * b.failure_rate) + '% of ' + b.calls + ' calls failed, ' : '') + count(b.refused) + ' refused in all'))));
  list('breaker-log', pool.view.breaker_history, b => [time(b.at_unix_ms), b.scope + ' ', pill(b.to), sub(b.cause)], 'No change yet.');
}
function showTotals(stats, breaker) {
  const rows = [['granted', stats.granted], ['returned', stats.returned], ['revoked', stats.revoked], ['timed out', stats.timed_out],
    ['refused', stats.refused], ['of those shed', stats.shed], ['breaker refused', breaker.refused],
    ['retried', stats.retried], ['connection attempts', stats.attempts],
    ['reconnections', stats.reconnections], ['errors', stats.errors], ['generation', stats.generation]];
  if (changed('totals', rows))
    $('totals').replaceChildren(...rows.map(([name, n]) => element('div', '', element('dt', '', name), element('dd', '', count(n)))));
  setText($('last-error'), stats.last_error ? 'Last error, ' + clock(stats.last_error_unix_ms) + ': ' + stats.last_error : 'No error yet.');
}
function showSettings(settings) {
  if (changed('settings', settings))
    $('settings').tBodies[0].replaceChildren(...settings.map(s => element('tr', '', element('td', '', s.key),
      element('td', '', element('code', '', s.value)), element('td', 'sub', s.source))));
}
