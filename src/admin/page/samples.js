
// Once a second the server sends its state. The page keeps those of the last five minutes and shows their differences.

const shown_seconds = 300;

let samples = []; // the oldest first: a state, its time (the server's uptime), and the values of each chart

// Returns whether the server was restarted since the last sample; then the samples begin anew.
function keep(state) {
    const last = samples.at(-1)?.state;
    const growing = ['accepted', 'messages_in', 'bytes_in'];
    const restarted = last && (state.uptime < last.uptime ||
                               growing.some(name => state.counters[name] < last.counters[name]));
    if (restarted)
        samples = [];
    else if (last && state.uptime === last.uptime)
        samples.pop();
    const before = samples.at(-1)?.state;
    const values = charts.map(chart => chart.series.map(each => before ? each.value(state, before) : null));
    samples.push({state, time: state.uptime, values});
    while (samples[0].time < state.uptime - shown_seconds)
        samples.shift();
    return restarted;
}

const rate_of = count_in => (now, before) => (count_in(now) - count_in(before)) / (now.uptime - before.uptime);
const rate = name => rate_of(state => state.counters[name]);
const sum = numbers => numbers.reduce((total, each) => total + each, 0);
const ended = state => sum(Object.values(state.closed));

// The counts of a histogram, summed over its labels; null if the server has none of that name.
function histogram(state, name) {
    const all = state.histograms.filter(each => each.name === name);
    return all.length ? {limits: all[0].limits, counts: all[0].counts.map((_, i) => sum(all.map(h => h.counts[i])))} : null;
}

// The time below which `share` of the observations between two states lie; null without observations. Inside its bucket it
// is a guess by a straight line; above the largest limit it is that limit.
const quantile = (name, share) => (now, before) => {
    const [late, early] = [histogram(now, name), histogram(before, name)];
    const counts = late && early ? late.counts.map((value, i) => value - early.counts[i]) : [];
    let left = share * sum(counts);
    if (!(left > 0))
        return null;
    const at = counts.findIndex(value => (left -= value) <= 0);
    const low = at > 0 ? late.limits[at - 1] : 0;
    return low + ((late.limits[at] ?? low) - low) * (1 + left / counts[at]);
};
