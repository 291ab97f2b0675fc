// ---- several pools
let latest = { now_unix_ms: 0, pools: [] };
let chosen = nameInAddress();
function nameInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch (error) {
    return ''; // no name of a pool looks like that
  }
}
function choose(name) {
  chosen = name;
  window.history.replaceState(null, '', '#' + encodeURIComponent(name));
  shown.clear();
  render();
}
function showTabs(pools, current) {
  if (!changed('tabs', [pools.map(p => [p.pool, p.health.state]), current])) return;
  $('pools').replaceChildren(...pools.map(p => {
    const dot = element('span', 'dot ' + tone(p.health.state));
    const tab = element('button', '', dot, p.pool);
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-selected', p.pool === current);
    tab.title = p.pool + ': ' + p.health.state;
    tab.addEventListener('click', () => choose(p.pool));
    return tab;
  }));
}
function render() {
  const pools = latest.pools;
  const pool = pools.find(p => p.pool === chosen) || pools[0];
  $('all').hidden = !pool;
  $('nothing').hidden = !!pool;
  showTabs(pools, pool ? pool.pool : '');
  if (!pool) {
    setText($('nothing'), latest.now_unix_ms ? 'There is no pool.' : 'Waiting for figures.');
    document.title = 'moor';
    return;
  }
  document.title = pool.pool + ' ' + pool.health.state + ' – moor';
  showState(pool, latest.now_unix_ms);
  showTiles(pool, past.get(pool.pool).points);
  showSlots(pool);
  showOperations(pool.view.operations);
  showLogs(pool);
  showTotals(pool.view.stats, pool.view.operations_breaker);
  showSettings(pool.settings);
  setText($('foot'), 'Figures of ' + clock(pool.at_unix_ms) + '. Plots show up to two minutes; p50 and p99 are estimates from classes of durations.');
}
