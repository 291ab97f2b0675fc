// ---- tiles: a figure, a remark, a plot, and how high and long that is
const SVG = 'http://www.w3.org/2000/svg';
const TILES = [
  { id: 'in-use', name: 'Lent connections', key: 'in_use', unit: count, top: p => p.view.stats.max_size,
    value: p => [count(p.view.stats.in_use), 'of ' + p.view.stats.max_size],
    note: p => p.view.stats.available + ' available' },
  { id: 'waiting', name: 'Requests waiting', key: 'waiting', unit: count, value: p => [count(p.view.stats.waiting), ''],
    note: p => p.view.stats.waiting ? 'oldest for ' + span(p.view.oldest_wait_ms) : 'nobody waits' },
  { id: 'wait', name: 'Wait, p99', key: 'wait', unit: span, value: (p, h) => parts(newest(h, 'wait')),
    note: (p, h) => 'p50 ' + span(newest(h, 'wait50')) },
  { id: 'calls', name: 'Leases granted', key: 'calls', unit: n => rate(n) + '/s',
    value: (p, h) => [newest(h, 'calls') === null ? '–' : rate(newest(h, 'calls')), '/s'],
    note: p => count(p.view.stats.granted) + ' in all' },
  { id: 'failed', name: 'Errors and refusals', key: 'failed', unit: n => rate(n) + '/s',
    value: (p, h) => [newest(h, 'failed') === null ? '–' : rate(newest(h, 'failed')), '/s'],
    note: p => count(p.view.stats.errors) + ' errors, ' + count(refusals(p)) + ' refused' },
  { id: 'rtt', name: 'Round trip', key: 'rtt', unit: span, value: (p, h) => parts(newest(h, 'rtt')),
    note: p => 'least ' + span(p.health.round_trip_min_ms) },
];
for (const tile of TILES) {
  const box = element('section', 'card');
  box.id = 'tile-' + tile.id;
  tile.number = element('span', '');
  tile.number.id = 'value-' + tile.id;
  tile.measure = element('small', '');
  tile.noted = element('div', 'tile-note');
  tile.scale = element('div', 'tile-note');
  tile.plot = document.createElementNS(SVG, 'svg');
  tile.plot.setAttribute('class', 'plot');
  tile.plot.setAttribute('viewBox', '0 0 100 40');
  tile.plot.setAttribute('preserveAspectRatio', 'none');
  tile.plot.setAttribute('aria-hidden', 'true');
  const base = document.createElementNS(SVG, 'line');
  for (const [name, value] of [['x1', 0], ['x2', 100], ['y1', 39.5], ['y2', 39.5]]) base.setAttribute(name, value);
  tile.area = document.createElementNS(SVG, 'path');
  tile.area.setAttribute('class', 'area');
  tile.line = document.createElementNS(SVG, 'path');
  tile.line.setAttribute('class', 'line');
  tile.plot.append(base, tile.area, tile.line);
  box.append(element('div', 'tile-name', tile.name), element('div', 'tile-value', tile.number, tile.measure), tile.noted, tile.plot, tile.scale);
  $('tiles').append(box);
}
/** The way of a plot, a part of it for each stretch of time that is known without a gap. */
function partsOf(dots) {
  const found = [];
  for (const dot of dots) {
    const last = found[found.length - 1];
    if (last && dot.t - last[last.length - 1].t <= GAP) last.push(dot);
    else found.push([dot]);
  }
  return found;
}
function draw(tile, points, pool) {
  const end = points.length ? points[points.length - 1].t : 0;
  const shownSpan = points.length ? Math.max(LEAST_SPAN, end - points[0].t) : SPAN;
  const known = points.filter(p => p[tile.key] != null);
  const peak = Math.max(0, ...known.map(p => p[tile.key]));
  const top = Math.max(tile.top ? tile.top(pool) : 0, peak, 1e-9) * 1.08;
  setText(tile.scale, known.length ? 'peak ' + tile.unit(peak) + ' in ' + Math.ceil((end - known[0].t) / 1000) + ' s' : '');
  const stretches = partsOf(known.map(p => ({
    t: p.t, x: (100 - (end - p.t) / shownSpan * 100).toFixed(2), y: (39 - p[tile.key] / top * 38).toFixed(2),
  })));
  const ways = stretches.map(dots => 'M' + dots.map(d => d.x + ' ' + d.y).join('L'));
  tile.line.setAttribute('d', ways.join(''));
  tile.area.setAttribute('d', stretches.map((dots, i) =>
    dots.length > 1 ? ways[i] + 'L' + dots[dots.length - 1].x + ' 39.5L' + dots[0].x + ' 39.5Z' : '').join(''));
}
function showTiles(pool, points) {
  for (const tile of TILES) {
    const [number, unit] = tile.value(pool, points);
    setText(tile.number, number);
    setText(tile.measure, unit);
    setText(tile.noted, tile.note(pool, points));
    draw(tile, points, pool);
  }
}
