/** A row that has the fields of an answer, with moments as Postgres gives them. */
export type Dated<Answer, Moments extends keyof Answer> = Omit<Answer, Moments> & {
  [Field in Moments]: null extends Answer[Field] ? Date | null : Date;
};

type Texts<Row> = {
  [Field in keyof Row]: Date extends Row[Field] ? string | Exclude<Row[Field], Date> : Row[Field];
};

/** The row with its moments as answers have them: ISO 8601 in UTC, with milliseconds. Pure. */
export function datesAsText<Row extends object>(row: Row): Texts<Row> {
  const fields = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Date ? value.toISOString() : (value as unknown),
  ]);
  return Object.fromEntries(fields) as Texts<Row>;
}
