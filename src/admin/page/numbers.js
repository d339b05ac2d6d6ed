
// Numbers in words.

const count = new Intl.NumberFormat('en-US', {maximumFractionDigits: 0}).format;
const clock = milliseconds => new Date(milliseconds).toLocaleTimeString('en-GB');
const per_second = rate => (rate > 0 && rate < 10 ? rate.toFixed(1) : count(rate)) + '/s';
const bytes = number => in_units(number, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
const bytes_per_second = rate => bytes(rate) + '/s';
const latency = seconds => in_units(seconds * 1e6, 1000, ['µs', 'ms', 's']);
const words = name => String(name).replaceAll('_', ' ');

function in_units(value, base, units) {
    let at = 0;
    for (; value >= base && at + 1 < units.length; ++at)
        value /= base;
    const digits = value >= 100 || Number.isInteger(value) && at === 0 ? 0 : value >= 10 ? 1 : 2;
    return `${value.toFixed(digits)} ${units[at]}`;
}

// `3 d 4 h`, but `12 d`: two units where the first is small.
function duration(seconds) {
    const units = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
    const at = units.findIndex(([size]) => seconds >= size);
    if (at < 0)
        return '0 s';
    const [size, name] = units[at];
    const text = `${Math.floor(seconds / size)} ${name}`;
    const [small, small_name] = units[at + 1] ?? [];
    return small && seconds < 10 * size ? `${text} ${Math.floor(seconds % size / small)} ${small_name}` : text;
}
