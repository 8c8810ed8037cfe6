/**
 * The one command. Plain JavaScript without dependencies: it runs before anything is installed or built, makes both
 * so, and then runs the command: `up`, `test`, `bench`, `chaos`, or any of the CLI.
 */
import { spawn, spawnSync } from 'child_process';
import { createHash } from 'crypto';
import fs from 'fs';
import path from 'path';
import { fileURLToPath, pathToFileURL } from 'url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const stateFolder = path.join(root, '.sluice');
const logFolder = path.join(stateFolder, 'logs');

/** Says one line to people; results of CLI commands go to stdout, so this does not. */
function say(line) {
  process.stderr.write(line + '\n');
}

function giveUp(line, remedy) {
  say('sluice: ' + line + '\n        ' + remedy);
  process.exit(1);
}

/** The floor that the dependencies need; newer majors are fine. */
function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    giveUp(
      'this is Node ' + process.versions.node + '; Node 20.19 or newer is needed.',
      'Install it from your package manager, or with a version manager such as nvm: nvm install 24',
    );
  }
}

function checkFolder() {
  try {
    fs.mkdirSync(logFolder, { recursive: true, mode: 0o700 });
    fs.accessSync(root, fs.constants.W_OK);
    fs.accessSync(stateFolder, fs.constants.W_OK);
  } catch (error) {
    giveUp(
      'the folder ' + root + ' cannot be written (' + error.code + ').',
      'Clone Sluice to where you may write, or change the owner of the folder.',
    );
  }
}

/** Two commands started at once must not install or build at once; the second waits for the first. */
async function withSetupLock(work) {
  const lock = path.join(stateFolder, 'setup.lock');
  for (let waits = 0; ; waits += 1) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!holderIsAlive(lock)) fs.rmSync(lock, { force: true });
      else {
        if (waits === 0) say('Waiting for another command that is setting up …');
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }
  try {
    return await work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function holderIsAlive(lock) {
  try {
    const pid = Number(fs.readFileSync(lock, 'utf8'));
    // An empty file is just being written by another process, unless it is old.
    if (!pid) return Date.now() - fs.statSync(lock).mtimeMs < 5000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Whether node_modules agrees with package-lock.json. npm keeps a lockfile of the installed packages inside; packages
 * that are optional may be missing there, because they are for other platforms.
 */
function isInstalled() {
  const wanted = lockedPackages('package-lock.json');
  const present = lockedPackages('node_modules/.package-lock.json');
  return Object.keys(wanted).every((name) => {
    if (!name.includes('node_modules/')) return true;
    const [want, have] = [wanted[name], present[name]];
    if (!have) return Boolean(want.optional || want.devOptional || want.peer);
    return (
      have.version === want.version &&
      have.integrity === want.integrity &&
      Boolean(have.link) === Boolean(want.link)
    );
  });
}

/** The packages of a lockfile by path; none when there is no such file. */
function lockedPackages(file) {
  const lockfile = path.join(root, file);
  return fs.existsSync(lockfile) ? JSON.parse(fs.readFileSync(lockfile, 'utf8')).packages : {};
}

/** npm's own program when npm started us, so that it is the same npm; otherwise the one on PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  return cli && /\.c?js$/.test(cli) && fs.existsSync(cli) ? [process.execPath, cli] : ['npm'];
}

async function install() {
  if (isInstalled()) return;
  // No package needs its install scripts, and a gate for packages should not run any. Development dependencies are
  // needed also where NODE_ENV says production: the compiler is one.
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  await runStep(
    'Installing dependencies',
    [...npmCommand(), ...args],
    'install.log',
    'Check the network and the registry (npm config get registry), then start again.',
  );
}

/** Changes whenever a source file does: paths, sizes and times, which takes milliseconds. */
function sourceStamp() {
  const hash = createHash('sha256').update(process.version);
  const visit = (folder) => {
    const entries = fs.readdirSync(folder, { withFileTypes: true });
    // No toSorted: this file must be able to say its line on an old Node.
    entries.sort((a, b) => (a.name < b.name ? -1 : 1)); // oxlint-disable-line unicorn/no-array-sort
    for (const entry of entries) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && entry.name !== 'dist' && entry.name !== 'fixtures') visit(file);
      } else if (/\.(ts|tsx|css|html|svg|json)$/.test(entry.name) && !entry.name.endsWith('.test.ts')) {
        const { size, mtimeMs } = fs.statSync(file);
        hash.update(path.relative(root, file) + ':' + size + ':' + mtimeMs + '\n');
      }
    }
  };
  for (const folder of ['libs', 'ecosystems', 'services', 'cli', 'console', 'deploy/embedded'])
    visit(path.join(root, folder));
  for (const file of ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json'])
    hash.update(fs.readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

async function build() {
  const stampFile = path.join(stateFolder, 'build.stamp');
  const products = ['deploy/embedded/dist/main.js', 'cli/dist/main.js', 'console/dist/index.html'].map(
    (file) => path.join(root, file),
  );
  const stamp = sourceStamp();
  const built = fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stamp;
  if (built && products.every((file) => fs.existsSync(file))) return;
  await compile(root);
  await prepare();
  await bundleConsole();
  fs.writeFileSync(stampFile, stamp);
}

/** Makes of the license texts what each scanning process would else make at its start. */
async function prepare() {
  await runStep(
    'Preparing the license texts',
    [process.execPath, path.join(root, 'libs/licenses/dist/prepare.js')],
    'prepare.log',
    'Delete node_modules and libs/licenses/dist, then start again.',
  );
}

/** Makes the files that browsers load. */
async function bundleConsole() {
  const bundler = path.join(root, 'node_modules/vite/bin/vite.js');
  await runStep(
    'Building the console',
    [process.execPath, bundler, 'build', path.join(root, 'console')],
    'console.log',
    'Correct what is named, then start again.',
  );
}

/** Takes a second when nothing has changed. */
async function compile(project) {
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  await runStep(
    'Building',
    [process.execPath, compiler, '-b', project],
    'build.log',
    'Correct what the compiler names, then start again.',
  );
}

/** Runs one long step with its output in a log; says that it lives, and shows the end of the log when it fails. */
async function runStep(title, command, logName, remedy) {
  const log = path.join(logFolder, logName);
  const output = fs.openSync(log, 'w');
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000) + ' s';
  say(title + ' …');
  const timer = setInterval(() => say('  still at it after ' + seconds()), 15000);
  const code = await new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), { cwd: root, stdio: ['ignore', output, output] });
    child.on('error', (error) => {
      fs.writeSync(output, String(error) + '\n');
      resolve(1);
    });
    child.on('exit', (exitCode, signal) => resolve(signal ? 1 : exitCode));
  });
  clearInterval(timer);
  fs.closeSync(output);
  if (code === 0) return say('  done in ' + seconds());
  say(fs.readFileSync(log, 'utf8').trim().split('\n').slice(-20).join('\n'));
  giveUp(
    title.toLowerCase() + ' failed; the whole output is in ' + path.relative(process.cwd(), log) + '.',
    remedy,
  );
}

/** Settings in .env; the environment takes precedence. Tests must not depend on it. */
function loadSettings() {
  const file = path.join(root, '.env');
  if (fs.existsSync(file)) process.loadEnvFile(file);
}

/** Runs the tests, a benchmark or the faults as a child, so that they end as they end. */
async function runTool(name, args) {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  if (name !== 'test') await withSetupLock(() => compile(path.join(root, name)));
  const program = name === 'test' ? [vitest, 'run'] : [path.join(root, name, 'dist/run.js')];
  // Ctrl-C reaches it as well; it stops its servers, and we wait for it.
  process.on('SIGINT', () => {});
  const { status } = spawnSync(process.execPath, [...program, ...args], { cwd: root, stdio: 'inherit' });
  process.exitCode = status === null ? 1 : status;
}

const tools = ['test', 'bench', 'chaos'];

async function main() {
  const [command = '--help', ...args] = process.argv.slice(2);
  checkNode();
  checkFolder();
  await withSetupLock(async () => {
    await install();
    await build();
  });
  if (tools.includes(command)) return runTool(command, args);
  loadSettings();
  return command === 'up' ? await runStack(args) : await runCli(command, args);
}

async function runStack(args) {
  const { runUp } = await import(pathToFileURL(path.join(root, 'deploy/embedded/dist/main.js')).href);
  await runUp(args);
}

/** The CLI reads its arguments as if it had been started itself, in the folder where the person is. */
async function runCli(command, args) {
  // npm runs scripts in the folder of their package.json, and says where it was called.
  if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
  const program = path.join(root, 'cli/dist/main.js');
  process.argv = [process.argv[0], program, command, ...args];
  await import(pathToFileURL(program).href);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
