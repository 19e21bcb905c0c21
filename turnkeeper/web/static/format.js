// Values as the reader's own language writes them.

const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const clocks = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const numbers = new Intl.NumberFormat();
const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** @type {(text: string) => string} 12 Apr 2026, 18:45 */
export const moment = (text) => moments.format(new Date(text));
/** @type {(text: string) => string} 12 Apr 2026 */
export const day = (text) => days.format(new Date(text));
/** @type {(text: string) => string} 18:45:12 */
export const clock = (text) => clocks.format(new Date(text));
/** @type {(value: number) => string} 12,345 */
export const number = (value) => numbers.format(value);
/** @type {(value: number) => string} 12.3K */
export const compact = (value) => short.format(value);

/**
 * US dollars; of less than a cent only what tells something.
 * @param {number} value
 */
export function money(value) {
  const isTiny = value > 0 && value < 0.01;
  return new Intl.NumberFormat(undefined, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    ...(isTiny ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: 2, maximumFractionDigits: value === 0 || value >= 1 ? 2 : 3 }),
  }).format(value);
}

/**
 * A size; 1 kB is 1,000 bytes.
 * @param {number} count
 */
export function bytes(count) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = Math.min(units.length - 1, count < 1000 ? 0 : Math.floor(Math.log10(count) / 3));
  // "7 byte" is what the short form makes of it.
  return new Intl.NumberFormat(undefined, { style: "unit", unit: units[step], unitDisplay: step ? "short" : "long", maximumFractionDigits: step ? 1 : 0 }).format(
    count / 1000 ** step,
  );
}

/**
 * A length of time: 340 ms, 2.4 s, 3 min 5 s, 2 h 10 min.
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.5) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * How long ago, or until when: "3 minutes ago", "in 2 days".
 * @param {string} text
 * @param {number} [now] milliseconds
 */
export function ago(text, now = Date.now()) {
  const seconds = (new Date(text).getTime() - now) / 1000;
  for (const [unit, length] of /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ])) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(0, "second");
}
