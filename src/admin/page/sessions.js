
// The table of sessions, for which the server does the sorting and the filtering.

const most_sessions = 100; // rows that the page asks for

const tls_text = tls => tls ? [String(tls.version).replace('TLSv', ''), tls.server_name].filter(Boolean).join(' ') : '';
const columns = [ // widths in pixels, and shares of what is left
    {field: 'id', title: 'Id', number: true, width: 74, text: each => each.id},
    {field: 'remote', title: 'Remote', width: 186, text: each => each.remote},
    {field: 'state', title: 'State', width: 80, text: each => words(each.state)},
    {field: 'waits_for', title: 'Waits for', width: 112, text: each => words(each.waits_for)},
    {field: 'queued', title: 'Queued', number: true, width: 72, text: each => bytes(each.queued)},
    {field: 'age', title: 'Age', number: true, width: 82, text: each => duration(each.age)},
    {field: 'messages_in', title: 'Msgs in', number: true, width: 78, text: each => count(each.messages_in)},
    {field: 'messages_out', title: 'Msgs out', number: true, width: 80, text: each => count(each.messages_out)},
    {field: 'bytes_in', title: 'Bytes in', number: true, width: 76, text: each => bytes(each.bytes_in)},
    {field: 'bytes_out', title: 'Bytes out', number: true, width: 78, text: each => bytes(each.bytes_out)},
    {field: 'listener', title: 'Listener', width: 140, text: each => each.listener},
    {title: 'TLS', width: 130, text: each => tls_text(each.tls)},
];
let order = {field: 'id', descending: false};

function make_columns() {
    for (const column of columns) {
        column.head = make('th', by_id('sessions').tHead.rows[0], column.number && 'number');
        column.head.scope = 'col';
        column.head.style.width = `${column.width}px`;
        const label = column.field ? make('button', column.head) : column.head;
        label.textContent = column.title;
        if (column.field)
            label.onclick = () => sort_by(column);
    }
}

// The first click on numbers shows the largest first, a second one turns the order round.
function sort_by({field, number}) {
    order = {field, descending: order.field === field ? !order.descending : Boolean(number)};
    show_order();
    ask_sessions();
}

function show_order() {
    for (const {field, head} of columns) {
        if (field === order.field)
            head.setAttribute('aria-sort', order.descending ? 'descending' : 'ascending');
        else
            head.removeAttribute('aria-sort');
    }
}

// Adds the values that are new; those that have gone may still be chosen.
function offer(select, values) {
    const known = new Set(Array.from(select.options, each => each.value));
    for (const value of new Set(values.filter(each => !known.has(each)))) {
        const option = make('option', select);
        option.value = value;
        write(option, words(value));
    }
}

function sessions_url() {
    const query = new URLSearchParams({sort: order.field, order: order.descending ? 'desc' : 'asc', limit: most_sessions});
    for (const name of ['remote', 'listener', 'state'])
        if (by_id(name).value)
            query.set(name, by_id(name).value);
    return `sessions?${query}`;
}

let asking = null; // the request that is under way
let asked_at = -Infinity; // by performance.now()

async function ask_sessions() {
    asking?.abort();
    const request = asking = new AbortController();
    const timer = setTimeout(() => request.abort(), 2 * patience);
    asked_at = performance.now();
    try {
        const reply = await fetch(sessions_url(), {signal: request.signal});
        const found = await reply.json();
        if (reply.ok)
            show_sessions(found);
        else
            write(by_id('shown'), found.error);
    } catch (error) {
        if (asking === request)
            write(by_id('shown'), 'No list: the server did not answer.');
    }
    clearTimeout(timer);
    if (asking === request)
        asking = null;
}

function show_sessions({total, matched, blocked_shards, sessions}) {
    const rows = resize(by_id('sessions').tBodies[0], sessions.length, parent => {
        const row = make('tr', parent);
        columns.forEach(column => make('td', row, column.number && 'number'));
    });
    sessions.forEach((session, i) => columns.forEach((column, j) => {
        const cell = rows[i].children[j];
        write(cell, column.text(session));
        cell.title = cell.textContent;
    }));
    let text = `${count(sessions.length)} of ${count(matched)} shown`;
    if (matched !== total)
        text += `, ${count(total)} open`;
    if (blocked_shards?.length)
        text += `; without those of stuck shards (${blocked_shards.join(', ')})`;
    write(by_id('shown'), text);
}
