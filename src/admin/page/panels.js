
// Limits, shards and counters.

const stuck_after = 1; // seconds for which a shard may not have responded, as /healthz has it

function make_limit(parent) {
    const row = make('div', parent, 'limit');
    const line = make('div', row);
    make('span', line, 'name');
    make('b', line);
    make('div', make('div', row, 'bar'));
}

// A bar of `used` towards `most`; without one if there is no limit.
function show_limit(row, name, used, most, unit, note) {
    const share = most ? Math.min(used / most, 1) : 0;
    row.className = 'limit' + (share >= 0.95 ? ' bad' : share >= 0.8 ? ' warn' : '');
    const [label, value] = row.firstChild.children;
    write(label, name);
    label.title = printable(name);
    write(value, (most ? `${unit(used)} of ${unit(most)}` : `${unit(used)}, no limit`) + note);
    const bar = row.lastChild;
    bar.firstChild.style.width = `${(share * 100).toFixed(1)}%`;
    const values = {'aria-label': printable(name), 'aria-valuenow': used, 'aria-valuemin': 0, 'aria-valuemax': most};
    for (const [attribute, text] of Object.entries({role: 'meter', ...values}))
        bar.setAttribute(attribute, text);
}

function show_limits({listeners, counters}) {
    const rows = resize(by_id('limits'), listeners.length + 1, make_limit);
    listeners.forEach((each, i) => {
        const note = each.open ? '' : ' (closed)';
        show_limit(rows[i], each.listener, each.active, each.max_sessions, count, note);
    });
    show_limit(rows[listeners.length], 'Buffers', counters.buffered_bytes, counters.buffer_budget, bytes, '');
}

const is_stuck = shard => shard.blocked_for > stuck_after;
const stuck_since = new Map(); // shard: time

// The times that two states tell may differ a little; the first one stays, so that the sentence does.
function since({index, blocked_for}, time) {
    const begin = time - blocked_for;
    if (!(Math.abs(begin - stuck_since.get(index)) < 2))
        stuck_since.set(index, begin);
    return clock(stuck_since.get(index) * 1000);
}

function show_shards({shards, time}) {
    const cells = resize(by_id('shards'), shards.length, parent => make('li', parent));
    shards.forEach((each, i) => {
        const text = is_stuck(each) ? `stuck ${duration(each.blocked_for)}` : `${count(each.active)} open`;
        cells[i].className = is_stuck(each) ? 'bad' : '';
        write(cells[i], `${each.index}: ${text}`);
    });
    const stuck = shards.filter(is_stuck);
    const notice = by_id('stuck');
    notice.className = stuck.length ? 'notice bad' : 'notice';
    const sentences = stuck.slice(0, 3).map(each =>
        `Shard ${each.index} is stuck on ${each.blocked_by || 'a task'} since ${since(each, time)}.`);
    if (stuck.length > 3)
        sentences.push(`${stuck.length - 3} more shards are stuck.`);
    write(notice, stuck.length ? sentences.join(' ') : shards.length === 1 ? 'The shard responds.'
                                                                            : `All ${shards.length} shards respond.`);
}

const ends = {
    peer: 'by the peer', handler: 'by the handler', stop: 'by the stop of the server', cut_off: 'cut off by the stop',
    system: 'connection failed', truncated: 'inside a message', message_too_large: 'message too large',
    malformed: 'malformed bytes', handler_failed: 'the handler threw', otherwise: 'otherwise',
};
const pressures = {
    held_back: 'slow peer: not read', send_queue_full: 'slow peer: message refused',
    held_for_memory: 'buffer budget: not read', refused_for_memory: 'buffer budget: refused',
    held_for_sessions: 'max sessions: waited', held_for_rate: 'accept rate: waited',
    refused_for_address: 'sessions per address: refused', held_for_handshakes: 'TLS handshakes: waited',
    tls_handshake_failures: 'TLS handshakes: failed', refused_for_proxy: 'PROXY header: refused',
    accept_failures: 'accept: failed', accept_pauses: 'accept: short of resources',
    handlers_overdue: 'handler timeout', blocked: 'handler kept its shard', lost_log_lines: 'log lines lost',
    datagrams_dropped: 'datagrams: dropped', datagrams_unsent: 'datagrams: not sent',
};

// The counters of `pressures` that the server has.
function pressures_of({counters, datagrams}) {
    const all = {...counters};
    if (datagrams) {
        all.datagrams_dropped = sum(Object.values(datagrams.dropped));
        all.datagrams_unsent = sum([...Object.values(datagrams.refused), ...Object.values(datagrams.failed)]);
    }
    return all;
}

// A table of counters: since the start of the server, and how many of them in the last five minutes.
function show_counts(table, names, labels, read) {
    const [now, before] = [read(samples.at(-1).state), read(samples[0].state)];
    const seen = samples.at(-1).time - samples[0].time;
    write(table.querySelector('.recent'), `last ${seen > shown_seconds - 5 ? '5 min' : duration(seen)}`);
    const rows = resize(table.tBodies[0] ?? make('tbody', table), names.length, parent => {
        const row = make('tr', parent);
        make('th', row).scope = 'row';
        make('td', row);
        make('td', row);
    });
    names.forEach((name, i) => {
        const [label, recent, total] = rows[i].children;
        write(label, labels[name] ?? words(name));
        label.title = printable(name);
        write(recent, count(now[name] - before[name]));
        write(total, count(now[name]));
        rows[i].className = now[name] ? '' : 'none';
    });
}

function show_header(state) {
    const phases = {starting: 'Starting', serving: 'Serving', drain_announced: 'Drain announced', draining: 'Draining'};
    write(by_id('phase'), phases[state.phase] ?? words(state.phase));
    by_id('phase').className = state.phase === 'serving' ? 'pill good' : 'pill warn';
    write(by_id('version'), state.version);
    write(by_id('uptime'), duration(state.uptime));
    document.title = (state.shards.some(is_stuck) ? 'Stuck: ' : '') + `fairlead ${location.host}`;
}

function show(state) {
    show_header(state);
    draw_charts();
    show_limits(state);
    show_shards(state);
    show_counts(by_id('ends'), Object.keys(state.closed), ends, each => each.closed);
    const known = Object.keys(pressures).filter(name => name in pressures_of(state));
    show_counts(by_id('pressure'), known, pressures, pressures_of);
    offer(by_id('listener'), state.listeners.map(each => each.listener));
}
