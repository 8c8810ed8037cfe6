const words = (text: string) => new Set(text.trim().split(/\s+/));

/** Programs that print or answer, with any arguments. */
export const printing = words(
  'echo printf true false : test [ [[ cd pwd exit pkg-config pkgconf uname arch which where cut tr head tail sort uniq wc grep egrep fgrep readelf c++filt sw_vers xcode-select xcrun getconf dirname basename ls realpath readlink',
);
/**
 * Whether a program only tells something of the machine with these arguments: `ldd` loads the file that it is asked about, and
 * `sysctl` sets what it is given a value for.
 */
export function isQuestion(name: string, args: readonly string[]): boolean {
  if (name === 'ldd') return args.length === 1 && args[0] === '--version';
  return name === 'sysctl' && args.every((word) => /^-[nie]+$|^[a-z][\w.]*$/.test(word));
}

/** Programs of a build, which turn source files of the package into machine code. */
export const compilers = words('ml ml64 armasm armasm64 nasm yasm as cc gcc clang cl ar ranlib');
/** `krb5-config`, `pg_config`: print the build options of a library. */
export const configuration = /^[\w.+]+(?:[-_][\w.+]+)*[-_]config$/;
/** Programs that place files; only below the package and the build folder. */
export const placing = words('cp copy mkdir touch ln install_name_tool strip lipo dsymutil');
/** Programs that move or remove files; as harmless as placing them where nothing reads their output. */
export const removing = words('rm rmdir del rd mv move chmod mkdirp rimraf cat type sleep cls clear');
/**
 * Programs of other packages that hooks of honest packages run: they build or fetch the package's own addon, or print.
 * Each is assessed for itself; their settings are fields of package.json or gyp files, which are read too.
 */
export const packageTools = words(
  `node-gyp node-gyp-build node-gyp-build-optional-packages node-pre-gyp prebuild-install pkg-prebuilds-verify
   napi-postinstall cmake-js husky patch-package is-ci in-publish not-in-publish in-install not-in-install only-allow
   opencollective opencollective-postinstall simple-git-hooks ngcc`,
);
/** Programs that start the program behind their options and assignments. */
export const wrappers = words(
  'call exec env command builtin nohup sudo time nice start cross-env cross-env-shell shx busybox',
);
export const nodes = words('node nodejs bun deno tsx ts-node babel-node');
export const shells = words('sh bash zsh dash ksh ash');
/** Interpreters with the option that is followed by code. */
export const interpreters = new Map<string, RegExp>([
  ['python', /^-[A-Za-z]*c$/],
  ['perl', /^-[a-z]*[eE]$/],
  ['ruby', /^-[a-z]*e$/],
  ['php', /^-r$/],
  ['osascript', /^-e$/],
  ['lua', /^-e$/],
]);
/** Programs that send to or fetch from other machines. */
export const network = words(
  `curl wget wget2 aria2c http https xh lynx nc ncat netcat socat telnet ftp tftp sftp scp ssh rsync invoke-webrequest
   invoke-restmethod iwr irm certutil bitsadmin start-bitstransfer git svn hg gh aws gsutil rclone openssl mail sendmail`,
);
/** Programs that look up a name: its labels reach the attacker's name server. */
export const lookups = words('nslookup dig host ping ping6 getent drill resolve-dnsname traceroute');
/** Variables that change which programs or code other programs run. */
export const steering =
  /^(?:PATH|NODE_OPTIONS|NODE_PATH|LD_\w+|DYLD_\w+|PYTHON\w*|PERL5\w+|RUBY\w+|BASH_ENV|ENV|IFS|GIT_\w+|npm_config_\w+)$/i;

/** The name of a program without its folder and the endings of Windows. */
export function programName(word: string): string {
  const base = word.replaceAll('\\', '/').replace(/^.*\//, '');
  return base.replace(/\.(?:exe|cmd|bat|com)$/i, '').toLowerCase();
}

/** `python` for `python3.11`. */
export function interpreterName(word: string): string {
  return programName(word).replace(/(?<=^(?:python|perl|ruby|php|lua))[\d.]+$/, '');
}
