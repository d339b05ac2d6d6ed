
// The charts of the last five minutes.

const times = name => [{name: 'median', value: quantile(name, 0.5)}, {name: '99 %', value: quantile(name, 0.99)}];
const charts = [
    {title: 'Messages', unit: per_second, series: [{name: 'in', value: rate('messages_in')},
                                                   {name: 'out', value: rate('messages_out')}]},
    {title: 'Bytes', unit: bytes_per_second, base: 1024, series: [{name: 'in', value: rate('bytes_in')},
                                                                  {name: 'out', value: rate('bytes_out')}]},
    {title: 'Handler time', unit: latency, series: times('fairlead_handler_seconds')},
    {title: 'Connections', unit: per_second, series: [{name: 'accepted', value: rate('accepted')},
                                                      {name: 'ended', value: rate_of(ended)}]},
    {title: 'Sessions open', unit: count, series: [{name: 'open', value: state => state.counters.active}]},
    {title: 'Loop time', unit: latency, series: times('fairlead_loop_seconds')},
];
const [width, height] = [shown_seconds, 100]; // of a plot, in its own units; the page stretches it

function make_svg(tag, parent, attributes) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes))
        element.setAttribute(name, value);
    parent.append(element);
    return element;
}

function make_chart(chart) {
    const figure = make('figure', by_id('charts'));
    const caption = make('figcaption', figure);
    make('h2', caption).textContent = chart.title;
    const plot = make('div', figure, 'plot');
    plot.onpointermove = event => point_at((event.clientX - plot.getBoundingClientRect().left) / plot.clientWidth);
    plot.onpointerleave = () => point_at(null);
    chart.svg = make_svg('svg', plot, {viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img'});
    for (const y of [0, height / 2, height])
        make_svg('line', chart.svg, {x1: 0, x2: width, y1: y, y2: y});
    chart.cursor = make_svg('line', chart.svg, {class: 'pointed', y1: 0, y2: height, visibility: 'hidden'});
    chart.series.forEach((each, i) => {
        const class_name = i ? 'second' : 'first';
        const key = make('span', caption, `key ${class_name}`);
        key.append(each.name + ' ');
        each.now = make('b', key);
        each.now.textContent = '–';
        each.path = make_svg('path', chart.svg, {class: class_name});
    });
    chart.top = make('span', plot);
    const axis = make('div', figure, 'axis');
    make('span', axis).textContent = '5 min ago';
    chart.time = make('b', axis);
    chart.end = make('span', axis);
}

// The next of 1, 2, 5, 10, … (of 1 KiB, 1 MiB, … for bytes), so that the scale seldom changes.
function round_up(value, base = 1000) {
    const unit = base ** Math.floor(Math.log(value) / Math.log(base));
    const ten = 10 ** Math.floor(Math.log10(value / unit));
    return unit * Math.min(base, ten * [1, 2, 5, 10].find(step => step * ten * unit >= value * 0.999999));
}

const left_of = sample => (width - (samples.at(-1).time - sample.time)).toFixed(1);

function path(chart, series, top) {
    let drawn = '', last = null;
    for (const sample of samples) {
        const value = sample.values[chart][series];
        const y = (height * (1 - value / top)).toFixed(1);
        if (value === null) {
            last = null;
            continue;
        }
        if (last === null)
            drawn += `M${left_of(sample)} ${y}`;
        else if (sample.time - last.time > 3)
            drawn += `L${left_of(last)} ${y}`; // the server was not seen meanwhile: one value for all of that time
        drawn += `L${left_of(sample)} ${y}`;
        last = sample;
    }
    return drawn;
}

const time_of = sample => `at ${clock(sample.state.time * 1000)}`;

let pointed = null; // the sample under the pointer; null: the newest

function draw_charts() {
    const sample = samples.includes(pointed) ? pointed : samples.at(-1);
    charts.forEach((chart, i) => {
        const largest = Math.max(...samples.flatMap(each => each.values[i]));
        const top = largest > 0 ? round_up(largest, chart.base) : 1;
        write(chart.top, largest > 0 ? chart.unit(top).replace(/\.0+/, '') : '');
        const text = (each, j) => sample.values[i][j] === null ? '–' : chart.unit(sample.values[i][j]);
        chart.series.forEach((each, j) => {
            write(each.now, text(each, j));
            each.path.setAttribute('d', path(i, j, top));
        });
        const now = chart.series.map((each, j) => `${each.name} ${text(each, j)}`).join(', ');
        const highest = chart.unit(Math.max(0, largest));
        chart.svg.setAttribute('aria-label', `${chart.title}, last five minutes: ${now}; highest ${highest}`);
        chart.cursor.setAttribute('visibility', sample === pointed ? 'visible' : 'hidden');
        chart.cursor.setAttribute('x1', left_of(sample));
        chart.cursor.setAttribute('x2', left_of(sample));
        write(chart.time, sample === pointed ? time_of(sample) : '');
        write(chart.end, is_lost() ? time_of(samples.at(-1)) : 'now');
    });
}

// Reads all charts at one time: 0 is five minutes ago, 1 is now; null: as it goes.
function point_at(place) {
    if (!samples.length)
        return;
    const distance = sample => Math.abs(left_of(sample) / width - place);
    pointed = place === null ? null : samples.reduce((best, each) => distance(each) < distance(best) ? each : best);
    draw_charts();
}

function point_by_key(event) {
    const steps = {ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30, Home: -samples.length}[event.key];
    if (!steps || !samples.length)
        return;
    event.preventDefault();
    const at = (samples.includes(pointed) ? samples.indexOf(pointed) : samples.length - 1) + steps;
    pointed = at < samples.length - 1 ? samples[Math.max(at, 0)] : null;
    draw_charts();
}
