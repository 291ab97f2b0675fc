// ---- the state and its causes
function showState(pool, now) {
  const health = pool.health, server = health.server;
  const cls = 'card ' + tone(health.state);
  if ($('hero').className !== cls) $('hero').className = cls;
  setText($('state'), health.state);
  setText($('since'), 'for ' + long(health.lasting_ms));
  const causes = health.causes.slice();
  if (health.read_only) causes.push('the only server that answers takes no writes');
  if (!pool.pool_answers) causes.push('the pool did not answer in time: its figures are older');
  if (now - pool.at_unix_ms > 15000) causes.push('these figures are ' + long(now - pool.at_unix_ms) + ' old');
  if (changed('causes', causes))
    $('causes').replaceChildren(...(causes.length ? causes.map(c => element('li', '', c)) : [element('li', 'sub', 'Nothing is wrong.')]));
  setText($('server'), pool.address);
  const counts = [];
  if (server.connections_current !== null) counts.push(count(server.connections_current) + ' connections');
  // Some servers always say that none is left; where it is true, it is a cause.
  if (server.connections_available)
    counts.push(count(server.connections_available) + ' left');
  const past_tense = health.state === 'unavailable' ? 'last seen as ' : '';
  setText($('role'), health.state === 'starting' ? 'not seen yet' : past_tense + (server.secondary ? 'secondary' : server.writable ? (server.set_name ? 'primary' : 'writable') : 'read only')
    + (server.set_name ? ' of ' + server.set_name : '') + counts.map(c => ', ' + c).join(''));
  setText($('phase'), pool.view.stats.phase + (pool.view.stats.degradation === 'degraded' ? ', sheds load' : '') + ', generation ' + pool.view.stats.generation);
  setText($('up'), long(pool.at_unix_ms - pool.began_unix_ms));
}
