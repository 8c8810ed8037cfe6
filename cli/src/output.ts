/** Options of a command that prints a result. */
export interface OutputOptions {
  json?: boolean;
}

/**
 * Prints the result of a command: with `--json` one JSON object, as the API gives it; otherwise text for people.
 * @param render gives whole lines.
 */
export function print<Value extends object>(
  { json }: OutputOptions,
  value: Value,
  render: (value: Value) => string,
): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : render(value));
}

/** `1 item`, `2 items`, `0 items`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
