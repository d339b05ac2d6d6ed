
// The connection to the server.
//
//   closed ──open_stream()──▶ waiting ──state──▶ live ──error · silence──▶ closed (lost), opened again each second
//     └◀── the page is hidden ──┴──────────────────┘

const patience = 5000; // milliseconds without a state after which the server counts as lost

let stream = null; // null: closed
let news_at = 0;   // when the last state came or the stream was opened, by performance.now()
let seen_at = 0;   // when the last state came, by the clock; 0: never
let restarted_at = 0;

function open_stream() {
    news_at = performance.now();
    stream = new EventSource('events');
    stream.addEventListener('state', event => receive(JSON.parse(event.data)));
    stream.onerror = lose;
}

function close_stream() {
    stream?.close();
    stream = null;
}

function receive(state) {
    seen_at = Date.now();
    if (keep(state))
        restarted_at = seen_at;
    document.body.className = '';
    show(state);
    by_id('connection').className = 'notice';
    write(by_id('connection'), 'Live' + (restarted_at ? `; the server was restarted at ${clock(restarted_at)}` : ''));
    news_at = performance.now(); // last: a server whose states cannot be shown counts as lost
    if (!asking && news_at - asked_at > 900)
        ask_sessions();
}

const is_lost = () => document.body.className === 'old';

function lose() {
    const refused = stream?.readyState === EventSource.CLOSED; // an answer other than 200; else it would try again itself
    close_stream();
    document.body.className = 'old';
    document.title = `Lost: fairlead ${location.host}`;
    if (samples.length)
        draw_charts();
    by_id('connection').className = 'notice bad';
    write(by_id('connection'), refused ? 'The server refuses one more live page: close another; trying again …'
                             : seen_at ? `Lost the server at ${clock(seen_at)}; trying again …`
                                       : 'The server does not answer; trying again …');
}

// Once a second. A stream that is silent is taken for lost: its connection may be gone without a word.
function watch() {
    if (document.hidden)
        return;
    if (stream && performance.now() - news_at > patience)
        lose();
    if (!stream)
        open_stream();
}

function start() {
    write(by_id('host'), location.host);
    charts.forEach(make_chart);
    make_columns();
    show_order();
    offer(by_id('state'), ['receiving', 'handling', 'held_back', 'flushing', 'lingering']);
    by_id('charts').onkeydown = point_by_key;
    by_id('filters').oninput = ask_sessions;
    by_id('filters').onsubmit = event => event.preventDefault();
    document.onvisibilitychange = () => document.hidden ? close_stream() : watch();
    setInterval(watch, 1000);
    watch();
}
start();
