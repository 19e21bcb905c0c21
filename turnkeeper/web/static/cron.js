// What a cron line means, in a sentence. Lines that are no everyday ones are told as they are.

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const ALIASES = /** @type {Record<string, string>} */ ({
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
});

/**
 * @param {string} line
 * @returns {string} empty when it is no line of five fields
 */
export function sentence(line) {
  const fields = (ALIASES[line.trim().toLowerCase()] ?? line.trim()).toLowerCase().split(/\s+/);
  if (fields.length !== 5 || fields.some((field) => !/^[0-9a-z*,/?#-]+$/.test(field))) return "";
  const [minute, hour, date, month, weekday] = fields;
  const at = times(minute, hour);
  const parts = [at];
  const anyDate = date === "*" || date === "?";
  const anyWeekday = weekday === "*" || weekday === "?";
  if (!anyDate) parts.push(date === "l" ? "on the last day of the month" : `on day ${listed(date, String)} of the month`);
  if (!anyWeekday) parts.push(weekday === "1-5" || weekday === "mon-fri" ? "from Monday to Friday" : `${anyDate ? "on" : "or on"} ${listed(weekday, (name) => named(name, DAYS, 0))}`);
  if (anyDate && anyWeekday && /^\d+$/.test(hour)) parts.push("every day");
  if (month !== "*") parts.push(`in ${listed(month, (name) => named(name, MONTHS, 1))}`);
  return `${parts.join(" ")}.`.replace(/^./, (first) => first.toUpperCase());
}

/**
 * @param {string} minute
 * @param {string} hour
 */
function times(minute, hour) {
  const every = /^\*\/(\d+)$/;
  if (minute === "*" && hour === "*") return "every minute";
  const minutes = every.exec(minute)?.[1];
  const between = /^(\d+)-(\d+)$/.exec(hour);
  const when = hour === "*" ? "" : between ? ` from ${two(between[1])}:00 to ${two(between[2])}:59` : every.test(hour) ? ` in every ${every.exec(hour)?.[1]}th hour` : ` in the hours ${listed(hour, String)}`;
  if (minutes) return `every ${minutes} minutes${when}`;
  if (minute === "*") return `every minute${when}`;
  if (!/^[\d,]+$/.test(minute)) return `at the minutes ${minute}${when}`;
  if (hour === "*") return minute === "0" ? "every hour" : `every hour, ${listed(minute, String)} minutes past`;
  if (/^[\d,]+$/.test(hour)) {
    const found = hour.split(",").flatMap((each) => minute.split(",").map((past) => `${two(each)}:${two(past)}`));
    return `at ${joined(found)}`;
  }
  return `${minute === "0" ? "every hour" : `${listed(minute, String)} minutes past every hour`}${when}`;
}

/** @type {(text: string) => string} */
const two = (text) => text.padStart(2, "0");

/**
 * @param {string} field
 * @param {(name: string) => string} name
 */
const listed = (field, name) => joined(field.split(",").map((each) => each.split("-").map(name).join(" to ")));

/** @param {string[]} words */
const joined = (words) => (words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words[0]);

/**
 * @param {string} text
 * @param {string[]} names
 * @param {number} first
 */
function named(text, names, first) {
  const place = /^\d+$/.test(text) ? Number(text) - first : names.findIndex((name) => name.toLowerCase().startsWith(text.slice(0, 3)));
  return names[place % names.length] ?? text;
}
