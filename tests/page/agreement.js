// Waits until the page shows the snapshot that /stats has, and returns both: what /stats says, and all
// that stands on the page. Given to the browser by test_live_pool.py, whose last argument is a callback.
const done = arguments[arguments.length - 1];
const PATIENCE = 60000; // ms
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
const text = id => document.getElementById(id).textContent;
const lines = id => [...document.querySelectorAll('#' + id + ' > li')].map(li => li.textContent);
const rows = id => [...document.querySelectorAll('#' + id + ' tbody tr')].map(row => [...row.cells].map(cell => cell.textContent));

function shownNow() {
  return {
    state: text('state'), causes: lines('causes'), role: text('role'), phase: text('phase'),
    tiles: Object.fromEntries([...document.querySelectorAll('#tiles > section')].map(tile => [tile.id, {
      value: tile.querySelector('.tile-value span').textContent, note: tile.querySelector('.tile-note').textContent,
    }])),
    note: text('connections-note'),
    slots: [...document.querySelectorAll('#slots .slot')].map(slot => ({ kind: slot.className.replace('slot ', ''), text: slot.title })),
    operations: rows('operations'), parts: rows('parts'),
    totals: Object.fromEntries([...document.querySelectorAll('#totals > div')].map(x => [x.children[0].textContent, x.children[1].textContent])),
    breakers: [...document.querySelectorAll('#breakers .pill')].map(pill => pill.textContent),
    health: lines('health'), restarts: lines('restarts'), leaks: lines('leaks'), leaksNote: text('leaks-note'),
  };
}
const shownSnapshot = () => latest.pools.length ? latest.pools[0].at_unix_ms : 0;

(async () => {
  for (const until = Date.now() + PATIENCE; Date.now() < until;) {
    const said = await (await fetch('stats', { cache: 'no-store' })).json();
    const at = said.pools.length ? said.pools[0].at_unix_ms : NaN;
    for (const limit = Date.now() + 2000; shownSnapshot() < at && Date.now() < limit;) await pause(10);
    await frame(); // in which the page draws what came
    await frame();
    if (shownSnapshot() === at) return done({ said: said.pools[0], shown: shownNow() });
  }
  done(null);
})().catch(error => done({ wrong: String(error) }));
