/** Words by which code gets at one kind of capability. */
export interface CapabilityWords {
  /** Modules, as they are asked for. */
  modules: string[];
  /** Names that every program has. */
  globals: string[];
  /** Names of members that hardly anything else has, whatever they are reached by. */
  members: string[];
  /** Patterns of anything else. */
  patterns: string[];
}

/** Starts programs: one call with its text can be a whole attack. */
const programs: CapabilityWords = {
  modules: ['child_process', 'cross-spawn', 'execa', 'node-pty', 'shelljs', 'sudo-prompt'],
  globals: [],
  members: ['getBuiltinModule', 'mainModule'],
  patterns: [
    String.raw`_0x[0-9a-f]{4}`,
    String.raw`(?:\\x[2-7][0-9a-f]){8}`,
    String.raw`(?:\\u00[2-7][0-9a-f]){6}`,
    // Old libraries ask for `util`.
    String.raw`Bun\.spawn|Deno\.(?:run|Command)|process\.binding(?!\s*\(\s*['"\`]util['"\`]|\s*&&)`,
    String.raw`\.constructor\s*\.\s*constructor`,
  ],
};

const network: CapabilityWords = {
  modules: [
    'http',
    'https',
    'http2',
    'net',
    'tls',
    'dgram',
    'dns',
    'axios',
    'bent',
    'centra',
    'cross-fetch',
    'follow-redirects',
    'got',
    'isomorphic-fetch',
    'ky',
    'make-fetch-happen',
    'minipass-fetch',
    'needle',
    'node-fetch',
    'phin',
    'request',
    'request-promise',
    'request-promise-native',
    'socket.io-client',
    'superagent',
    'undici',
    'ws',
  ],
  globals: ['axios', 'EventSource', 'fetch', 'WebSocket', 'XMLHttpRequest'],
  members: ['sendBeacon'],
  patterns: [],
};

/** Makes code of text. */
const code: CapabilityWords = {
  modules: ['vm', 'worker_threads'],
  globals: ['eval', 'importScripts'],
  members: ['_compile', 'runInContext', 'runInNewContext', 'runInThisContext'],
  patterns: [
    String.raw`data:(?:text|application)\/`,
    String.raw`\bimport\s*\(\s*['"\`]https?:`,
    // `Function('return this')` is how old code finds the global object.
    String.raw`Function(?<![\w$.'"\`-]Function)(?:\s*\(\s*(?!['"\`]return this['"\`]\s*\))|\.(?:call|apply|bind)\b)`,
  ],
};

/** Names a secret, or a place for stolen ones. */
const secrets: CapabilityWords = {
  modules: ['node-machine-id', 'systeminformation'],
  globals: ['ethereum'],
  members: ['homedir', 'iohook', 'keylogger', 'networkInterfaces', 'readText', 'userInfo'],
  patterns: [
    // Whether it is there is asked before one variable is read.
    String.raw`process\??\.env\b(?!\s*\??\.\s*\w|\s*&&)`,
    String.raw`key-listener|clipboardy|clipboard\s*\??\.?\s*(?:\[|read)|(?:desktop-screenshot|screenshot-desktop)`,
    String.raw`\.ssh\b|\.npmrc\b|169\.254|USERPROFILE|webhooks\b|webhook\.|hooks\.slack|api\.telegram`,
    String.raw`(?:NPM|AUTH|GITHUB|GH|GITLAB|JOB|VAULT|VERCEL|PYPI|TWINE|ACCESS|API)_TOKEN\b`,
    String.raw`AWS_(?:ACCESS|SECRET|SESSION)|GCP_[A-Z_]{0,40}KEY|(?:OPENAI|ANTHROPIC|HEROKU)_API_KEY`,
    'AZURE_CLIENT_SECRET|GOOGLE_APPLICATION_CREDENTIALS|STRIPE_SECRET_KEY|SSH_PRIVATE_KEY',
    String.raw`(?:DOCKER|DOCKERHUB|TWINE)_PASSWORD|DATABASE_URL|\bMNEMONIC\b|\bPRIVATE_KEY\b`,
  ],
};

/** Gets at text without writing it. */
const decoders: CapabilityWords = {
  modules: [],
  globals: ['atob'],
  members: ['fromCharCode', 'fromCodePoint'],
  patterns: [String.raw`['"\`](?:base64|hex)['"\`]`],
};

/** Gets at something without its name. */
const computed: CapabilityWords = {
  modules: [],
  globals: [],
  members: ['createRequire'],
  patterns: [
    String.raw`(?:require|import)\s*\(\s*['"\`](?:node:)?module['"\`]|(?:from|import)\s*['"\`](?:node:)?module['"\`]`,
    String.raw`require\s*\(\s*[^'"\`\s)]|require\s*\[`,
    String.raw`\bimport\s*\(\s*[^'"\`\s)/]`,
    String.raw`(?:globalThis|global|process|module|window|self)\s*\[\s*(?:[^'"\`\s\]]|['"\`][^'"\`\n]{0,40}['"\`]\s*\+)`,
    String.raw`\b(?:require|import)\s*\(\s*['"\`][^'"\`\n]{0,60}['"\`]\s*[+.]`,
    String.raw`\[\s*['"\`](?:constructor|env|require|eval|fetch|Function|XMLHttpRequest|WebSocket)['"\`]\s*\]`,
  ],
};

/** Changes files. */
const changes: CapabilityWords = {
  modules: [],
  globals: [],
  members: [
    'appendFile',
    'appendFileSync',
    'copyFile',
    'copyFileSync',
    'createWriteStream',
    'outputFile',
    'renameSync',
    'symlink',
    'symlinkSync',
    'unlink',
    'unlinkSync',
    'writeFile',
    'writeFileSync',
  ],
  patterns: ['__filename'],
};

/**
 * What a rule over the syntax tree can start from. A file without any of these words is not parsed, so a rule or a
 * meaning that needs another word adds it here.
 */
export const capabilityWords = { programs, network, code, secrets, decoders, computed, changes };
