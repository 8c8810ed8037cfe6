import type { PypiPackageRule } from '../contents.ts';

/** Lines that the interpreter runs. Source: Python's documentation of the module `site`. */
const codeLine = /^import[ \t][^\n]*/gm;
/** A line that setuptools writes for packages of a namespace, and that of its own switch to its copy of distutils. */
const usual = [
  /^import sys,\s*types,\s*os;\s*has_mfs = sys\.version_info > \(3, 5\);p = os\.path\.join\(sys\._getframe\(1\)\.f_locals\['sitedir'\], \*\([^()]{1,200}\)\);importlib = has_mfs and __import__\('importlib\.util'\);has_mfs and __import__\('importlib\.machinery'\);m = has_mfs and sys\.modules\.setdefault\('[\w.]{1,200}', importlib\.util\.module_from_spec\(importlib\.machinery\.PathFinder\.find_spec\('[\w.]{1,200}', \[os\.path\.dirname\(p\)\]\)\)\);m = m or sys\.modules\.setdefault\('[\w.]{1,200}', types\.ModuleType\('[\w.]{1,200}'\)\);mp = \(m or \[\]\) and m\.__dict__\.setdefault\('__path__',\[\]\);\(p not in mp\) and mp\.append\(p\)(?:;m and setattr\(sys\.modules\['[\w.]{1,200}'\], '\w{1,200}', m\))?\s*$/,
  /^import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os\.environ\.get\(var, 'local'\) == 'local'; enabled and __import__\('_distutils_hack'\)\.add_shim\(\);?\s*$/,
];
/** Beyond a start of the tool's own module; a measuring tool has one in a text that it runs. */
const threat =
  /base64|b64decode|subprocess|os\.system|popen|urllib|requests|socket|marshal|zlib|codecs|fromhex|\bchr\s*\(|\\x[0-9a-f]{2}\\x/i;

export const pathFile: PypiPackageRule = {
  id: 'malware.path-file',
  title: 'Runs code whenever Python starts',
  severity: 'high',
  tier: 'review',
  why: 'The interpreter runs lines of a .pth file that begin with import, at each start and for any program, without the package being used. Few tools need that, and none needs more than to import a module of its own there.',
  *check({ pathFiles }) {
    for (const [file, text] of pathFiles) {
      if (text === null) {
        yield { file, title: 'A file that the interpreter reads at each start is no text' };
        continue;
      }
      for (const [line] of text.matchAll(codeLine)) {
        if (usual.some((pattern) => pattern.test(line))) continue;
        yield {
          file,
          excerpt: line.slice(0, 200),
          ...(threat.test(line) ? { tier: 'block' as const, severity: 'critical' as const } : {}),
        };
        break;
      }
    }
  },
};
