// ---- contact: a stream of events; if there is no place for one, questions again and again
const SILENCE = 5000;      // the endpoint shows every second that it lives
let heard = 0, source = null, asking = 0, tried = 0;
function contact(text, cls) {
  setText($('contact-text'), text);
  $('contact').className = cls;
}
function alive(text) {
  heard = Date.now();
  contact(text, 'live');
  $('lost').hidden = true;
  document.body.classList.remove('old');
}
function take(text, how) {
  latest = JSON.parse(text);
  bounds = latest.duration_classes_ms;
  for (const pool of latest.pools) remember(pool, latest.now_unix_ms);
  for (const known of [past, places])
    for (const name of known.keys()) if (!latest.pools.some(p => p.pool === name)) known.delete(name);
  alive(how);
  requestAnimationFrame(render);
}
function listen() {
  tried = Date.now();
  if (source) source.close();
  source = new EventSource('events');
  source.onmessage = event => { asking = 0; take(event.data, 'live'); };
  source.addEventListener('beat', event => {
    asking = 0;
    latest.now_unix_ms = JSON.parse(event.data).now_unix_ms;
    alive('live');
    requestAnimationFrame(render);
  });
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) asking = 1; };
}
let asked = false;
async function ask() {
  if (asked) return;
  asked = true;
  try {
    const answer = await fetch('stats', { cache: 'no-store', signal: AbortSignal.timeout(4000) });
    if (answer.ok) take(await answer.text(), 'asking every 2 s');
  } catch (error) {
    // Silence is told below.
  } finally {
    asked = false;
  }
}
function lose() {
  contact('lost contact', 'lost');
  document.title = 'lost contact – moor';
  document.body.classList.add('old');
  setText($('lost'), (heard ? 'Lost contact at ' + clock(heard) + ': these figures are old.' : 'No contact.') + ' Trying again.');
  $('lost').hidden = false;
}
const opened = Date.now();
setInterval(() => {
  if (asking) ask();
  if (Date.now() - (heard || opened) > SILENCE) lose();
  // A stream whose other end went away in silence is not told of, and a place may be free again.
  const quiet = Date.now() - Math.max(heard, tried) > SILENCE;
  if (quiet || (asking && Date.now() - tried > 30000)) listen();
}, 2000);
listen();
