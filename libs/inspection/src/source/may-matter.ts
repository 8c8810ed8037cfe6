/**
 * Words without which none of the rules over the syntax tree can fire: the capabilities themselves, and the ways of
 * getting at them without naming them.
 */
const capability =
  /child_process|node-pty|\b(?:write|append|copy|output)File|createWriteStream|\bunlink|\bsymlink|__filename|\)\s*\(\s*require\s*\(\s*['"]\.|\brename(?:Sync)?\s*\(|data:(?:text|application)\/|\bimport\s*\(\s*['"]https?:|key-listener|keylogger|iohook|screenshot|clipboard|execa|shelljs|cross-spawn|\beval\b|\bFunction\s*\(|runIn(?:This|New)Context|_compile\b|process\b.{0,4}\benv|\bfetch\b|\baxios\b|\bgot\b|\brequest\b|needle|sendBeacon|XMLHttpRequest|WebSocket|['"`](?:node:)?(?:https?|http2|net|tls|dgram|dns|vm|module)['"`/]|\.ssh|\.npmrc|webhook|169\.254|\bhomedir\b|USERPROFILE|\bethereum\b|addEventListener/;
const disguise =
  /_0x[0-9a-f]{4}|(?:\\x[2-7][0-9a-f]){8}|(?:\\u00[2-7][0-9a-f]){6}|fromCharCode|fromCodePoint|\batob\b|['"`](?:base64|hex)['"`]|\brequire\s*\(\s*[^'"`\s)]|\brequire\s*\[|\bimport\s*\(\s*[^'"`\s)/]|(?:globalThis|global|process|module|window)\s*\[\s*[^'"`\s\]]|mainModule|createRequire|\.constructor\s*\.\s*constructor|\[\s*['"]constructor['"]\s*\]/;

/** Whether it is worth the time to parse a JavaScript file; parsing is some fifty times slower than this question. */
export function mayMatter(text: string): boolean {
  return capability.test(text) || disguise.test(text);
}
